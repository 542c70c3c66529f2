#!/usr/bin/python3
"""What scikit-learn and R's survival make of pooled features: tests/golden/linear.tsv, the logits of hmm-linear's systems
on the bags of make_trajectory.py, which have several images of a modality, and lack some. Other targets: the labels are
made here, linear.labels.tsv; predictions at given penalties in linear.targets.tsv, and in linear.chosen.tsv the penalties
that inner folds choose, and what they lose there. No subject with a T1w has the class 'rare'; many times are tied.

Rerun: /usr/bin/python3 tests/golden/make_linear.py (python3-sklearn, python3-msgpack, python3-xxhash, r-cran-survival; made
with 1.2.1 and 3.5.3)
"""
import io
import os
import subprocess

import msgpack
import numpy as np
import xxhash
from golden import philox
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

RIDGES = [1e5, 1e4, 1e3, 100, 10, 1, .1]
FOLDS, SEED = 4, 2
TIMES = [2, 4, 7]
HERE = os.path.dirname(os.path.abspath(__file__))


def read(path):
    with open(path, "rb") as file:
        for record in msgpack.Unpacker(file, raw=False, strict_map_key=False):
            if "x" in record:
                x = record["x"]
                get = {k if isinstance(k, str) else k.decode(): v for k, v in x.items()}
                yield record, np.frombuffer(get["data"], "<f4").reshape(get["shape"]).astype(float)


def softplus(z):
    return np.logaddexp(0, z)


def fit_logistic(x, y, ridge, solver="newton-cholesky"):
    return LogisticRegression(C=1 / ridge, solver=solver, tol=1e-10, max_iter=10000).fit(x, y)


# ---- Cox, by R ----

R = """
library(survival)
fit <- function(x, y, ridges, tolerance) { # each from the last, which R needs for the small ones
	start <- rep(0, ncol(x))
	sapply(ridges, function(theta) {
		found <- coxph(y ~ ridge(x, theta = theta, scale = FALSE), ties = "efron", init = start,
			control = coxph.control(eps = tolerance, toler.chol = 1e-16, iter.max = 200))
		stopifnot(found$iter[2] < 200)
		start <<- coef(found)
		start
	})
}
loglik <- function(z, y) coxph(y ~ z, init = 1, ties = "efron", control = coxph.control(iter.max = 0))$loglik[1]
baseline <- function(z, y, at) {
	hazard <- basehaz(coxph(y ~ z, init = 1, ties = "breslow", control = coxph.control(iter.max = 0)), centered = FALSE)
	c(0, hazard$hazard)[findInterval(at, hazard$time) + 1]
}
lost <- function(x, y, fold, ridges) { # Verweij and van Houwelingen
	sum <- 0 * ridges
	for (k in unique(fold)) {
		others <- fold != k
		beta <- fit(x[others, ], y[others], ridges, 1e-12)
		for (r in seq_along(ridges))
			sum[r] <- sum[r] - loglik(x %*% beta[, r], y) + loglik((x %*% beta[, r])[others], y[others])
	}
	sum / sum(y[, 2])
}
"""


def in_r(expression, **matrices):
    """The numbers of an expression of R, in which the matrices have their names."""
    code = R + "".join(f"{name} <- as.matrix(read.table(text = '" + "\n".join(
        " ".join(f"{v:.17g}" for v in np.atleast_1d(row)) for row in rows) + "'))\n" for name, rows in matrices.items())
    code += f"y <- Surv(time[, 1], event[, 1])\ncat(sprintf('%.17g', {expression}), sep = '\\n')\n"
    out = subprocess.run(["Rscript", "-"], input=code, text=True, check=True, stdout=subprocess.PIPE).stdout
    return np.loadtxt(io.StringIO(out), ndmin=1)


# ---- the targets' labels and folds ----

def make_labels(pooled):
    """By subject: its group, which are of three, class, value, time and event."""
    draw = np.random.RandomState(7)
    labels = {}
    for i, s in enumerate(sorted(pooled, key=lambda s: int(s[4:]))):
        first = np.mean([v[0] for v in pooled[s].values()])
        noise = draw.uniform(size=4)
        kind = "rare" if s in ("sub-5", "sub-14", "sub-17") else "a b" if first + noise[0] > 1.15 else "z"
        labels[s] = [f"g{i // 3}", kind, round(30 + 20 * first + 10 * noise[1], 3),
                     int(1 + 10 * noise[2] ** (1 + first)), int(noise[3] < .6)]
    return labels


