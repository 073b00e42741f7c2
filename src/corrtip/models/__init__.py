"""Cumulative link models: arrays and formulas in, records out; no country and no column name of ours."""
