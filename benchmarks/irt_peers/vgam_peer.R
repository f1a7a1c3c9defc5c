# R VGAM, adjacent categories, the same model as ours with every parameter fixed (no random effects).
#
#   Rscript --vanilla benchmarks/irt_peers/vgam_peer.R RATINGS.csv RESULT.json [RUNS]
#
# Files: exchange.py, CSV only (R has no Parquet reader here). Needs the packages VGAM and jsonlite. One thread.
# It builds dense matrices of N (K-1) rows and a column per parameter: infeasible above about 1e4 ratings.
# Measures are in our notation: eta = ability - difficulty - severity, log P_k / P_{k-1} = eta - tau_k; difficulties,
# severities and thresholds have mean 0.

suppressPackageStartupMessages({ library(VGAM); library(jsonlite) })

memory <- function(field) {
  lines <- readLines("/proc/self/status")
  as.numeric(gsub("[^0-9]", "", grep(paste0("^", field, ":"), lines, value = TRUE))) / 1024
}

with_last <- function(part) c(part, -sum(part))  # contr.sum: the last level is minus the sum of the others

given <- commandArgs(trailingOnly = TRUE)
runs <- if (length(given) > 2) as.integer(given[3]) else 1L
options(contrasts = c("contr.sum", "contr.poly"))
table <- read.csv(given[1], stringsAsFactors = FALSE)
data <- data.frame(y = ordered(table$score), m = factor(table$model), i = factor(table$item), j = factor(table$judge))
judged <- nlevels(data$j) > 1
formula <- if (judged) y ~ m + i + j else y ~ m + i

before <- memory("VmRSS")
seconds <- processor <- numeric(runs)
for (run in seq_len(runs)) {
  start <- proc.time()
  fit <- vglm(formula, acat(reverse = FALSE, parallel = TRUE), data = data)
  taken <- proc.time() - start
  seconds[run] <- taken[["elapsed"]]
  processor[run] <- taken[["user.self"]] + taken[["sys.self"]]
}

beta <- coef(fit)
intercepts <- beta[grepl("^\\(Intercept\\)", names(beta))]
level <- function(prefix) with_last(beta[grepl(paste0("^", prefix, "[0-9]+$"), names(beta))])
named <- function(values, labels) as.list(setNames(as.numeric(values), labels))
write_json(list(
  peer = "VGAM", version = as.character(packageVersion("VGAM")), r = R.version.string,
  options = list(), threads = Sys.getenv("OMP_NUM_THREADS"), ratings = nrow(data), seconds = I(seconds), processor_seconds = I(processor), before_mib = before, peak_mib = memory("VmHWM"),
  abilities = named(level("m") + mean(intercepts), levels(data$m)),
  difficulties = named(-level("i"), levels(data$i)),
  severities = if (judged) named(-level("j"), levels(data$j)) else NULL,
  thresholds = named(mean(intercepts) - intercepts, seq_along(intercepts)),
  log_likelihood = as.numeric(logLik(fit)), iterations = fit@iter, parameters = length(beta)
), given[2], auto_unbox = TRUE, digits = NA, null = "null", pretty = TRUE)
