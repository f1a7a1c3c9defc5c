# What R says of ordinal.csv and binary.csv: vglm_common.json, vglm_by_judge.json, glmer.json.
#
#   cd tests/judges/irt/golden && Rscript --vanilla golden.R
#
# Debian 12: apt-get install r-base-core r-cran-vgam r-cran-lme4 r-cran-jsonlite. The versions are in each result.
# Everything is given twice: as R names it (`coefficients`, `errors`), and in our notation (`measures`, `thresholds`),
#   eta = theta_model - delta_item - severity_judge,  log P_k / P_{k-1} = eta - tau_k,
# where items, judges and thresholds (each judge's, in vglm_by_judge) have mean 0. Errors are full standard errors: the
# roots of the diagonal of L V L', V the covariance of the coefficients and L the linear map from them.
#
# VGAM warns of half steps: at the maximum there is nothing left to gain. README.md says how its results were checked.

suppressPackageStartupMessages({ library(VGAM); library(lme4); library(jsonlite) })
options(contrasts = c("contr.sum", "contr.poly"))  # effects sum to zero; the last level is minus the sum of the others

versions <- function(package)
  list(r = R.version.string, package = package, version = as.character(packageVersion(package)))
write <- function(path, result) write_json(result, path, auto_unbox = TRUE, digits = NA, pretty = TRUE)
rows <- function(facet, labels, map, beta, v) data.frame(
  facet = facet, label = labels, measure = as.numeric(map %*% beta), se = sqrt(diag(map %*% v %*% t(map)))
)

# L of a factor's effects: one row per level, from the columns `prefix`1 .. `prefix`(n-1) of the coefficients.
effects <- function(beta, prefix, levels) {
  map <- matrix(0, levels, length(beta), dimnames = list(NULL, names(beta)))
  map[, paste0(prefix, seq_len(levels - 1))] <- contr.sum(levels)
  map
}

read <- function(path) {
  table <- read.csv(path, stringsAsFactors = FALSE)
  data.frame(y = table$score, m = factor(table$model), i = factor(table$item), j = factor(table$judge))
}

ordinal <- function(path, parallel) {
  data <- read("ordinal.csv")
  fit <- vglm(ordered(y) ~ m + i + j, acat(reverse = FALSE, parallel = parallel), data = data,
              control = vglm.control(epsilon = 1e-8, maxit = 100))
  beta <- coef(fit)
  v <- vcov(fit)
  steps <- max(data$y)
  judges <- nlevels(data$j)
  intercept <- matrix(0, steps, length(beta), dimnames = list(NULL, names(beta)))
  intercept[cbind(seq_len(steps), match(paste0("(Intercept):", seq_len(steps)), names(beta)))] <- 1
  centre <- diag(steps) - 1 / steps
  mean_row <- function(map) matrix(colMeans(map), 1)
  if (identical(parallel, TRUE)) {
    leniency <- effects(beta, "j", judges)
    tau <- rows("common", seq_len(steps), -centre %*% intercept, beta, v)
  } else {  # one leniency per judge and step: its mean over steps is the judge's, the rest moves the thresholds
    effect <- lapply(seq_len(judges), function(judge) t(sapply(seq_len(steps), function(k) {
      map <- setNames(numeric(length(beta)), names(beta))
      map[paste0("j", seq_len(judges - 1), ":", k)] <- contr.sum(judges)[judge, ]
      map
    })))
    leniency <- do.call(rbind, lapply(effect, mean_row))
    tau <- do.call(rbind, lapply(seq_len(judges), function(judge)
      rows(levels(data$j)[judge], seq_len(steps), -centre %*% (intercept + effect[[judge]]), beta, v)))
  }
  ability <- sweep(effects(beta, "m", nlevels(data$m)), 2, colMeans(intercept), "+")
  write(path, list(
    call = paste0("vglm(ordered(y) ~ m + i + j, acat(reverse = FALSE, parallel = ", deparse(parallel), "))"),
    versions = versions("VGAM"), log_likelihood = as.numeric(logLik(fit)),
    parameters = length(beta), iterations = fit@iter,
    coefficients = as.list(beta), errors = as.list(sqrt(diag(v))),
    measures = rbind(
      rows("model", levels(data$m), ability, beta, v),
      rows("item", levels(data$i), -effects(beta, "i", nlevels(data$i)), beta, v),
      rows("judge", levels(data$j), -leniency, beta, v)
    ),
    thresholds = setNames(tau, c("group", "category", "tau", "se"))
  ))
}

# Models ~ N(0, sigma^2), every item's location free, judges centred; 21 quadrature points per model. Errors are from
# the second derivatives in coefficients and sigma together (use.hessian = FALSE gives up to .006 less here).
binary <- function(path) {
  data <- read("binary.csv")
  fit <- glmer(y ~ 0 + i + j + (1 | m), data = data, family = binomial, nAGQ = 21,
               control = glmerControl("bobyqa", tolPwrss = 1e-12, optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))
  beta <- fixef(fit)
  items <- nlevels(data$i)
  item <- matrix(0, items, length(beta), dimnames = list(NULL, names(beta)))
  item[, seq_len(items)] <- diag(items)
  judge <- effects(beta, "j", nlevels(data$j))
  v <- as.matrix(vcov(fit, use.hessian = TRUE))
  write(path, list(
    call = "glmer(y ~ 0 + i + j + (1 | m), family = binomial, nAGQ = 21)", versions = versions("lme4"),
    log_likelihood = as.numeric(logLik(fit)), sigma = as.numeric(sqrt(VarCorr(fit)$m)),
    coefficients = as.list(beta), errors = as.list(sqrt(diag(v))),
    measures = rbind(rows("item", levels(data$i), -item, beta, v), rows("judge", levels(data$j), -judge, beta, v))
  ))
}

ordinal("vglm_common.json", TRUE)
ordinal("vglm_by_judge.json", FALSE ~ j)
binary("glmer.json")
