"""From publishers' figures to an analysis sample: sources, countries, variables, panel, sample."""
