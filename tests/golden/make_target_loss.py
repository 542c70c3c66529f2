#!/usr/bin/python3
"""The losses of classes, values and times, and their slopes, as PyTorch's autograd has them in doubles; means of several
outputs; what a table of predictions has of outputs; scikit-learn's areas: tests/golden/target_loss.tsv. Columns: what, its
case, the place among its numbers (of a loss 0 is the loss, and behind it are its slopes), the number.

The outputs are those of make_ridge.py's hash, of the element's place.
Rerun: /usr/bin/python3 tests/golden/make_target_loss.py (python3-torch, python3-sklearn)
"""
import os

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score

HERE = os.path.dirname(os.path.abspath(__file__))
ENDS = [1, 2.5, 4, 8]
# within, at an end, behind the last, at nothing; censored before, at and behind a middle
TIMES = [.3, 1, 1.75, 2.5, 2.500001, 4, 7, 8, 9, 0, .4, .5, .6, 1.7, 3.25, 6]
BASELINE = [.05, .2, .7, 1.5]
WIDTH = {"bce": 1, "cross-entropy": 4, "gaussian": 2, "huber": 1, "squared": 1, "hazards": 4, "cox": 1}
rows = []


def scramble(i, seed):
    h = (i + seed * 1000003) * 2654435761 % 2**32
    h = (h ^ h >> 15) * 2246822519 % 2**32
    return h >> 24


def outputs(count, width, seed, scale=1):
    z = [scale * (scramble(i, seed) / 64 - 2) for i in range(count * width)]
    return torch.tensor(z, dtype=torch.float64).view(count, width).requires_grad_()


def write(what, case, numbers):
    rows.extend((what, case, place, float(number)) for place, number in enumerate(numbers))


def write_loss(what, case, loss, z):
    loss.backward()
    write(what, case, [loss.item(), *z.grad.flatten().tolist()])


def hazards(z, time, event):
    """The cross-entropy of the intervals that say anything."""
    start, through, died = 0, [], []
    for k, end in enumerate(ENDS):
        if event and (start < time or k == 0) and time <= end:
            died.append(k)
        elif (end < time) if event else ((start + end) / 2 <= time):
            through.append(k)
        start = end
    target = torch.zeros(len(ENDS), dtype=torch.float64)
    target[died] = 1
    return F.binary_cross_entropy_with_logits(z[0, through + died], target[through + died], reduction="sum")


def cox(eta, times, events):
    """-log of Efron's partial likelihood, an event; times are few, and tied."""
    loss = torch.zeros((), dtype=torch.float64)
    for time in set(t for t, e in zip(times, events) if e):
        dead = [i for i, (t, e) in enumerate(zip(times, events)) if e and t == time]
        risk = torch.stack([eta[i].exp() for i, t in enumerate(times) if t >= time]).sum()
        own = eta[dead].exp().sum()
        for place in range(len(dead)):
            loss = loss + torch.log(risk - place / len(dead) * own)
        loss = loss - eta[dead].sum()
    return loss / max(sum(events), 1)


def losses():
    for case in range(40):
        z, scale = case + 10, 1 if case < 20 else 8
        value = scramble(case, 3) / 32 - 4
        one = outputs(1, 4, z, scale)
        write_loss("cross-entropy", case, torch.nn.CrossEntropyLoss()(one, torch.tensor([case % 4])), one)
        one = outputs(1, 2, z, scale)
        loss = torch.nn.GaussianNLLLoss(eps=1e-300)(one[0, :1], torch.tensor([value], dtype=torch.float64), one[0, 1:].exp())
        write_loss("gaussian", case, loss, one)
        for what, of in ("huber", torch.nn.HuberLoss()), ("squared", torch.nn.MSELoss()):
            one = outputs(1, 1, z, scale)
            write_loss(what, case, of(one[0, 0], torch.tensor(value, dtype=torch.float64)), one)
        for event in 0, 1:
            if case < len(TIMES):
                one = outputs(1, 4, z)
                write_loss("hazards", 2 * case + event, hazards(one, TIMES[case], event), one)
    for case, (count, of) in enumerate(((1, 256), (5, 160), (12, 160), (40, 160), (6, 0))):
        eta = outputs(count, 1, 60 + case)
        times, events = [scramble(i, 70) // 32 for i in range(count)], [int(scramble(i, 71) < of) for i in range(count)]
        loss = cox(eta[:, 0], times, events)
        if any(events):
            loss.backward()
        slopes = eta.grad.flatten() if any(events) else torch.zeros(count)
        write("cox", case, [loss.item(), *slopes.tolist()])


def means():
    for what, width in WIDTH.items():
        for case, count in enumerate((1, 3)):
            z, up = outputs(count, width, 80 + case, 2), outputs(1, width, 90).detach()[0]
            if what in ("bce", "hazards"):
                mean = torch.logit(torch.sigmoid(z).mean(0))
            elif what == "cross-entropy":
                mean = F.softmax(z, 1).mean(0).log()
            else:
                mean = z.mean(0)
            (mean * up).sum().backward()
            write("mean of " + what, case, [*mean.tolist(), *z.grad.flatten().tolist()])


def numbers():
    for what, width in WIDTH.items():
        z = outputs(1, width, 100, 2).detach()[0]
        if what == "bce":
            have = [z[0], torch.sigmoid(z[0])]
        elif what == "cross-entropy":
            have = F.softmax(z, 0)
        elif what == "hazards":
            survival = torch.cumprod(1 - torch.sigmoid(z), 0)
            have = [-survival.log().sum(), *survival]
        elif what == "cox":
            have = [z[0], *torch.exp(-torch.tensor(BASELINE, dtype=torch.float64) * z[0].exp())]
        else:
            have = [30 + 4 * z[0]] + ([4 * torch.exp(z[1]).sqrt()] if what == "gaussian" else [])
        write("numbers of " + what, 0, have)


def areas():
    """One against the rest; the mean of those of which there are both."""
    for case, classes in enumerate((4, 3)):
        z = outputs(60, 4, 110 + case).detach()
        label = np.array([scramble(i, 112) % classes for i in range(60)])
        p = F.softmax(z, 1).numpy()
        write("area", case, [np.mean([roc_auc_score(label == k, p[:, k]) for k in range(classes)])])


losses()
means()
numbers()
areas()
with open(os.path.join(HERE, "target_loss.tsv"), "w") as file:
    print("what", "case", "place", "number", sep="\t", file=file)
    for row in rows:
        print("%s\t%d\t%d\t%.17g" % row, file=file)
