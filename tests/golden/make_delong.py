#!/usr/bin/python3
"""Areas under the ROC curve of rows that cluster, two systems a case: Obuchowski's (1997) covariances from their
definition, a pair of rows and a cluster at a time.

Writes beside it
  delong.rows.tsv  case group label first second
  delong.tsv       case first second first_variance second_variance difference_variance

Rerun: /usr/bin/python3 tests/golden/make_delong.py
"""
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def make():
    rng = np.random.default_rng(1997)
    # clusters, most rows of one, steps of the scores (0: none), whether a cluster has one label
    for clusters, most, steps, pure in ((6, 3, 5, 0), (25, 1, 9, 0), (25, 4, 9, 0), (40, 5, 0, 1), (30, 2, 0, 0)):
        group = np.repeat(np.arange(clusters), rng.integers(1, most + 1, clusters))
        group = rng.permutation(group)
        label = rng.integers(0, 2, clusters)[group] if pure else rng.integers(0, 2, len(group))
        label[:4] = label[:4] if pure else (0, 1, 0, 1)
        own = rng.normal(size=clusters)[group]
        scores = []
        for skill in (1.1, .6):
            z = skill * label + own + .8 * rng.normal(size=len(group))
            p = 1 / (1 + np.exp(-z))
            scores.append(np.round(p * steps) / steps if steps else p)
        yield group, label, *scores


def beaten(label, score):
    """V10 of the positives, V01 of the negatives, at their rows."""
    share = np.empty(len(label))
    psi = (score[:, None] > score[None, :]) + .5 * (score[:, None] == score[None, :])
    share[label == 1] = psi[np.ix_(label == 1, label == 0)].mean(1)
    share[label == 0] = psi[np.ix_(label == 1, label == 0)].mean(0)
    return share


def obuchowski(group, label, scores):
    n1, n0 = sum(label == 1), sum(label == 0)
    shares = [beaten(label, s) for s in scores]
    area = [v[label == 1].mean() for v in shares]
    clusters = np.unique(group)
    a = np.array([[sum(v[(group == g) & (label == 1)] - m) for g in clusters] for v, m in zip(shares, area)])
    b = np.array([[sum(v[(group == g) & (label == 0)] - m) for g in clusters] for v, m in zip(shares, area)])
    i10, i01, i = len(set(group[label == 1])), len(set(group[label == 0])), len(clusters)
    cov = (i10 / (i10 - 1) * a @ a.T / n1**2 + i01 / (i01 - 1) * b @ b.T / n0**2
           + i / (i - 1) * (a @ b.T + b @ a.T) / (n1 * n0))
    return *area, cov[0, 0], cov[1, 1], cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w") as f:
        for row in (header.split(), *rows):
            f.write("\t".join(repr(float(v)) if isinstance(v, float) else str(v) for v in row) + "\n")


cases = list(make())
write("delong.rows.tsv", "case group label first second",
      ((c, g, y, float(a), float(b)) for c, case in enumerate(cases) for g, y, a, b in zip(*case)))
write("delong.tsv", "case first second first_variance second_variance difference_variance",
      ((c, *map(float, obuchowski(g, y, s))) for c, (g, y, *s) in enumerate(cases)))
