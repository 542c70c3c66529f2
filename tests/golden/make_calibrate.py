#!/usr/bin/python3
"""Calibration maps: tests/golden/calibrate.tsv. Platt's by statsmodels with his targets (a binomial GLM in float64), which
scikit-learn's _SigmoidCalibration must agree with to 1e-3; temperatures by scipy's minimize_scalar; maps drawn towards
that of all by Newton's method in float64.

Rerun: /usr/bin/python3 tests/golden/make_calibrate.py (python3-sklearn python3-statsmodels; made with 1.2.1, 0.13.5)
"""
import os

import numpy as np
import statsmodels.api as sm
from scipy.optimize import minimize_scalar
from sklearn.calibration import _SigmoidCalibration

HERE = os.path.dirname(os.path.abspath(__file__))


def scramble(count, seed):
    """The numbers that the test makes, too: a multiplicative hash of the index, 0 to 255."""
    h = (np.arange(count, dtype=np.uint64) + seed * 1000003) * 2654435761 % 2**32
    h = (h ^ (h >> np.uint64(15))) * 2246822519 % 2**32
    return (h >> np.uint64(24)).astype(np.int64)


def targets(y):
    return np.where(y == 1, ((y == 1).sum() + 1) / ((y == 1).sum() + 2), 1 / ((y == 0).sum() + 2))


def platt(z, y):
    b = sm.GLM(targets(y), np.stack([np.ones(len(z)), z], 1), family=sm.families.Binomial()).fit(tol=1e-14, maxiter=100).params
    other = _SigmoidCalibration().fit(z, y)  # 1 / (1 + exp(a z + b))
    assert abs(b[1] + other.a_) < 1e-3 and abs(b[0] + other.b_) < 1e-3
    return b


def temperature(z, y):
    def loss(a):
        return np.sum(np.logaddexp(0, a * z) - y * a * z)
    return 0, minimize_scalar(loss, bracket=(0, 1), tol=1e-12).x


def pulled(z, target, centre, ridge, columns):
    """Minimise the loss and ridge / 2 of the squared distance."""
    x, centre = np.stack([np.ones(len(z)), z], 1)[:, columns], np.array(centre)[columns]
    b = centre.copy()
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ b))
        h = x.T @ (x * (p * (1 - p))[:, None]) + ridge * np.eye(len(b))
        b = b + np.linalg.solve(h, x.T @ (target - p) - ridge * (b - centre))
    return (b[0], b[1]) if len(b) == 2 else (0, b[0])


def main():
    with open(f"{HERE}/calibrate.tsv", "w") as file:
        print("method", "count", "own", "ridge", "intercept", "slope", sep="\t", file=file)
        for count in 24, 60, 301:
            z = scramble(count, 1) / 32 - 4
            y = (scramble(count, 3) / 255 < 1 / (1 + np.exp(-.4 - .6 * z))).astype(int)
            for name, fit, target, columns in (("platt", platt, targets(y), [0, 1]),
                                               ("temperature", temperature, y, [1])):
                b = fit(z, y)
                print(name, count, count, 0, f"{b[0]:.12g}", f"{b[1]:.12g}", sep="\t", file=file)
                for own, ridge in (7, 1), (1, 5), (20, 25):
                    c = pulled(z[:own], target[:own], b, ridge, columns)
                    print(name, count, own, ridge, f"{c[0]:.12g}", f"{c[1]:.12g}", sep="\t", file=file)


main()
