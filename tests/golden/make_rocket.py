#!/usr/bin/python3
"""MiniRocket's plan, outputs, biases and features by their definition (Dempster, Schmidt, Webb 2021; always padded),
in plain loops over NumPy: tests/golden/rocket.safetensors.

Dilations are found in whole numbers: the i-th of m is the largest d with d^(m-1) 8^i <= (L-1)^i.

Rerun: /usr/bin/python3 tests/golden/make_rocket.py (python3-numpy; made with 1.24.2)
"""
import itertools
import os

import numpy as np

from golden import write_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))
TRIPLES = list(itertools.combinations(range(9), 3))
MOST = 32

# 41 and 73 are lengths at which a power in floating point loses the last dilation
LENGTHS = [9, 10, 15, 16, 17, 25, 29, 41, 57, 73, 100, 137, 255, 256, 257, 1000, 1152, 4097, 20001, 921600, 2**20]
FEATURES = [84, 168, 252, 504, 1008, 2604, 2688, 2772, 9996]

# a record's samples, the reference's, features
CASES = [(1, 9, 84), (7, 15, 504), (20, 15, 504), (29, 41, 1008), (41, 41, 504), (73, 73, 504), (100, 100, 9996), (511, 300, 252),
         (512, 512, 168), (513, 1000, 504), (1040, 1040, 252), (30, 2000, 504)]
POOLED = [(15, 504, [20, 7, 29, 1]), (41, 1008, [100, 41]), (100, 84, [512])]


def power_floor(length, i, m):
    d = 1
    while m > 1 and (d + 1) ** (m - 1) * 8**i <= (length - 1) ** i:
        d += 1
    return d


def fast_power_floor(length, i, m):
    """The same, from a guess."""
    if m == 1 or i == 0:
        return 1
    d = max(1, int(((length - 1) / 8) ** (i / (m - 1))) - 2)
    while (d + 1) ** (m - 1) * 8**i <= (length - 1) ** i:
        d += 1
    return d


def plan(length, features):
    each = features // 84
    m = min(each, MOST)
    dilations = [fast_power_floor(length, i, m) for i in range(m)]
    assert length > 3000 or dilations == [power_floor(length, i, m) for i in range(m)]
    distinct = sorted(set(dilations))
    counts = [dilations.count(d) * each // m for d in distinct]
    left, i = each - sum(counts), 0
    while left:
        counts[i] += 1
        left, i = left - 1, (i + 1) % len(distinct)
    return distinct, counts


def outputs(x, dilation, triple):
    """C of one kernel, in float32, in the order of the definition."""
    n, zero = len(x), np.float32(0)
    at = lambda v, t: v[t] if 0 <= t < n else zero
    three = x + x + x
    out = np.zeros(n, np.float32)
    for t in range(n):
        c = -x[t]
        for j in (0, 1, 2, 3, 5, 6, 7, 8):
            c = c + -at(x, t + (j - 4) * dilation)
        for j in triple:
            c = c + at(three, t + (j - 4) * dilation)
        out[t] = c
    return out


def features(x, dilations, counts, biases):
    out, i = [], 0
    for dilation, count in zip(dilations, counts):
        for triple in TRIPLES:
            c = outputs(x, dilation, triple)
            for b in biases[i:i + count]:
                out.append(np.float32(np.count_nonzero(c > b) / len(x)))
            i += count
    return np.array(out, np.float32)


def pooled(series, dilations, counts):
    out, golden = [], (np.sqrt(5) + 1) / 2
    for dilation, count in zip(dilations, counts):
        for triple in TRIPLES:
            c = np.concatenate([outputs(x, dilation, triple) for x in series]).astype(np.float64)
            out += [np.quantile(c, (len(out) + k + 1) * golden % 1) for k in range(count)]
    return np.array(out, np.float32)


if __name__ == "__main__":
    random = np.random.default_rng(1)
    tensors = {}
    rows = []
    for length in LENGTHS:
        for wanted in FEATURES:
            dilations, counts = plan(length, wanted)
            pad = [0] * (MOST - len(dilations))
            rows.append([length, wanted, len(dilations)] + dilations + pad + counts + pad)
    tensors["plans"] = np.array(rows, np.int64)
    for i, (length, reference, wanted) in enumerate(CASES):
        dilations, counts = plan(reference, wanted)
        x = np.round(random.normal(size=length) * 8).astype(np.float32) / 8 if i % 2 else random.normal(size=length).astype(np.float32)
        biases = random.normal(scale=3, size=wanted).astype(np.float32)
        if i % 2:  # outputs that are equal to a bias are not above it
            biases = np.round(biases * 8) / np.float32(8)
        tensors["case.%d" % i] = np.array([reference, wanted], np.int64)
        tensors["x.%d" % i], tensors["biases.%d" % i] = x, biases
        tensors["features.%d" % i] = features(x, dilations, counts, biases)
    for i, (reference, wanted, lengths) in enumerate(POOLED):
        series = [random.normal(size=n).astype(np.float32) for n in lengths]
        tensors["pool.%d" % i] = np.array([reference, wanted] + lengths, np.int64)
        tensors["series.%d" % i] = np.concatenate(series)
        tensors["quantiles.%d" % i] = pooled(series, *plan(reference, wanted))
    write_safetensors(os.path.join(HERE, "rocket.safetensors"), tensors)
