#!/usr/bin/python3
"""Comparisons of two systems and curves, from their definitions, SciPy and scikit-learn.

Writes beside it
  compare.rows.tsv    case label first second: predictions with ties, small and large
  compare.delong.tsv  case first second variance p: areas by all pairs, DeLong's structural components
  compare.exact.tsv   test a b c d p: scipy.stats' binomtest of a of a + b, and fisher_exact
  compare.curves.tsv  case curve point value: roc_curve and precision_recall_curve on the grid
"""
import os

import numpy as np
from scipy.stats import binomtest, fisher_exact, norm
from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve

HERE = os.path.dirname(os.path.abspath(__file__))
GRID = np.arange(101) / 100


def make():
    rng = np.random.default_rng(1988)
    cases = []
    for count, steps in ((12, 4), (30, 10), (100, 7), (100, 0), (350, 0), (400, 25)):
        label = np.r_[0, 0, 1, 1, rng.integers(0, 2, count - 4)]
        shared = rng.normal(size=count)
        both = []
        for skill in (1.1, .6):
            p = 1 / (1 + np.exp(-(skill * label + .7 * shared + .7 * rng.normal(size=count) - .5)))
            both.append(np.round(p * steps) / steps if steps else p)
        cases.append((label, *both))
    return cases


def components(label, score):
    """V10 of the positives and V01 of the negatives, a pair at a time."""
    x, y = score[label == 1], score[label == 0]
    psi = (x[:, None] > y[None, :]) + .5 * (x[:, None] == y[None, :])
    return psi.mean(1), psi.mean(0)


def delong(label, first, second):
    a10, a01 = components(label, first)
    b10, b01 = components(label, second)
    assert abs(a10.mean() - roc_auc_score(label, first)) < 1e-12
    s = np.cov(a10, b10) / len(a10) + np.cov(a01, b01) / len(a01)
    variance = s[0, 0] + s[1, 1] - 2 * s[0, 1]
    z = (a10.mean() - b10.mean()) / np.sqrt(variance)
    return a10.mean(), b10.mean(), variance, 2 * norm.sf(abs(z))


def curves(label, score):
    fpr, tpr, _ = roc_curve(label, score, drop_intermediate=False)
    roc = []
    for x in GRID:
        i = np.searchsorted(fpr, x, side="right") - 1
        if i + 1 == len(fpr):
            roc.append(tpr[i])
        else:
            roc.append(tpr[i] + (x - fpr[i]) * (tpr[i + 1] - tpr[i]) / (fpr[i + 1] - fpr[i]))
    precision, recall, _ = precision_recall_curve(label, score)
    pr = [precision[np.flatnonzero(recall >= x)[-1]] for x in GRID]
    return {"roc": roc, "pr": pr}


def exact():
    rng = np.random.default_rng(1947)
    pairs = [(0, 0), (1, 0), (0, 1), (0, 9), (5, 5), (10, 3), (3, 10), (200, 150), (1000, 1111)]
    pairs += [tuple(rng.integers(0, 40, 2)) for _ in range(20)]
    for a, b in pairs:
        yield "mcnemar", a, b, 0, 0, binomtest(int(a), int(a + b), .5).pvalue if a + b else 1.
    tables = [(0, 0, 0, 0), (5, 0, 0, 5), (3, 0, 7, 0), (0, 4, 0, 9), (1, 9, 11, 3), (8, 2, 1, 5),
              (10, 10, 10, 10), (60, 40, 30, 70), (500, 20, 480, 45), (0, 30, 12, 400), (12, 43, 5, 50)]
    tables += [tuple(rng.integers(0, 25, 4)) for _ in range(40)]
    for a, b, c, d in tables:
        yield "fisher", a, b, c, d, fisher_exact([[a, b], [c, d]])[1] if a + b + c + d else 1.


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w") as f:
        for row in (header.split(), *rows):
            f.write("\t".join(repr(float(v)) if isinstance(v, float) else str(v) for v in row) + "\n")


cases = make()
write("compare.rows.tsv", "case label first second",
      ((c, y, float(a), float(b)) for c, case in enumerate(cases) for y, a, b in zip(*case)))
write("compare.delong.tsv", "case first second variance p",
      ((c, *map(float, delong(*case))) for c, case in enumerate(cases)))
write("compare.exact.tsv", "test a b c d p", exact())
write("compare.curves.tsv", "case curve point value",
      ((c, curve, k, float(v)) for c, case in enumerate(cases) for curve, values in curves(*case[:2]).items()
       for k, v in enumerate(values)))
