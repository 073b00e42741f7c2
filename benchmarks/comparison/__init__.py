"""The hard cases of ordinal regression through statsmodels, R and corrtip, each answer judged by a rule in code."""
