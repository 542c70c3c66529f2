#!/usr/bin/python3
"""Vectors and what scikit-learn makes of them: tests/golden/record.blood.csv (numbers), record.clinic.tsv (numbers and
words), record.tiles.npz (arrays), record.manifest.tsv, and record.expected.tsv, the numbers of every vector.

Rerun: /usr/bin/python3 tests/golden/make_record.py (python3-sklearn; made with 1.2.1)
"""
import os
import random

import numpy as np
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = os.path.dirname(os.path.abspath(__file__))
SUBJECTS = ["p%02d" % i for i in range(30)]


def path(name):
    return os.path.join(HERE, "record." + name)


def coded(column, train):
    """A column of texts ("" is missing): as StandardScaler or OneHotEncoder have it, and whether it is missing, where some
    of train are."""
    known = [c for c, t in zip(column, train) if t and c]
    try:
        [float(c) for c in known]
        scaler = StandardScaler().fit(np.array([[float(c)] for c in known]))
        x = [[scaler.transform([[float(c)]])[0, 0]] if c else [0.0] for c in column]
    except ValueError:
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit([[c] for c in known])
        x = [list(encoder.transform([[c]])[0]) if c else [0.0] * len(encoder.categories_[0]) for c in column]
    if any(t and not c for c, t in zip(column, train)):
        x = [values + [0.0 if c else 1.0] for values, c in zip(x, column)]
    return x


def main():
    draw = random.Random(5)
    split = {s: "train" if i < 18 else "test" for i, s in enumerate(SUBJECTS)}
    # numbers, of which some are missing, one only in test, and a column that never changes
    blood = {s: [repr(round(draw.gauss(7, 2), 3)), repr(round(draw.gauss(0, 1e-4), 9)), "5"] for s in SUBJECTS}
    blood["p03"][0], blood["p20"][0], blood["p25"][1] = "", "NA", ""
    del blood["p07"], blood["p22"]
    clinic = {s: [str(draw.randint(30, 90)), draw.choice(["never", "former, heavy", "now"]), draw.choice("FM")] for s in SUBJECTS}
    clinic["p05"][1], clinic["p27"][1], clinic["p09"] = "n/a", "unheard of", ["", "", ""]
    numbers = np.random.default_rng(5)
    tiles = {s: (3 * numbers.standard_normal(4) + [0, 10, -5, 1]).astype("f4") for s in SUBJECTS if s not in ("p00", "p29")}

    with open(path("blood.csv"), "w") as out:
        out.write("patient_id,leukocytes,crp,unit\n")
        out.writelines("%s,%s\n" % (s, ",".join(c)) for s, c in blood.items())
    with open(path("clinic.tsv"), "w") as out:
        out.write("subject\tage\tsmoking\tsex\n")
        out.writelines("%s\t%s\n" % (s, "\t".join(c)) for s, c in clinic.items())
    np.savez(path("tiles.npz"), **tiles)

    rows, expected = [], []
    for modality, name, table in (("blood", "blood.csv", blood), ("clinic", "clinic.tsv", clinic)):
        subjects = [s for s in SUBJECTS if s in table and any(table[s])]
        train = [split[s] == "train" for s in subjects]
        columns = [["" if table[s][i] in ("NA", "n/a") else table[s][i] for s in subjects] for i in range(3)]
        parts = [coded(c, train) for c in columns]
        for i, s in enumerate(subjects):
            rows.append((s, modality, name))
            expected.append((s, modality, sum((part[i] for part in parts), [])))
    subjects = list(tiles)
    scaler = StandardScaler().fit(np.array([tiles[s] for s in subjects if split[s] == "train"], "f8"))
    for s in subjects:
        rows.append((s, "tiles", "tiles.npz"))
        expected.append((s, "tiles", list(scaler.transform([tiles[s].astype("f8")])[0])))
    with open(path("manifest.tsv"), "w") as out:
        out.write("subject\tmodality\tlabel\tgroup\tsplit\tpath\n")
        out.writelines("%s\t%s\tn/a\t%s\t%s\trecord.%s#%s\n" % (s, m, s, split[s], f, s) for s, m, f in sorted(rows))
    with open(path("expected.tsv"), "w") as out:
        out.writelines("%s\t%s\t%s\n" % (s, m, " ".join("%.9g" % v for v in x)) for s, m, x in sorted(expected))


if __name__ == "__main__":
    main()
