# Fits the cases that cases.tsv lists with ordinal::clm and MASS::polr, and writes what each said to answers.tsv.
# Rscript programs.R FOLDER
suppressPackageStartupMessages({
  library(MASS)
  library(ordinal)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
options(warn = 1, digits = 17)
cases <- read.delim(file.path(folder, "cases.tsv"), colClasses = "character", quote = "")
answers <- list()

put <- function(case, program, kind, term, value) {
  value <- gsub("[\t\n]+", " ", value)
  answers[[length(answers) + 1]] <<- data.frame(case = case, program = program, kind = kind, term = term, value = value)
}

fitters <- list(
  "R ordinal::clm" = function(formula, data, link) {
    model <- clm(formula, data = data, link = link, weights = case_weight)
    list(model = model, table = coef(summary(model)), names = names(coef(model)))
  },
  "R MASS::polr" = function(formula, data, link) {
    method <- if (link == "logit") "logistic" else link
    model <- polr(formula, data = data, method = method, weights = case_weight, Hess = TRUE)
    table <- coef(summary(model))
    list(model = model, table = table, names = rownames(table))
  }
)

for (program in names(fitters)) for (row in seq_len(nrow(cases))) {
  case <- cases[row, ]
  data <- read.csv(file.path(folder, paste0(case$id, ".csv")), colClasses = c(y = "character"))
  if (nzchar(case$levels)) data$y <- factor(data$y, levels = strsplit(case$levels, " ")[[1]], ordered = TRUE)
  # A column, because model.frame looks weights up in the data.
  data$case_weight <- if (case$weighted == "True") data$w else rep(1, nrow(data))
  put(case$id, program, "asked", "", "")
  tryCatch(withCallingHandlers({
    fit <- fitters[[program]](as.formula(case$formula), data, case$link)
    if (nzchar(case$new)) {
      new <- read.csv(file.path(folder, case$new))
      type <- if (program == "R MASS::polr") "probs" else "prob"
      probability <- unlist(predict(fit$model, newdata = new, type = type))[1]
      put(case$id, program, "estimate", "probability", sprintf("%.17g", probability))
      put(case$id, program, "error", "probability", "0")
    } else {
      for (term in rownames(fit$table)) {
        put(case$id, program, "estimate", term, sprintf("%.17g", fit$table[term, 1]))
        put(case$id, program, "error", term, sprintf("%.17g", fit$table[term, 2]))
      }
      if (!is.null(fit$model$na.action)) put(case$id, program, "warning", "", naprint(fit$model$na.action))
    }
  }, warning = function(w) {
    put(case$id, program, "warning", "", conditionMessage(w))
    invokeRestart("muffleWarning")
  }, message = function(m) {
    put(case$id, program, "warning", "", conditionMessage(m))
    invokeRestart("muffleMessage")
  }), error = function(e) put(case$id, program, "stop", "", conditionMessage(e)))
}
put("", "R", "version", "R", paste(R.version$major, R.version$minor, sep = "."))
for (package in c("ordinal", "MASS")) put("", "R", "version", package, as.character(packageVersion(package)))
write.table(do.call(rbind, answers), file.path(folder, "answers.tsv"), sep = "\t", row.names = FALSE, quote = FALSE)
