#!/usr/bin/python3
"""What scikit-learn makes of pooled features: tests/golden/linear.tsv, the logits of hmm-linear's systems on the bags of
make_trajectory.py, which have several images of a modality, and lack some.

Rerun: /usr/bin/python3 tests/golden/make_linear.py (python3-sklearn, python3-msgpack; made with 1.2.1)
"""
import os

import msgpack
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

HERE = os.path.dirname(os.path.abspath(__file__))


def read(path):
    with open(path, "rb") as file:
        for record in msgpack.Unpacker(file, raw=False, strict_map_key=False):
            if "x" in record:
                x = record["x"]
                get = {k if isinstance(k, str) else k.decode(): v for k, v in x.items()}
                yield record, np.frombuffer(get["data"], "<f4").reshape(get["shape"]).astype(float)


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

    def fit(x, y, ridge):
        return LogisticRegression(C=1 / ridge, solver="newton-cg", tol=1e-10, max_iter=10000).fit(x, y)

    with open(f"{HERE}/linear.tsv", "w") as file:
        print("system", "lambda", "subject", "logit", sep="\t", file=file)
        for ridge in 1, 30:
            alone = {m: fit([scaled(s, m) for s in train if m in pooled[s]],
                            [label[s] for s in train if m in pooled[s]], ridge) for m in modalities}
            together = fit([np.concatenate([scaled(s, m) for m in modalities]) for s in train], [label[s] for s in train],
                           ridge)
            for s in sorted(pooled):
                logits = {m: alone[m].decision_function([scaled(s, m)])[0] for m in modalities if m in pooled[s]}
                rows = [("mean", np.mean(list(logits.values()))),
                        ("concat", together.decision_function([np.concatenate([scaled(s, m) for m in modalities])])[0])]
                rows += [("PET", logits["PET"])] if "PET" in logits else []
                for system, logit in rows:
                    print(system, ridge, s, f"{logit:.10g}", sep="\t", file=file)


main()
