#!/usr/bin/python3
"""scikit-learn's regressions with an L2 penalty, more columns than rows and fewer: logistic ones in
tests/golden/ridge.tsv, those of squares in ridge.squares.tsv.
The numbers are those of make_logistic.py's hash, of the element's place.

Rerun: /usr/bin/python3 tests/golden/make_ridge.py (python3-sklearn; made with 1.2.1)
"""
import os

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

HERE = os.path.dirname(os.path.abspath(__file__))


def scramble(count, seed):
    h = (np.arange(count, dtype=np.uint64) + seed * 1000003) * 2654435761 % 2**32
    h = (h ^ (h >> np.uint64(15))) * 2246822519 % 2**32
    return (h >> np.uint64(24)).astype(np.int64)


def write(name, label, fit):
    with open(f"{HERE}/{name}", "w") as file:
        print("count", "size", "ridge", "column", "coefficient", sep="\t", file=file)
        for count, size in (40, 6), (30, 100), (200, 50):
            x = (scramble(count * size, 1) / 64 - 2).reshape(count, size)
            y = label(x, scramble(count, 3) / 255)
            for ridge in .1, 10, 1000:
                intercept, coefficients = fit(x, y, ridge)
                for column, value in [(0, intercept)] + [(j + 1, coefficients[j]) for j in (0, 1, size - 1)]:
                    print(count, size, ridge, column, f"{value:.12g}", sep="\t", file=file)


def fit_logistic(x, y, ridge):
    model = LogisticRegression(C=1 / ridge, solver="newton-cg", tol=1e-10, max_iter=10000).fit(x, y)
    return model.intercept_[0], model.coef_[0]


def fit_squares(x, y, ridge):
    model = Ridge(alpha=ridge, solver="cholesky").fit(x, y)
    return model.intercept_, model.coef_


write("ridge.tsv", lambda x, noise: (noise < 1 / (1 + np.exp(-.5 - .9 * x[:, 0] + .5 * x[:, 1]))).astype(int), fit_logistic)
write("ridge.squares.tsv", lambda x, noise: 3 * noise + x[:, 0] - x[:, 1] / 2, fit_squares)
