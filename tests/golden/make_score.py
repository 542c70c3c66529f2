#!/usr/bin/python3
"""Predictions and the metrics of them by scikit-learn, statsmodels, and enumeration where they have none:
ties, single classes, zero denominators.

Writes beside it score.predictions.tsv; score.expected.tsv (threshold 0.5), score.threshold.tsv (0.3) and
score.prevalence.tsv (0.1); score.wald.tsv, the intervals of citl and slope; score.curves.tsv; and
score.chosen.tsv, the thresholds that val chooses. And score.subsets.tsv, predictions of 24 patients from all
subsets of three modalities, and score.subsets.expected.tsv.
"""
import itertools
import os
import warnings

import numpy as np
import statsmodels.api as sm
from scipy.special import betaincinv
from sklearn.metrics import (accuracy_score, average_precision_score, balanced_accuracy_score, brier_score_loss,
                             confusion_matrix, f1_score, matthews_corrcoef, precision_score, recall_score,
                             roc_auc_score)

HERE = os.path.dirname(os.path.abspath(__file__))
ORDER = ("train", "val", "test", "a one", "b zero", "c none called", "d saturated")
warnings.simplefilter("ignore")


def make():
    rng = np.random.default_rng(20240720)
    patterns = np.random.default_rng(20240721)
    spread = rng.normal(size=60)
    rows = []

    def put(split, labels, probabilities, groups):
        name = split.replace(" ", "")[:3]
        for i, (y, p) in enumerate(zip(labels, probabilities)):
            logit = float(np.log(p / (1 - p))) if 0 < p < 1 else 40.0 if p else -40.0
            rows.append((f"{name}{i:03d}", f"{name}-g{i % groups:02d}", split, str(y), f"{logit:.9g}",
                         f"{p:.9g}", str(patterns.choice(["T1w", "T1w+pet", "pet"]))))

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


def of_split(rows, split):
    here = [r for r in rows if r[2] == split and r[3] != "n/a"]
    y = np.array([int(r[3]) for r in here])
    p = np.array([float(r[5]) for r in here])
    z = np.array([float(r[4]) for r in here])
    return y, p, z, np.array([r[6] for r in here]), np.array([r[1] for r in here])


def expand(x):
    return 1 / (1 + np.exp(-x))


def bins(p):
    """The bins of p-lambda/verified_calibration: its get_equal_bins and get_bin, by their description."""
    parts = np.array_split(np.sort(p), min(10, len(p)))
    edges = sorted({(a[-1] + b[0]) / 2 for a, b in zip(parts, parts[1:])} | {1.0})
    return np.searchsorted(edges, p, side="left")


def within(y, p, pattern):
    wins = pairs = 0
    for i in np.flatnonzero(y == 1):
        for j in np.flatnonzero((y == 0) & (pattern == pattern[i])):
            pairs += 1
            wins += 1 if p[i] > p[j] else .5 if p[i] == p[j] else 0
    return wins / pairs if pairs else None


def recalibrate(y, z, groups, weight=None):
    """citl and slope with their standard errors: robust where groups repeat or rows are weighted."""
    if len(set(y)) < 2:
        return None
    out = {}
    for name, x, offset in (("citl", np.ones((len(y), 1)), z), ("slope", sm.add_constant(z), None)):
        try:
            beta = sm.GLM(y, x, family=sm.families.Binomial(), offset=offset, freq_weights=weight).fit(
                start_params=np.zeros(x.shape[1]), tol=1e-15, maxiter=200).params
        except Exception:
            out[name] = None
            continue
        w = np.ones(len(y)) if weight is None else weight
        q = expand(x @ beta + (0 if offset is None else offset))
        information = x.T @ (x * (w * q * (1 - q))[:, None])
        if np.linalg.cond(information) > 1e12 or information[0, 0] < 1e-6:  # separated, or as good as that
            out[name] = None
            continue
        bread = np.linalg.inv(information)
        names, at = np.unique(groups, return_inverse=True)
        variance = bread
        if len(names) < len(y) or weight is not None:
            score = np.zeros((len(names), x.shape[1]))
            np.add.at(score, at, x * (w * (y - q))[:, None])
            variance = bread @ score.T @ score @ bread * len(names) / (len(names) - 1)
        out[name] = (beta[-1], np.sqrt(variance[-1, -1]))
    return out


