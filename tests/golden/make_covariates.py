#!/usr/bin/python3
"""Covariates and what scikit-learn makes of them: tests/golden/covariates.manifest.tsv, covariates.predictions.tsv (of a
system) and, at each ridge of hmm-covariates, covariates.expected.tsv.

Rerun: /usr/bin/python3 tests/golden/make_covariates.py (python3-sklearn; made with 1.2.1)
"""
import os
import random

import numpy as np
from sklearn.linear_model import LogisticRegression

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    draw = random.Random(4)
    rows = []
    for i in range(90):
        split = "train" if i < 60 else "cal" if i < 80 else "test"
        age = "n/a" if i % 11 == 3 else str(draw.randrange(30, 80))
        sex = draw.choice("FM")
        site = "n/a" if i % 13 == 5 else draw.choice(["CS", "DU", "HT"])
        chance = 1 / (1 + np.exp(-(.05 * (0 if age == "n/a" else int(age) - 55) + (sex == "F") - .5)))
        label = int(draw.random() < chance)
        rows.append((f"s{i:02d}", f"g{i // 2:02d}", split, label, age, sex, site, draw.gauss(label, 1.2)))
    with open(f"{HERE}/covariates.manifest.tsv", "w") as file:
        print("subject", "modality", "label", "group", "split", "age", "sex", "site", sep="\t", file=file)
        for s, g, split, label, age, sex, site, _ in rows:
            for modality in "ab":
                print(s, modality, label, g, split, age, sex, site, sep="\t", file=file)
    with open(f"{HERE}/covariates.predictions.tsv", "w") as file:
        print("subject", "split", "label", "logit", "probability", "modalities", sep="\t", file=file)
        for s, _, split, label, *_, z in rows:
            print(s, split, label, f"{z:.9g}", f"{1 / (1 + np.exp(-z)):.9g}", "a+b", sep="\t", file=file)

    def columns(fits, logits):
        number = [int(r[4]) for r in fits if r[4] != "n/a"]
        missing = any(r[4] == "n/a" for r in fits)
        z = [float(f"{r[7]:.9g}") for r in fits]

        def of(r):
            x = [(float(f"{r[7]:.9g}") - np.mean(z)) / np.std(z)] if logits else []
            x += [0 if r[4] == "n/a" else (int(r[4]) - np.mean(number)) / np.std(number)]
            x += [r[4] == "n/a"] if missing else []
            x += [r[5] == v for v in "FM"] + [r[6] == v for v in sorted({q[6] for q in fits})]
            return [float(v) for v in x]
        return of

    with open(f"{HERE}/covariates.expected.tsv", "w") as file:
        print("split", "lambda", "subject", "logit", sep="\t", file=file)
        for split in "train", "cal":
            fits = [r for r in rows if r[2] == split]
            of = columns(fits, split == "cal")
            for ridge in 1e5, 1e4, 1e3, 100, 10, 1, .1:
                model = LogisticRegression(C=1 / ridge, solver="newton-cg", tol=1e-10, max_iter=10000)
                model.fit([of(r) for r in fits], [r[3] for r in fits])
                for r, logit in zip(rows, model.decision_function([of(r) for r in rows])):
                    print(split, f"{ridge:g}", r[0], f"{logit:.10g}", sep="\t", file=file)


main()