def deal(train, labels, target):
    """The fold of each training subject, by group."""
    groups = {}
    for s in train:
        groups.setdefault(labels[s][0], []).append(s)
    if target == "classes":
        names = sorted({labels[s][1] for s in train})
        stratum = {g: names.index(labels[of[0]][1]) if len({labels[s][1] for s in of}) == 1 else len(names)
                   for g, of in groups.items()}
    else:
        key = (lambda s: (0, labels[s][2])) if target == "value" else (lambda s: (labels[s][4], labels[s][3]))
        place = {g: max(key(s) for s in of) for g, of in groups.items()}
        stratum = {}
        for event in 0, 1:
            some = sorted((g for g in groups if place[g][0] == event), key=lambda g: (place[g][1], g))
            stratum.update({g: event * 4 + i * 4 // len(some) for i, g in enumerate(some)})
    order = sorted(groups, key=lambda g: (stratum[g], philox(1, SEED, 0, xxhash.xxh32(g.encode(), seed=0).intdigest(), 0)[0][0]))
    fold = {g: i % FOLDS for i, g in enumerate(order)}
    return np.array([fold[labels[s][0]] for s in train])


def choose(x, y, fold, loss):
    """The ridge with the least loss[RIDGES] of rows by fits without them, and that loss of a row."""
    total = sum(np.array([loss(x[fold != k], y[fold != k], x[fold == k], y[fold == k], ridge) for ridge in RIDGES])
                for k in range(FOLDS) if len(set(y[fold != k])) > 1)
    count = sum((fold == k).sum() for k in range(FOLDS) if len(set(y[fold != k])) > 1)
    return RIDGES[int(np.argmin(total))], total.min() / count


def lost_logistic(x, y, others, truth, ridge):
    z = fit_logistic(x, y, ridge).decision_function(others) if len(others) else np.zeros(0)
    return (softplus(z) - truth * z).sum()


def lost_squares(x, y, others, truth, ridge):
    return ((Ridge(alpha=ridge, solver="cholesky").fit(x, y).predict(others) - truth) ** 2).sum() if len(others) else 0


# ---- the systems of all targets ----

def write_targets(pooled, modalities, train, scaled):
    labels = make_labels(pooled)
    with open(f"{HERE}/linear.labels.tsv", "w") as file:
        print("subject", "group", "class", "value", "time", "event", sep="\t", file=file)
        for s in sorted(pooled):
            print(s, *labels[s], sep="\t", file=file)
    classes = sorted({labels[s][1] for s in train})
    value = np.array([labels[s][2] for s in train])
    centre, deviation = value.mean(), value.std()
    blocks = {m: [s for s in train if m in pooled[s]] for m in modalities}
    rows = {m: np.array([scaled(s, m) for s in of]) for m, of in blocks.items()}
    blocks["all modalities"], rows["all modalities"] = train, np.array(
        [np.concatenate([scaled(s, m) for m in modalities]) for s in train])

    def truth(of, target, name=None):
        return {"classes": lambda: np.array([int(labels[s][1] == name) for s in of]),
                "value": lambda: (np.array([labels[s][2] for s in of]) - centre) / deviation,
                "time": lambda: np.array([labels[s][3] for s in of])}[target]()

    def events(of):
        return np.array([labels[s][4] for s in of])

    def regressions(target, block, ridge):
        """Functions of a row: what each output is."""
        of, x = blocks[block], rows[block]
        if target == "value":
            model = Ridge(alpha=ridge, solver="cholesky").fit(x, truth(of, target))
            return [lambda row: model.predict([row])[0]]
        if target == "time":
            beta = in_r("fit(x, y, c(10000, 1000, 100, 30, 10, 3, 1), 1e-15)[, ridge == c(10000, 1000, 100, 30, 10, 3, 1)]"
                        .replace("ridge ==", f"{ridge} =="), x=x, time=truth(of, target), event=events(of))
            return [lambda row: row @ beta]
        found = []
        for name in classes:
            y = truth(of, target, name)
            if len(set(y)) == 1:
                odds = np.log((y.sum() + 1) / (len(y) - y.sum() + 1))
                found.append(lambda row, odds=odds: odds)
            else:
                found.append(lambda row, model=fit_logistic(x, y, ridge): model.decision_function([row])[0])
        return found

    def numbers(target, outputs, hazard):
        if target == "classes":
            p = np.exp(-softplus(-outputs))
            return {f"probability_{name}": v for name, v in zip(classes, p / p.sum())}
        if target == "value":
            return {"value": centre + deviation * outputs[0]}
        return {"risk": outputs[0], **{f"survival_{t}": np.exp(-h * np.exp(outputs[0])) for t, h in zip(TIMES, hazard)}}

    def systems(target, ridge):
        """Functions of a subject: its outputs."""
        alone = {m: regressions(target, m, ridge) for m in modalities}
        together = regressions(target, "all modalities", ridge)
        shares = [np.mean(truth(train, target, name)) for name in classes] if target == "classes" else None
        return {
            "majority": lambda s: np.log(shares) - np.log1p(-np.array(shares)) if shares else np.zeros(1),
            "mean": lambda s: np.mean([[f(scaled(s, m)) for f in alone[m]] for m in modalities if m in pooled[s]], 0),
            "concat": lambda s: np.array([f(np.concatenate([scaled(s, m) for m in modalities])) for f in together])}

    with open(f"{HERE}/linear.targets.tsv", "w") as file:
        print("target", "system", "lambda", "subject", "column", "value", sep="\t", file=file)
        for target in "classes", "value", "time":
            for ridge in 1, 30:
                for system, outputs in systems(target, ridge).items():
                    eta = [outputs(s)[0] for s in train]
                    hazard = in_r("baseline(eta[, 1], y, at[, 1])", eta=eta, at=TIMES, time=truth(train, "time"),
                                  event=events(train)) if target == "time" else None
                    for s in sorted(pooled):
                        for column, number in numbers(target, outputs(s), hazard).items():
                            print(target, system, ridge, s, column, f"{number:.10g}", sep="\t", file=file)

    with open(f"{HERE}/linear.chosen.tsv", "w") as file:
        print("target", "of", "lambda", "loss", sep="\t", file=file)
        for target in "classes", "value", "time":
            dealt = dict(zip(train, deal(train, labels, target)))
            for block, of in blocks.items():
                fold = np.array([dealt[s] for s in of])
                if target == "time":
                    lost = in_r("lost(x, y, fold[, 1], ridges[, 1])", x=rows[block], time=truth(of, target), event=events(of),
                                fold=fold, ridges=RIDGES)
                    print(target, block, f"{RIDGES[int(np.argmin(lost))]:g}", f"{lost.min():.3f}", sep="\t", file=file)
                for name in classes if target == "classes" else [None] if target == "value" else []:
                    y = truth(of, target, name)
                    if target == "classes" and len(set(y)) == 1:
                        continue
                    ridge, loss = choose(rows[block], y, fold, lost_squares if target == "value" else lost_logistic)
                    print(target, block + (f", class {name}" if name else ""), f"{ridge:g}", f"{loss:.3f}", sep="\t", file=file)


def main():
    pooled, split, label = {}, {}, {}
    for record, x in read(f"{HERE}/trajectory.bags.hmm"):
        name = record["subject"]
        pooled.setdefault(name, {}).setdefault(record["modality"], []).append(x.mean((1, 2)))
        split[name], label[name] = record["split"], record.get("label")
    pooled = {s: {m: np.mean(v, 0) for m, v in has.items()} for s, has in pooled.items()}
    modalities = sorted({m for s, has in pooled.items() if split[s] == "train" and label[s] is not None for m in has})
    train = [s for s in pooled if split[s] == "train" and label[s] is not None]
    scaler = {m: StandardScaler().fit([pooled[s][m] for s in train if m in pooled[s]]) for m in modalities}

    def scaled(s, m):
        return scaler[m].transform([pooled[s][m]])[0] if m in pooled[s] else np.zeros(scaler[m].n_features_in_)

    with open(f"{HERE}/linear.tsv", "w") as file:
        print("system", "lambda", "subject", "logit", sep="\t", file=file)
        for ridge in 1, 30:
            alone = {m: fit_logistic([scaled(s, m) for s in train if m in pooled[s]],
                            [label[s] for s in train if m in pooled[s]], ridge, "newton-cg") for m in modalities}
            together = fit_logistic([np.concatenate([scaled(s, m) for m in modalities]) for s in train], [label[s] for s in train],
                           ridge, "newton-cg")
            for s in sorted(pooled):
                logits = {m: alone[m].decision_function([scaled(s, m)])[0] for m in modalities if m in pooled[s]}
                rows = [("mean", np.mean(list(logits.values()))),
                        ("concat", together.decision_function([np.concatenate([scaled(s, m) for m in modalities])])[0])]
                rows += [("PET", logits["PET"])] if "PET" in logits else []
                for system, logit in rows:
                    print(system, ridge, s, f"{logit:.10g}", sep="\t", file=file)
    write_targets(pooled, modalities, train, scaled)


main()
