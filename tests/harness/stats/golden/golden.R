# What R says of paired 2 x 2 tables and of two-way clustered variances: paired_binary.json, twoway.json.
#
#   cd tests/harness/stats/golden && Rscript --vanilla golden.R
#
# Debian 12: apt-get install r-base-core r-cran-jsonlite r-cran-sandwich r-cran-clubsandwich. The versions are in each
# result. Wilson limits are prop.test's, mid-p is a sum of dbinom, and Tango's interval is found the long way: the
# restricted maximum likelihood estimate as a root of the score of the multinomial, not from Tango's closed form.

suppressPackageStartupMessages({ library(jsonlite); library(sandwich); library(clubSandwich) })
versions <- function(packages)
  c(r = R.version.string, sapply(packages, function(name) as.character(packageVersion(name))))
write <- function(path, result) write_json(result, path, auto_unbox = TRUE, digits = NA, pretty = TRUE)

mid_p <- function(b, c) {
  if (b == c) return(1)
  x <- 0:(b + c)
  mass <- dbinom(x, b + c, 0.5)
  2 * sum(mass[x < min(b, c)]) + mass[x == min(b, c)]
}

wilson <- function(x, n, level) suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE)$conf.int[1:2])

newcombe <- function(e, b, c, f, level) {
  n <- e + b + c + f
  first <- wilson(e + b, n, level)
  second <- wilson(e + c, n, level)
  a <- (e + b) / n
  p <- (e + c) / n
  k <- det(matrix(c(e, b, c, f), 2))
  if (k > 0) k <- max(k - n / 2, 0)
  margins <- prod(e + b, c + f, e + c, b + f)
  phi <- if (margins == 0) 0 else k / sqrt(margins)
  down <- c(a - first[1], second[2] - p)
  up <- c(first[2] - a, p - second[1])
  form <- matrix(c(1, -phi, -phi, 1), 2)
  a - p + c(-1, 1) * sqrt(c(down %*% form %*% down, up %*% form %*% up))
}

# Z of the score test that p10 - p01 = x, p01 from the root of the derivative of the log-likelihood.
score <- function(e, b, c, f, x) {
  n <- e + b + c + f
  slope <- function(q) {
    term <- function(count, p) if (count == 0) 0 else count / p
    term(b, q + x) + term(c, q) - 2 * term(e + f, 1 - 2 * q - x)
  }
  least <- max(0, -x)
  most <- (1 - x) / 2
  room <- (most - least) * 1e-13
  q <- if (slope(least + room) <= 0) least
       else if (slope(most - room) >= 0) most
       else uniroot(slope, c(least + room, most - room), tol = 1e-15, maxiter = 10000)$root
  (b - c - n * x) / sqrt(n * (2 * q + x * (1 - x)))
}

tango <- function(e, b, c, f, level) {
  z <- qnorm((1 + level) / 2)
  centre <- (b - c) / (e + b + c + f)
  end <- function(from, to, value) uniroot(function(x) score(e, b, c, f, x) - value, c(from, to), tol = 1e-13)$root
  near <- 1e-7
  c(if (centre == -1) -1 else end(-1 + near, centre - near, z), if (centre == 1) 1 else end(centre + near, 1 - near, -z))
}

tables <- list(
  c(10, 0, 0, 0), c(50, 0, 0, 0), c(5, 0, 0, 5), c(1, 1, 7, 12), c(20, 12, 2, 16), c(53, 16, 8, 9), c(43, 0, 1, 0),
  c(40, 1, 0, 9), c(2, 7, 5, 3), c(150, 30, 12, 8), c(0, 6, 9, 0), c(3, 10, 0, 2), c(900, 40, 40, 20), c(1, 0, 0, 0)
)
margins <- c(-0.1, -0.015, 0.015, 0.2)
cases <- lapply(tables, function(t) {
  e <- t[1]; b <- t[2]; c <- t[3]; f <- t[4]
  list(
    counts = t, mid_p = mid_p(b, c),
    newcombe_95 = newcombe(e, b, c, f, 0.95), newcombe_90 = newcombe(e, b, c, f, 0.90),
    tango_95 = tango(e, b, c, f, 0.95), tango_90 = tango(e, b, c, f, 0.90),
    margins = margins, less = sapply(margins, function(m) pnorm(score(e, b, c, f, m)))
  )
})
write("paired_binary.json", list(versions = as.list(versions("stats")), cases = cases))

# Scores of 12 items (in 5 clusters) by 4 judges; the second table has holes.
set.seed(20261122)
cells <- expand.grid(item = 1:12, judge = 1:4)
cells$cluster <- c(1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5, 5)[cells$item]
cells$y <- round(rnorm(12)[cells$item] + 0.5 * rnorm(4)[cells$judge] + 0.4 * rnorm(48), 3)
holes <- cells[-c(3, 4, 17, 30, 31, 32, 48), ]
one <- function(data, cluster) as.numeric(vcovCR(lm(y ~ 1, data = data), cluster = cluster, type = "CR2"))
whole <- lm(y ~ 1, data = cells)
write("twoway.json", list(
  versions = as.list(versions(c("sandwich", "clubSandwich"))),
  y = matrix(cells$y, 12, 4), cluster = cells$cluster[1:12], holes = c(3, 4, 17, 30, 31, 32, 48),
  # without holes and clusters of one item CR2 is HC0 with the factor G / (G - 1), which sandwich applies to each way
  sandwich_items = as.numeric(vcovCL(whole, cluster = ~ item + judge, type = "HC0", cadjust = TRUE, multi0 = FALSE)),
  cr2 = lapply(list(whole = cells, holes = holes), function(data) list(
    estimate = mean(data$y),
    by_item = one(data, data$cluster), by_judge = one(data, data$judge),
    by_cell = one(data, interaction(data$cluster, data$judge, drop = TRUE))
  ))
))
