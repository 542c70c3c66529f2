#!/usr/bin/python3
"""Predictions of all subsets, and every check of hmm-shortcuts by enumeration, scikit-learn, statsmodels and SciPy.

Writes shortcuts.predictions.tsv and shortcuts.expected.tsv beside it: check modality value reference excess
n_effective, first where each subject is a patient, then where patients have two.
"""
import itertools
import os

import numpy as np
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ("CT", "PET", "T1w")
RATE, GAMMA = .4, 1.5


def subsets(own):
    return [frozenset(c) for k in range(1, len(own) + 1) for c in itertools.combinations(sorted(own), k)]


def make():
    rng = np.random.default_rng(7)
    people = []
    for split, count in (("train", 30), ("test", 26)):
        for i in range(count):
            y = int(i % 5 < 2)
            own = frozenset(m for m in NAMES if rng.random() < (.75 if m != "PET" else .85 - .4 * y))
            own = own or frozenset(["CT"])
            shown = {m: rng.normal(y - .5, 1) for m in NAMES}
            logits = {s: round(float(np.mean([shown[m] for m in s]) - .4 * ("PET" in s)), 1 if i % 3 else 6)
                      for s in subsets(own)}
            people.append(dict(name=f"{split}{i:02d}", split=split, y=y, own=own, f=logits, group=i // 2))
    return people


def psi(a, b):
    return float(a > b) + .5 * float(a == b)


def auc(rows):
    """Of (label, score, weight)."""
    wins = all_pairs = 0
    for yi, zi, wi in rows:
        for yj, zj, wj in rows:
            if yi == 1 and yj == 0:
                wins += wi * wj * psi(zi, zj)
                all_pairs += wi * wj
    return wins / all_pairs


def permuted(test, groups):
    def mean(same_label):
        rows = []
        for i, p in enumerate(test):
            others = [q for k, q in enumerate(test) if (q["group"] != p["group"] if groups else k != i)
                      and (not same_label or q["y"] == p["y"])]
            cuts = [p["own"] & q["own"] for q in others]
            empty = sum(not c for c in cuts) / len(cuts)
            drawn = sum(empty ** tries for tries in range(21))  # at first, and 20 times more
            for c in set(cuts) - {frozenset()}:
                rows.append((p["y"], p["f"][c], drawn * cuts.count(c) / len(cuts)))
            rows.append((p["y"], p["f"][p["own"]], empty ** 21))
        return auc(rows)
    own = auc([(p["y"], p["f"][p["own"]], 1) for p in test])
    value, reference = mean(False) - own, mean(True) - own
    return value, reference, reference - value


def same_pattern(test):
    def difference(weight):
        wins = pairs = 0
        for p, q in itertools.product(test, test):
            if p["y"] == 1 and q["y"] == 0 and p["own"] == q["own"]:
                w = weight(p) * weight(q)
                wins += w * psi(p["f"][p["own"]], q["f"][q["own"]])
                pairs += w
        return auc([(p["y"], p["f"][p["own"]], weight(p)) for p in test]) - wins / pairs

    def balanced(p):
        alike = [q["own"] == p["own"] for q in test if q["y"] == p["y"]]
        return np.mean([q["own"] == p["own"] for q in test]) / np.mean(alike)
    value, reference = difference(lambda p: 1), difference(balanced)
    return value, reference, value - reference


def gain(test, m):
    known = [p for p in test if p["own"] != {m}]
    x = np.array([[1, p["f"][p["own"] - {m}], p["y"]] for p in known])
    seen = np.array([m in p["own"] for p in known])
    fit = sm.Logit(seen.astype(float), x).fit(disp=0, method="newton", tol=1e-14, maxiter=100)
    w = (seen.mean() / fit.predict(x))[seen]
    w = np.clip(w, *np.percentile(w, [1, 99]))
    have = [p for p in known if m in p["own"]]
    y = [p["y"] for p in have]
    scores = [[p["f"][p["own"]] for p in have], [p["f"][p["own"] - {m}] for p in have]]
    value = roc_auc_score(y, scores[0], sample_weight=w) - roc_auc_score(y, scores[1], sample_weight=w)
    reference = roc_auc_score(y, scores[0]) - roc_auc_score(y, scores[1])
    return value, reference, reference - value, w.sum() ** 2 / (w ** 2).sum()


def dropped(test, m, by, sign):
    can = [p for p in test if m in p["own"] and p["own"] != {m}]
    v = np.array([p["y"] if by == "label" else p["f"][frozenset([m])] for p in can], float)
    if by != "label":
        v = (v - v.mean()) / v.std()
    a = brentq(lambda a: expit(a + sign * GAMMA * v).mean() - RATE, -50, 50, xtol=1e-15, rtol=1e-15)
    chance = dict(zip((p["name"] for p in can), expit(a + sign * GAMMA * v)))

    def area(chance):
        rows = []
        for p in test:
            c = chance.get(p["name"], 0)
            rows.append((p["y"], p["f"][p["own"]], 1 - c))
            if c:
                rows.append((p["y"], p["f"][p["own"] - {m}], c))
        return auc(rows)
    value, reference = area(chance), area(dict.fromkeys(chance, RATE))
    return value, reference, value - reference


def presence(train, test):
    pi = np.mean([p["y"] for p in train])
    table = []
    for p in test:
        alike = [q["y"] for q in train if q["own"] == p["own"]]
        table.append((sum(alike) + pi) / (len(alike) + 1))
    x = [[[m in p["own"] for m in NAMES] for p in part] for part in (train, test)]
    fit = LogisticRegression(C=1, tol=1e-12, max_iter=10000).fit(x[0], [p["y"] for p in train])
    y = [p["y"] for p in test]
    return [roc_auc_score(y, s) for s in (table, np.round(fit.decision_function(x[1]), 6))]


def main():
    people = make()
    train, test = ([p for p in people if p["split"] == s] for s in ("train", "test"))
    assert {frozenset(["PET"]), frozenset(["CT"])} <= {p["own"] for p in test}  # something empties
    with open(os.path.join(HERE, "shortcuts.predictions.tsv"), "w") as out:
        print("subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities\timputed\tobserved", file=out)
        for p in people:
            for s, z in p["f"].items():
                whole = s == p["own"]
                if p["split"] == "test" or whole:
                    print(p["name"], f"{p['split']}-g{p['group']:02d}", p["split"], p["y"], z, f"{expit(z):.9g}",
                          "+".join(sorted(s)), "n/a", "n/a" if whole else "+".join(sorted(p["own"])), sep="\t", file=out)
    with open(os.path.join(HERE, "shortcuts.expected.tsv"), "w") as out:
        print("check\tmodality\tvalue\treference\texcess\tn_effective", file=out)

        def put(check, modality, value, reference, excess, effective="n/a"):
            print(check, modality, *(v if isinstance(v, str) else f"{v:.12g}"
                                     for v in (value, reference, excess, effective)), sep="\t", file=out)
        for groups in (False, True):
            for check, area in zip(("presence_table", "presence_logistic"), presence(train, test)):
                if not groups:
                    put(check, "n/a", area, .5, area - .5)
            put("permuted_presence", "n/a", *permuted(test, groups))
            put("same_pattern", "n/a", *same_pattern(test))
            for m in NAMES:
                put("ipw_gain", m, *gain(test, m))
                for check, by, sign in (("label_1", "label", 1), ("label_0", "label", -1),
                                        ("severity_high", "severity", 1), ("severity_low", "severity", -1)):
                    put(f"mnar_{check}", m, *dropped(test, m, by, sign))


if __name__ == "__main__":
    main()
