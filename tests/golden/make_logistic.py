#!/usr/bin/python3
"""statsmodels' logistic regressions, coefficients and standard errors: tests/golden/logistic.tsv. Cases: an intercept
and a slope; two columns; an offset alone (calibration in the large); weights; a ridge on all but the intercept (by
Newton's method in float64, since statsmodels has none with a centre).

Rerun: /usr/bin/python3 tests/golden/make_logistic.py (python3-statsmodels; made with 0.13.5)
"""
import os

import numpy as np
import statsmodels.api as sm

HERE = os.path.dirname(os.path.abspath(__file__))


def scramble(count, seed):
    """The numbers that the test makes, too: a multiplicative hash of the index, 0 to 255."""
    h = (np.arange(count, dtype=np.uint64) + seed * 1000003) * 2654435761 % 2**32
    h = (h ^ (h >> np.uint64(15))) * 2246822519 % 2**32
    return (h >> np.uint64(24)).astype(np.int64)


def rows(count):
    x = np.stack([np.ones(count), scramble(count, 1) / 64 - 2, scramble(count, 2) / 128 - 1], 1)
    y = (scramble(count, 3) / 255 < 1 / (1 + np.exp(-.3 - .9 * x[:, 1] + .5 * x[:, 2]))).astype(float)
    return x, y


def ridged(x, y, ridge, centre):
    b = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ b))
        h = x.T @ (x * (p * (1 - p))[:, None]) + np.diag(ridge)
        b = b + np.linalg.solve(h, x.T @ (y - p) - ridge * (b - centre))
    return b, np.sqrt(np.diag(np.linalg.inv(h)))


def main():
    lines = []
    for count in 40, 301:
        x, y = rows(count)
        offset, weight = scramble(count, 4) / 100 - 1, scramble(count, 5) % 3 + .5
        family = sm.families.Binomial()

        def fit(columns, **kind):
            result = sm.GLM(y, x[:, :columns], family=family, **kind).fit(tol=1e-14, maxiter=100)
            return result.params, result.bse

        ridge, centre = np.array([0, 5., 2.]), np.array([0, .7, -.1])
        for name, size, (b, se) in (("slope", 2, fit(2)), ("two", 3, fit(3)), ("offset", 1, fit(1, offset=offset)),
                                    ("weight", 2, fit(2, freq_weights=weight)), ("ridge", 3, ridged(x, y, ridge, centre))):
            for j in range(size):
                lines.append((name, count, size, j, f"{b[j]:.15g}", f"{se[j]:.15g}"))
    with open(f"{HERE}/logistic.tsv", "w") as file:
        print("case", "count", "size", "column", "coefficient", "error", sep="\t", file=file)
        for line in lines:
            print(*line, sep="\t", file=file)


main()
