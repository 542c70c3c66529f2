#!/usr/bin/python3
"""Predictions and scikit-learn's metrics of them: ties, single classes, zero denominators.

Writes score.predictions.tsv, score.expected.tsv (threshold 0.5) and score.threshold.tsv (0.3) beside it.
"""
import os
import warnings

import numpy as np
from sklearn.metrics import (accuracy_score, brier_score_loss, f1_score, precision_score, recall_score,
                             roc_auc_score)

HERE = os.path.dirname(os.path.abspath(__file__))
ORDER = ("train", "val", "test", "a one", "b zero", "c none called", "d saturated")
warnings.simplefilter("ignore")


def make():
    rng = np.random.default_rng(20240720)
    spread = rng.normal(size=60)
    rows = []

    def put(split, labels, probabilities, groups):
        name = split.replace(" ", "")[:3]
        for i, (y, p) in enumerate(zip(labels, probabilities)):
            logit = float(np.log(p / (1 - p))) if 0 < p < 1 else 40.0 if p else -40.0
            rows.append((f"{name}{i:03d}", f"{name}-g{i % groups:02d}", split, str(y), f"{logit:.9g}",
                         f"{p:.9g}", "T1w,pet"))

    y = rng.integers(0, 2, 150)
    put("train", y, np.round(np.clip(.3 + .3 * y + .25 * rng.normal(size=150), 0, 1), 1), 40)  # ties
    y = rng.integers(0, 2, 60)
    put("val", y, 1 / (1 + np.exp(-(spread + .8 * y))), 60)
    put("test", [0, 1, 0, 1, 1, 0, 1], [.6, .7, .9, .51, .99, .500000001, .8], 7)  # all called positive
    put("a one", [1] * 6, [.2, .4, .5, .6, .8, .9], 6)
    put("b zero", [0] * 6, [.2, .4, .5, .3, .1, .05], 6)
    put("c none called", [0, 1, 0, 1], [.5, .5, .25, .125], 2)
    put("d saturated", [0, 1, 1, 0, 1, 0], [1, 1, 1, 0, 0, .4], 6)
    rows.append(("unlabelled", "n/a", "test", "n/a", "0", "0.5", "pet"))
    return [rows[i] for i in rng.permutation(len(rows))]


def expect(rows, threshold):
    lines = ["split\tmetric\tvalue\tn"]
    for split in ORDER:
        y = np.array([int(r[3]) for r in rows if r[2] == split and r[3] != "n/a"])
        p = np.array([float(r[5]) for r in rows if r[2] == split and r[3] != "n/a"])
        hard = (p > threshold).astype(int)
        both = len(set(y)) == 2
        values = {
            "acc": accuracy_score(y, hard),
            "auc": roc_auc_score(y, p) if both else None,
            "auc_hard": roc_auc_score(y, hard) if both else None,
            "f1": f1_score(y, hard, zero_division=0),
            "precision": precision_score(y, hard, zero_division=0),
            "recall": recall_score(y, hard, zero_division=0),
            "brier": brier_score_loss(y, p, pos_label=1),
        }
        for metric, value in values.items():
            lines.append(f"{split}\t{metric}\t{'n/a' if value is None else format(value, '.12g')}\t{len(y)}")
    return lines


def write(name, lines):
    with open(os.path.join(HERE, name), "w") as f:
        f.write("\n".join(lines) + "\n")


rows = make()
write("score.predictions.tsv",
      ["subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities"] + ["\t".join(r) for r in rows])
write("score.expected.tsv", expect(rows, .5))
write("score.threshold.tsv", expect(rows, .3))
