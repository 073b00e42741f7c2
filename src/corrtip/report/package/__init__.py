"""An archive for replication: what goes into it, the README that leads through it, and its bytes."""
