#!/usr/bin/python3
"""scikit-learn's logistic regressions with an L2 penalty, more columns than rows and fewer: tests/golden/ridge.tsv.
The numbers are those of make_logistic.py's hash, of the element's place.

Rerun: /usr/bin/python3 tests/golden/make_ridge.py (python3-sklearn; made with 1.2.1)
"""
import os

import numpy as np
from sklearn.linear_model import LogisticRegression

HERE = os.path.dirname(os.path.abspath(__file__))


def scramble(count, seed):
    h = (np.arange(count, dtype=np.uint64) + seed * 1000003) * 2654435761 % 2**32
    h = (h ^ (h >> np.uint64(15))) * 2246822519 % 2**32
    return (h >> np.uint64(24)).astype(np.int64)


def main():
    with open(f"{HERE}/ridge.tsv", "w") as file:
        print("count", "size", "ridge", "column", "coefficient", sep="\t", file=file)
        for count, size in (40, 6), (30, 100), (200, 50):
            x = (scramble(count * size, 1) / 64 - 2).reshape(count, size)
            y = (scramble(count, 3) / 255 < 1 / (1 + np.exp(-.5 - .9 * x[:, 0] + .5 * x[:, 1]))).astype(int)
            for ridge in .1, 10, 1000:
                model = LogisticRegression(C=1 / ridge, solver="newton-cg", tol=1e-10, max_iter=10000).fit(x, y)
                for column, value in [(0, model.intercept_[0])] + [(j + 1, model.coef_[0, j]) for j in (0, 1, size - 1)]:
                    print(count, size, ridge, column, f"{value:.12g}", sep="\t", file=file)


main()
