#!/usr/bin/python3
"""Predictions in pandas, with scikit-learn's metrics: metrics.py predictions.tsv"""
import sys

import pandas
from sklearn.metrics import roc_auc_score

table = pandas.read_csv(sys.argv[1], sep="\t", na_values="n/a", keep_default_na=False)
test = table[(table.split == "test") & table.label.notna()]
print(f"auc\t{roc_auc_score(test.label, test.probability):.6f}")
print(test.groupby(["label", "modalities"]).probability.mean())
