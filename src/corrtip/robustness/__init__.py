"""Does the answer survive? Resampling, importance of predictors, subsets of controls."""
