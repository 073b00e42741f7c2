"""What was published, and whether the figures bear it out: one TOML per study, and the tests of its claims."""
