#!/usr/bin/python3
"""Predictions of classes, a value and a time, and the metrics of them: scikit-learn's and scipy's, R's survival,
and enumeration where these have none (r-cran-survival must be installed).

Writes beside it targets.classes.tsv, targets.value.tsv, targets.time.tsv, and of each its .expected.tsv:
split, metric, value, n. Of time that is with --times 0,2,7.25,9.5 and targets.tau.tsv is the same with --tau 8.
targets.calibrated.tsv is hmm-calibrate's of val by train: with --alpha 0.1, and with --labels together --alpha 0.25.
targets.quarters.tsv is --curve calibration --times 2,7.25 of the time, targets.confusion.tsv --curve confusion.
Rerun: /usr/bin/python3 tests/golden/make_targets.py (made with scikit-learn 1.2.1, R survival 3.5.3)
"""
import os
import subprocess
import tempfile
import warnings

import numpy as np
from scipy import optimize, stats
from sklearn import metrics

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = ["II", "III", "IV", "a b"]
TIMES = [0, 2, 5, 9.5, 14]
warnings.simplefilter("ignore")


def number(x):
    return "n/a" if x is None or np.isnan(x) else f"{x:.12g}"


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w") as file:
        for row in [header] + rows:
            file.write("\t".join(str(x) for x in row) + "\n")


def ece(p, right):
    """Ten bins of equal mass, ties together."""
    order = np.argsort(p, kind="stable")
    p, right = p[order], right[order]
    parts = np.array_split(p, min(10, len(p)))
    edges = sorted({part[-1] for part in parts[:-1]})
    bins = np.searchsorted(edges, p, side="left")
    return sum(abs(p[bins == b].sum() - right[bins == b].sum()) for b in set(bins)) / len(p)


def calibrated(kept):
    """A temperature and sets that train gives to val."""
    (y, p), (_, new) = kept["train"], kept["val"]

    def slope(a):
        w = np.exp(a * np.log(p))
        w /= w.sum(1, keepdims=True)
        return ((w * np.log(p)).sum(1) - np.log(p[np.arange(len(y)), y])).sum()

    a = optimize.brentq(slope, .01, 20, xtol=1e-15)
    q = np.exp(a * np.log(new))
    q /= q.sum(1, keepdims=True)
    score = 1 - p[np.arange(len(y)), y]

    def quantile(s, alpha):
        rank = int(np.ceil((len(s) + 1) * (1 - alpha) - 1e-9))
        return sorted(s)[rank - 1] if rank <= len(s) else np.inf

    limits = [quantile(score[y == k], .1) for k in range(4)], [quantile(score, .25)] * 4
    sets = [["+".join(CLASSES[k] for k in range(4) if 1 - row[k] <= limit[k] + 1e-12) or "none" for row in new]
            for limit in limits]
    write("targets.calibrated.tsv", ["subject"] + ["calibrated_" + c for c in CLASSES] + ["each", "together"],
          [[f"val{i}"] + [f"{x:.9g}" for x in q[i]] + [sets[0][i], sets[1][i]] for i in range(len(new))])


def classes():
    rng = np.random.default_rng(4)
    rows, expected = [], []

    def split(name, labels, levels):
        y = np.array(labels)
        logits = rng.normal(size=(len(y), 4)) + 1.2 * np.eye(4)[y]
        if levels:
            logits = np.round(logits * levels) / levels
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        if levels:  # ties of the largest too
            p[::7] = [.3, .3, .2, .2]
        p = np.array([[float(f"{x:.12f}") for x in row] for row in p])
        for i in range(len(y)):
            rows.append([f"{name}{i}", f"g{i % 37}", name, CLASSES[y[i]]] + [f"{x:.12f}" for x in p[i][[2, 0, 1, 3]]])
        top = p.argmax(1)
        of = sorted(set(y))
        area = {k: metrics.roc_auc_score(y == k, p[:, k]) for k in of} if len(of) > 1 else {}
        values = {
            "acc": metrics.accuracy_score(y, top),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, top),
            "auc_macro": np.mean(list(area.values())) if area else None,
            "f1_macro": metrics.f1_score(y, top, average="macro"),
            "log_loss": metrics.log_loss(y, p, labels=range(4), eps=1e-300),
            "brier": np.mean(((p - np.eye(4)[y]) ** 2).sum(1)),
            "precision_macro": metrics.precision_score(y, top, average="macro"),
            "recall_macro": metrics.recall_score(y, top, average="macro"),
            "auc_weighted": sum(area[k] * np.mean(y == k) for k in area) if area else None,
            "f1_weighted": metrics.f1_score(y, top, average="weighted"),
            "precision_weighted": metrics.precision_score(y, top, average="weighted"),
            "recall_weighted": metrics.recall_score(y, top, average="weighted"),
            "mcc": metrics.matthews_corrcoef(y, top),
            "kappa": metrics.cohen_kappa_score(y, top),
            "ece": ece(p.max(1), top == y),
        }
        if len(of) == 4 and not levels:  # with ties the division would part them
            assert abs(metrics.roc_auc_score(y, p / p.sum(1, keepdims=True), multi_class="ovr", average="macro") -
                       values["auc_macro"]) < 1e-9
        expected.extend([name, m, number(v), len(y)] for m, v in values.items())
        kept[name] = y, p
        return y, top

    kept = {}
    y, top = split("train", rng.choice(4, 150, p=[.4, .3, .2, .1]), 1)
    split("val", rng.choice(4, 61), 0)
    split("test", rng.choice([0, 2], 40), 0)  # two classes have no row
    split("one", [1] * 9, 0)
    table = metrics.confusion_matrix(y, top, labels=range(4))
    confusion = [["train", CLASSES[i], CLASSES[j], table[i, j], number(table[i, j] / table[i].sum()),
                  number(table[i, j] / table[:, j].sum()), "rows"] for i in range(4) for j in range(4)]
    calibrated(kept)
    rows = [rows[i] for i in rng.permutation(len(rows))]
    write("targets.classes.tsv", ["subject", "group", "split", "label", "probability_IV", "probability_II",
                                  "probability_III", "probability_a b"], rows)
    write("targets.classes.expected.tsv", ["split", "metric", "value", "n"], expected)
    write("targets.confusion.tsv", ["split", "label", "predicted", "n", "of_label", "of_predicted", "over"], confusion)


