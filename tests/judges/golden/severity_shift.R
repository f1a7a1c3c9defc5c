# What R says of severity_shift.csv (from severity_shift_data.py): severity_shift.json.
#
#   cd tests/judges/golden && Rscript --vanilla severity_shift.R
#
# Debian 12: apt-get install r-base-core r-cran-clubsandwich r-cran-jsonlite.
# Given which two categories a pair of votes has, "the harsher one is the later" is a logistic regression without
# intercept on the step between them (Agresti 1993). The clustered variance is CR2.

suppressPackageStartupMessages({ library(clubSandwich); library(jsonlite) })

data <- read.csv("severity_shift.csv")
pairs <- data[data$then != data$now, ]
pairs$step <- abs(pairs$then - pairs$now)
pairs$harsher <- as.numeric(pairs$now < pairs$then)
fit <- glm(harsher ~ 0 + step, family = binomial, data = pairs, control = glm.control(epsilon = 1e-14))

write_json(list(
  r = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich")),
  estimate = unname(coef(fit)), se = sqrt(vcov(fit)[1, 1]),
  se_clustered = sqrt(vcovCR(fit, cluster = pairs$transcript, type = "CR2")[1, 1])
), "severity_shift.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
