#!/usr/bin/python3
"""Distributions, intervals and power by SciPy and statsmodels: tests/golden/interval.tsv, a line a value: what it is of, up to
three numbers, and the values (the second n/a where there is one). Made with scipy 1.10.1, statsmodels 0.13.5.

Rerun: /usr/bin/python3 tests/golden/make_interval.py
"""
import os

import numpy as np
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint

HERE = os.path.dirname(os.path.abspath(__file__))
TAILS = (1e-300, 1e-100, 1e-20, 1e-9, 1e-4, .004, .025, .1, .3, .4999, .5, .50001, .77, .975, .999, 1 - 1e-9)
FREEDOMS = (1, 2, 3, 10, 32, 39, 41, 89, 110, 1000, 123456, 1e6)


def student_quantile(p, df):
    """SciPy 1.10's is good to 8 digits: two of Newton's steps by its distribution, which is good to 14."""
    if p > .5:
        return -student_quantile(1 - p, df)
    x = t.ppf(p, df)
    for _ in range(2):
        x -= (t.cdf(x, df) - p) / t.pdf(x, df)
    return x


def lines():
    for z in (-37., -12, -8.3, -3, -1.959963984540054, -.5, -1e-9, 0, .3, 1.5, 4, 9):
        yield "normal", z, 0, 0, norm.cdf(z), "n/a"
    for p in TAILS:
        yield "normal_quantile", p, 0, 0, norm.ppf(p), "n/a"
    for df in FREEDOMS:
        for x in (-1e6, -40, -7, -2.2, -1, -.1, -1e-6, 0, .4, 1.1, 3, 12.7):
            yield "student", x, df, 0, t.cdf(x, df), "n/a"
        for p in TAILS[4:]:
            yield "student_quantile", p, df, 0, student_quantile(p, df), "n/a"
    for n in (1, 2, 11, 33, 90, 1000):
        for k in sorted({0, 1, n // 5, n // 2, n - 1, n}):
            for level in (.9, .95):
                yield ("wilson", k, n, level, *proportion_confint(k, n, 1 - level, "wilson"))
    for n in (2, 3, 5, 11, 33, 90, 1000):
        for level in (.5, .95, .99):
            tail = norm.cdf(student_quantile((1 - level) / 2, n - 1) * np.sqrt(n / (n - 1)))
            yield "expanded", n, level, 0, tail, "n/a"
            if tail > 0:
                yield "expanded_p", n, tail, 0, 1 - level, "n/a"
    for area in (.02, .5, .7, .85, .99):
        for error in (.001, .04, .15):
            logit, reach = np.log(area / (1 - area)), norm.ppf(.975) * error / (area * (1 - area))
            yield ("area", area, error, .95, *(1 / (1 + np.exp(-logit + s * reach)) for s in (1, -1)))
    for error in (.01, .03, .0612):
        for difference in (-.05, 0, .004, .05, .2):
            z, away = norm.ppf(.975), abs(difference) / error
            power = norm.cdf(away - z) + norm.cdf(-away - z)
            yield "power", difference, error, 0, power, "n/a"
            if difference > 0 and power < .9999:
                yield "power_difference", error, power, 0, difference, "n/a"
                yield "power_count", 90, error, difference, needed(90, error, difference), "n/a"


def needed(count, error, difference):
    """Whole numbers in turn, to the first with 80 %."""
    n, z = 0, norm.ppf(.975)
    while True:
        n += 1
        away = difference / (error * np.sqrt(count / n))
        if norm.cdf(away - z) + norm.cdf(-away - z) >= .8:
            return n


with open(os.path.join(HERE, "interval.tsv"), "w") as file:
    print("of", "first", "second", "third", "value", "other", sep="\t", file=file)
    for line in lines():
        print(*(repr(float(v)) if isinstance(v, (float, int)) else v for v in line), sep="\t", file=file)