def value():
    rng = np.random.default_rng(5)
    rows, expected = [], []

    def split(name, y, noise, digits):
        y = np.round(y, digits)
        m = np.round(.7 * y + noise * rng.normal(size=len(y)), digits)
        s = np.round(noise * rng.uniform(.5, 1.5, len(y)), 3) + .001
        rows.extend([f"{name}{i}", name, f"{y[i]:.12g}", f"{m[i]:.12g}", f"{s[i]:.12g}"] for i in range(len(y)))
        w = (y - m) / s
        flat = len(set(y)) == 1
        values = {
            "r2": None if flat else metrics.r2_score(y, m),
            "mae": metrics.mean_absolute_error(y, m),
            "rmse": metrics.mean_squared_error(y, m) ** .5,
            "crps": np.mean(s * (w * (2 * stats.norm.cdf(w) - 1) + 2 * stats.norm.pdf(w) - np.pi ** -.5)),
            "coverage_90": np.mean(abs(w) <= stats.norm.ppf(.95)),
            "bias": np.mean(m - y),
            "pearson": None if flat else stats.pearsonr(y, m)[0],
            "spearman": None if flat else stats.spearmanr(y, m)[0],
        }
        expected.extend([name, k, number(v), len(y)] for k, v in values.items())

    split("train", rng.normal(60, 12, 120), 8, 0)  # ties
    split("val", rng.normal(0, 1, 50), .6, 6)
    split("flat", np.full(7, 3.1), 1, 2)
    rows = [rows[i] for i in rng.permutation(len(rows))]
    write("targets.value.tsv", ["subject", "split", "label", "value", "sd"], rows)
    write("targets.value.expected.tsv", ["split", "metric", "value", "n"], expected)


R = """
library(survival)
d <- read.csv("d.csv")
for (s in unique(d$split)) {
    x <- d[d$split == s, ]
    if (sum(x$event) == 0) next
    h <- concordance(Surv(time, event) ~ risk, x, reverse = TRUE)$concordance
    u <- concordance(Surv(time, event) ~ risk, x, reverse = TRUE, timewt = "n/G2")$concordance
    cat(s, "harrell", sprintf("%.15g", h), "\\n")
    cat(s, "uno", sprintf("%.15g", u), "\\n")
}
x <- d[d$split == "train", ]
for (t in c(2, 7.25)) for (q in sort(unique(x$quarter))) {
    f <- summary(survfit(Surv(time, event) ~ 1, x[x$quarter == q, ], conf.type = "log-log"), times = t)
    cat("quarter", t, q, sprintf("%.15g", c(1 - f$surv, 1 - f$upper, 1 - f$lower)), "\\n")
}
"""


def censoring(t, e):
    """G just before a time and at it, by enumeration; events before the censored at ties."""
    def g(at, including):
        share = 1.0
        for u in sorted(set(t[e == 0])):
            if u < at or (including and u == at):
                share *= 1 - np.sum((t == u) & (e == 0)) / (np.sum(t > u) + np.sum((t == u) & (e == 0)))
        return share
    return g