def measure(y, p, z, pattern, groups, threshold, prevalence=None):
    hard = (p > threshold).astype(int)
    both = len(set(y)) == 2
    w = np.ones(len(y))
    n = len(y)
    auc = roc_auc_score(y, p) if both else None
    if prevalence is not None and both:
        pi = y.mean()
        w = np.where(y == 1, prevalence / pi, (1 - prevalence) / (1 - pi))
        shift = np.log(prevalence / (1 - prevalence)) - np.log(pi / (1 - pi))
        odds = np.exp(shift)
        p = p * odds / (p * odds + 1 - p)
        z = z + shift
    weighted = both or prevalence is None
    pi = np.average(y, weights=w)
    k = bins(p)
    ece = square = 0
    for b in set(k):
        m = k == b
        off = np.average(p[m], weights=w[m]) - np.average(y[m], weights=w[m])
        bar = np.average(y[m], weights=w[m])
        ece += w[m].sum() / w.sum() * abs(off)
        if m.sum() > 1:
            square += w[m].sum() / w.sum() * (off ** 2 - bar * (1 - bar) / (m.sum() - 1))
    fits = recalibrate(y, z, groups, w if prevalence is not None else None) or {}
    tn, fp, fn, tp = confusion_matrix(y, hard, labels=[0, 1]).ravel()
    brier = np.average((p - y) ** 2, weights=w)

    def benefit(t):
        return np.average((p > t) & (y == 1), weights=w) - np.average((p > t) & (y == 0), weights=w) * t / (1 - t)

    values = {
        "acc": accuracy_score(y, hard, sample_weight=w) if weighted else None,
        "auc": auc,
        "auc_hard": roc_auc_score(y, hard) if both else None,
        "f1": f1_score(y, hard, zero_division=0, sample_weight=w) if weighted else None,
        "precision": precision_score(y, hard, zero_division=0, sample_weight=w) if weighted else None,
        "recall": recall_score(y, hard, zero_division=0),
        "brier": brier_score_loss(y, p, pos_label=1, sample_weight=w) if weighted else None,
        "specificity": recall_score(1 - y, 1 - hard, zero_division=0),
        "npv": precision_score(1 - y, 1 - hard, zero_division=0, sample_weight=w) if weighted else None,
        "balanced_accuracy": balanced_accuracy_score(y, hard) if both else None,
        "mcc": matthews_corrcoef(y, hard, sample_weight=w) if weighted else None,
        "average_precision": average_precision_score(y, p, sample_weight=w) if weighted and y.any() else None,
        "auc_within": within(y, p, pattern),
        "log_loss": np.average(np.logaddexp(0, np.where(y == 1, -z, z)), weights=w) if weighted else None,
        "scaled_brier": 1 - brier / (pi * (1 - pi)) if both else None,
        "ece": ece if weighted else None,
        "rmsce_debiased": np.sqrt(max(0, square)) if weighted else None,
        "citl": fits["citl"][0] if fits.get("citl") else None,
        "slope": fits["slope"][0] if fits.get("slope") else None,
        "tn": tn, "fp": fp, "fn": fn, "tp": tp,
        "net_benefit@0.1": benefit(.1) if weighted else None,
        "net_benefit_standardised@0.1": benefit(.1) / pi if weighted and y.any() else None,
        "net_benefit@0.35": benefit(.35) if weighted else None,
        "net_benefit_standardised@0.35": benefit(.35) / pi if weighted and y.any() else None,
    }
    return values, fits


def cell(value):
    return "n/a" if value is None else format(value, ".12g")


def expect(rows, threshold, prevalence=None):
    lines = ["split\tmetric\tvalue\tn"]
    for split in ORDER:
        y, p, z, pattern, groups = of_split(rows, split)
        for metric, value in measure(y, p, z, pattern, groups, threshold, prevalence)[0].items():
            lines.append(f"{split}\t{metric}\t{cell(value)}\t{len(y)}")
    return lines


def student(freedom):
    """Its quantile at .975, to more digits than scipy.stats has."""
    x = betaincinv(freedom / 2, .5, .05)
    return np.sqrt(freedom * (1 - x) / x)


def wald(rows):
    lines = ["split\tmetric\tlow\thigh\tprevalence"]
    for split in ("train", "val"):
        for prevalence in (None, .1):
            y, p, z, pattern, groups = of_split(rows, split)
            fits = measure(y, p, z, pattern, groups, .5, prevalence)[1]
            for metric in ("citl", "slope"):
                value, error = fits[metric]
                patients = len(set(groups))
                robust = prevalence is not None or patients < len(y)
                reach = (student(patients - 1) if robust else 1.959963984540054) * error
                lines.append(f"{split}\t{metric}\t{cell(value - reach)}\t{cell(value + reach)}\t{cell(prevalence)}")
    return lines


def wilson(k, n):
    z = 1.959963984540054
    half = z * np.sqrt(k * (n - k) / n + z * z / 4)
    return (k + z * z / 2 - half) / (n + z * z), (k + z * z / 2 + half) / (n + z * z)


