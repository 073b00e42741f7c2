# Time clm of R's package ordinal on resampled rows, covariance included.
#
#   Rscript bootstrap.R ROWS.csv REFITS
#
# ROWS.csv: y, then the columns. Prints the processor time of one refit in seconds.
suppressPackageStartupMessages(library(ordinal))
arguments <- commandArgs(trailingOnly = TRUE)
rows <- read.csv(arguments[1])
rows$y <- factor(rows$y, ordered = TRUE)
refits <- as.integer(arguments[2])
set.seed(1)
drawn <- lapply(seq_len(refits), function(i) sample(nrow(rows), replace = TRUE))
began <- proc.time()[["user.self"]]
for (draw in drawn) vcov(clm(y ~ ., data = rows[draw, ]))
cat((proc.time()[["user.self"]] - began) / refits)