def time():
    rng = np.random.default_rng(6)
    rows, expected, late, plain = [], [], [], []
    quarters = {}

    def split(name, t, e, risk):
        steps = np.array([[np.exp(-.05 * u * np.exp(.5 * r)) for u in TIMES] for r in risk])
        steps[:, 0] = .98
        steps = np.minimum.accumulate(np.round(steps, 6), axis=1)
        rows.extend([f"{name}{i}", f"g{i % 29}", name, f"{t[i]:.12g}", e[i], f"{risk[i]:.12g}"] +
                    [f"{x:.12g}" for x in steps[i][[1, 0, 2, 3, 4]]] for i in range(len(t)))
        g = censoring(t, e)

        def survival(i, at):
            before = [k for k, u in enumerate(TIMES) if u <= at]
            return steps[i][before[-1]] if before else 1.0

        def pairs(uno, tau):
            wins = count = 0
            for i in range(len(t)):
                if not e[i] or (uno and t[i] > tau):
                    continue
                w = g(t[i], False) ** -2 if uno else 1
                for j in range(len(t)):
                    if t[i] < t[j] or (t[i] == t[j] and not e[j]):
                        count += w
                        wins += w * (1 if risk[i] > risk[j] else .5 if risk[i] == risk[j] else 0)
            return wins / count if count else None

        def brier(at):
            if at > max(t):
                return None
            return np.mean([survival(i, at) ** 2 / g(t[i], False) if t[i] <= at and e[i] else
                            (1 - survival(i, at)) ** 2 / g(at, True) if t[i] > at else 0 for i in range(len(t))])

        def integrated(tau):
            end = min(tau, TIMES[-1])
            at = sorted({0, end} | {x for x in list(t) + TIMES if 0 < x < end})
            return sum((b - a) * brier((a + b) / 2) for a, b in zip(at, at[1:])) / end if end > 0 else None

        last = max(t[e == 1], default=0)
        for out, tau in ((expected, last), (late, 8)):
            values = {"harrell": pairs(False, tau), "uno": pairs(True, tau), "integrated_brier": integrated(tau)}
            values.update({f"brier@{x:g}": brier(x) for x in (0, 2, 7.25, 9.5)})
            out.extend([name, k, number(v), len(t)] for k, v in values.items())
        order = np.argsort(risk, kind="stable")
        edges = sorted({risk[part[-1]] for part in np.array_split(order, 4)[:-1]})
        q = np.searchsorted(edges, risk, side="left")
        plain.extend([name, t[i], e[i], risk[i], q[i]] for i in range(len(t)))
        quarters[name] = (q, [[1 - survival(i, at) for i in range(len(t))] for at in (2, 7.25)])

    def draw(n, digits, risk_digits):
        risk = np.round(rng.normal(size=n), risk_digits)
        event, censored = rng.exponential(12 * np.exp(-.6 * risk)), rng.uniform(0, 16, n)
        return np.round(np.minimum(event, censored), digits), (event <= censored).astype(int), risk

    split("train", *draw(120, 0, 1))  # ties of times, of events and censored, and of risks; times of 0
    split("val", *draw(60, 6, 6))
    t, e, risk = draw(30, 1, 1)
    e[np.argmax(t)] = 1  # the last is an event
    split("test", t, e, risk)
    split("unseen", np.array([1., 2, 9]), np.array([0, 0, 0]), np.array([.1, .2, .3]))
    split("few", np.array([2., 2, 2, 9]), np.array([1, 1, 0, 0]), np.array([.1, .2, .2, .2]))

    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "d.csv"), "w") as file:
            file.write("split,time,event,risk,quarter\n" + "".join(",".join(map(str, r)) + "\n" for r in plain))
        said = subprocess.run(["Rscript", "-e", R], cwd=folder, check=True, capture_output=True, text=True).stdout
    have = {(r[0], r[1]): r[2] for r in expected}
    curve = []
    for line in said.splitlines():
        word = line.split()
        if word[0] == "quarter":
            q, predicted = quarters["train"]
            here = np.array(predicted[word[1] != "2"])[q == int(word[2])]
            curve.append(["train", word[1], int(word[2]) + 1, len(here), number(np.mean(here))] +
                         [number(float(x)) for x in word[3:]] + ["rows"])
        else:  # enumeration is R's
            assert abs(float(have[word[0], word[1]]) - float(word[2])) < 1e-12, line
    rows = [rows[i] for i in rng.permutation(len(rows))]
    write("targets.time.tsv", ["subject", "group", "split", "label", "event", "risk", "survival_2", "survival_0",
                               "survival_5", "survival_9.5", "survival_14"], rows)
    write("targets.time.expected.tsv", ["split", "metric", "value", "n"], expected)
    write("targets.tau.tsv", ["split", "metric", "value", "n"], late)
    write("targets.quarters.tsv", ["split", "time", "bin", "n", "predicted", "observed", "low", "high", "over"], curve)


classes()
value()
time()