def curves(rows):
    """Numbers alone, curve by curve, of split val."""
    lines = ["curve\tone\ttwo\tthree\tfour\tfive\tsix"]
    y, p, z, pattern, groups = of_split(rows, "val")
    k = bins(p)
    for at, b in enumerate(sorted(set(k))):
        m = k == b
        low, high = wilson(y[m].sum(), m.sum())
        lines.append("\t".join(["calibration"] + [cell(v) for v in (
            at + 1, m.sum(), p[m].mean(), y[m].mean(), max(low, 0), high)]))
    for i in range(1, 100):
        t = i / 100
        nb = np.mean((p > t) & (y == 1)) - np.mean((p > t) & (y == 0)) * t / (1 - t)
        lines.append("\t".join(["decision"] + [cell(v) for v in (
            t, nb, y.mean() - (1 - y.mean()) * t / (1 - t), 0, nb / y.mean(), 0)]))
    for label in (0, 1):
        counts = np.histogram(p[y == label], bins=np.linspace(0, 1, 21))[0]
        for i, count in enumerate(counts):
            lines.append("\t".join(["risk"] + [cell(v) for v in (
                label, i / 20, (i + 1) / 20, count, count / counts.sum(), 0)]))
    return lines


def chosen(rows):
    """By trying every candidate."""
    lines = ["rule\tthreshold"]
    y, p, *_ = of_split(rows, "val")
    s = np.unique(p)
    candidates = [0, *((s[1:] + s[:-1]) / 2), 1]

    def of(t):
        return np.mean(p[y == 1] > t), np.mean(p[y == 0] <= t)

    best = max(candidates, key=lambda t: (round(sum(of(t)), 12), of(t)[0], -t))
    lines.append(f"youden\t{best:.9g}")
    best = max(candidates, key=lambda t: (round(f1_score(y, p > t, zero_division=0), 12), of(t)[0], -t))
    lines.append(f"f1\t{best:.9g}")
    for level in (.9, 1):
        lines.append(f"sensitivity={level:g}\t{max(t for t in candidates if of(t)[0] >= level - 1e-12):.9g}")
    return lines


def write(name, lines):
    with open(os.path.join(HERE, name), "w") as f:
        f.write("\n".join(lines) + "\n")


def subsets():
    """Predictions from every subset; PET is a modality that misleads where it is added."""
    rng = np.random.default_rng(20240722)
    lines = ["subject\tlabel\tlogit\tprobability\tmodalities\tobserved"]
    names = ("FLAIR", "PET", "T1w")
    masks = [m for m in itertools.product((0, 1), repeat=3) if any(m)]
    rows = []
    for i in range(28):
        y, part = i % 2, rng.normal(size=3)
        own = (1, 1, 1) if i < 24 else (1, 0, 0)
        for m in masks:
            if any(a > b for a, b in zip(m, own)):
                continue
            z = sum(w * (2 * (y - .5) * s + p) for w, s, p in zip(m, (1.2, -2.5, .8), part))
            p = expand(z)
            name, all_of = ("+".join(n for n, w in zip(names, k) if w) for k in (m, own))
            rows.append((i, m, y, float(f"{p:.9g}")))
            lines.append(f"s{i:02d}\t{y}\t{z:.9g}\t{p:.9g}\t{name}\t{'n/a' if m == own else all_of}")
    want = ["modalities\tauc\tbrier"]
    scores = {}
    for m in sorted(masks, key=lambda m: (sum(m), [1 - w for w in m])):
        y = np.array([r[2] for r in rows if r[1] == m and r[0] < 24])
        p = np.array([r[3] for r in rows if r[1] == m and r[0] < 24])
        scores[m] = roc_auc_score(y, p), brier_score_loss(y, p)
        want.append("\t".join(["+".join(n for n, w in zip(names, m) if w), *map(cell, scores[m])]))
    every = np.array(list(scores.values()))
    want.append("\t".join(["mean", *map(cell, every.mean(0))]))
    want.append("\t".join(["worst", cell(every[:, 0].min()), cell(every[:, 1].max())]))
    return [lines[0]] + [lines[1:][i] for i in rng.permutation(len(lines) - 1)], want


rows = make()
predictions, want = subsets()
write("score.subsets.tsv", predictions)
write("score.subsets.expected.tsv", want)
write("score.predictions.tsv",
      ["subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities"] + ["\t".join(r) for r in rows])
write("score.expected.tsv", expect(rows, .5))
write("score.threshold.tsv", expect(rows, .3))
write("score.prevalence.tsv", expect(rows, .5, .1))
write("score.wald.tsv", wald(rows))
write("score.curves.tsv", curves(rows))
write("score.chosen.tsv", chosen(rows))
