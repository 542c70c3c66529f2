#!/usr/bin/Rscript
# R survival's Cox regressions with a ridge, Efron's partial likelihood and Breslow's baseline, of times of which
# many are tied: tests/golden/cox.tsv. The numbers are those of make_ridge.py's hash, of the element's place.
#
# Rerun: Rscript tests/golden/make_cox.R (r-cran-survival; made with 3.5.3)
library(survival)
arguments <- commandArgs(FALSE)
here <- dirname(sub("^--file=", "", arguments[grep("^--file=", arguments)]))

times <- function(h, by) { # modulo 2^32, in halves, that no product is too large for a double
	low <- h %% 65536
	(((h - low) / 65536 * by) %% 65536 * 65536 + low * by) %% 2^32
}
scramble <- function(count, seed) {
	h <- times((0:(count - 1) + seed * 1000003) %% 2^32, 2654435761)
	high <- floor(h / 32768)
	bits <- bitwXor(h %% 65536, high %% 65536) + 65536 * bitwXor(floor(h / 65536), floor(high / 65536))
	floor(times(bits, 2246822519) / 2^24)
}

lines <- c("count\tsize\tridge\twhat\tat\tvalue")
note <- function(count, size, ridge, what, at, value)
	lines <<- c(lines, sprintf("%d\t%d\t%g\t%s\t%g\t%.13g", count, size, ridge, what, at, value))
for (shape in list(c(40, 6), c(30, 100), c(200, 50))) {
	count <- shape[1]
	size <- shape[2]
	x <- matrix(scramble(count * size, 1) / 64 - 2, count, size, byrow = TRUE)
	time <- floor(scramble(count, 5) / 16) + floor(2 * (2 - x[, 1]))
	y <- Surv(time, scramble(count, 6) < 160)
	start <- rep(0, size)
	for (theta in c(1000, 10, 1, .3)) { # each from the last: from 0 R finds none of 0.3 and 100 columns
		fit <- coxph(y ~ ridge(x, theta = theta, scale = FALSE), ties = "efron", init = start,
			control = coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 200))
		stopifnot(fit$iter[2] < 200)
		start <- coef(fit)
		for (column in c(1, 2, size))
			note(count, size, theta, "coefficient", column, coef(fit)[column])
	}
	eta <- x[, 1] + x[, 2] / 2
	for (by in c(0, 1, 8)) { # times eta
		z <- by * eta
		fit <- coxph(y ~ z, init = 1, ties = "efron", control = coxph.control(iter.max = 0))
		note(count, size, 0, "loss", by, -fit$loglik[1])
	}
	fit <- coxph(y ~ eta, init = 1, ties = "breslow", control = coxph.control(iter.max = 0))
	hazard <- basehaz(fit, centered = FALSE)
	for (at in c(1, 4.5, 7, 12, 30))
		note(count, size, 0, "hazard", at, c(0, hazard$hazard)[findInterval(at, hazard$time) + 1])
}
writeLines(lines, file.path(here, "cox.tsv"))
