#!/usr/bin/python3
"""Golden trajectories of every system that is trained, from PyTorch: tests/golden/trajectory.*, and of other targets
than the binary one tests/golden/objective.*

Whole runs of the programs, epoch by epoch: the order of the samples, batches with a short last one, schedules, patience,
checkpoints. Written are the streams to train on, the cases (program, stream, options), and for each case its curve and
what the trained model says of every record. What is random is drawn as the programs draw it (include/hmm/base/random.h);
everything else is PyTorch's: losses, gradients, Adam, the schedules. Small on purpose: 6 channels, 2 x 2 positions, three
modalities. Wants python3-torch, -msgpack, -xxhash. Rerun: /usr/bin/python3 tests/golden/make_trajectory.py, which writes
both, or those that are named: make_trajectory.py objective
"""
import argparse
import itertools
import math
import os
import sys

import msgpack
import numpy as np
import torch
import torch.nn.functional as F
import xxhash

from golden import normal, philox
from objectives import double, known, objective_of

C, H, W = 6, 2, 2
BLOCK = C * H * W
MODALITIES = ["PET", "T1w", "T2w"]
HERE = os.path.dirname(os.path.abspath(__file__))

RATE = "--learning-rate "
CASES = [line.split(None, 3) for line in f"""
condition.1          hmm-condition bags  --epochs 16 {RATE}3e-3 --patience 7
condition.5          hmm-condition bags  --epochs 10 {RATE}3e-3 --batch 5 --schedule step --init pytorch --checkpoint auc -s 3
condition.code       hmm-condition bags  --epochs 8 {RATE}1e-3 --preset code
condition.subjects   hmm-condition bags  --epochs 14 {RATE}5e-3 --order subjects --round-losses yes --patience 2 --min-epochs 4
rho.two.1            hmm-rho       sets  --epochs 14 {RATE}1e-2 --hidden 16 --subset-loss all --class-weight balanced
rho.two.5            hmm-rho       sets  --epochs 14 {RATE}1e-2 --hidden 16 --batch 5 --val-loss subsets --min-epochs 3
rho.three.1          hmm-rho       sets  --epochs 8 {RATE}3e-3 --hidden 16,8 --schedule constant --weight-decay 0
rho.three.5          hmm-rho       sets  --epochs 12 {RATE}1e-2 --hidden 16,8 --batch 5 --subset-loss all --schedule step --checkpoint last
rho.code             hmm-rho       sets  --epochs 12 {RATE}3e-3 --hidden 16 --preset code
rho.dropout          hmm-rho       sets  --epochs 8 {RATE}1e-2 --hidden 16,8 --batch 5 --dropout 0.3 --subset-loss all
joint.mean.1         hmm-joint     bags  --epochs 12 {RATE}3e-3 --model hypermm --hidden 16,8
joint.mean.5         hmm-joint     bags  --epochs 10 {RATE}1e-2 --model hypermm --hidden 16,8 --batch 5 --init pytorch
joint.sum            hmm-joint     bags  --epochs 8 {RATE}3e-3 --model hypermm --hidden 16 --batch 5 --reduce sum
joint.max            hmm-joint     bags  --epochs 8 {RATE}3e-3 --model hypermm --hidden 16 --reduce max
joint.unconditional  hmm-joint     bags  --epochs 8 {RATE}3e-3 --model hypermm --hidden 16 --unconditional --schedule step
joint.code           hmm-joint     bags  --epochs 9 {RATE}3e-3 --model hypermm --hidden 16 --preset code --dropout 0
joint.cnn.1          hmm-joint     bags  --epochs 8 {RATE}3e-3 --model cnn --hidden 16 --class-weight balanced
joint.cnn.5          hmm-joint     bags  --epochs 8 {RATE}1e-2 --model cnn --hidden 16 --batch 5 --checkpoint auc
joint.concat.1       hmm-joint     pairs --epochs 8 {RATE}3e-3 --model multi-cnn --hidden 16
joint.concat.5       hmm-joint     pairs --epochs 8 {RATE}1e-2 --model multi-cnn --hidden 16 --batch 5
joint.imputed.1      hmm-joint     pairs --epochs 8 {RATE}3e-3 --model multi-cnn --hidden 16 --impute mean
joint.imputed.5      hmm-joint     pairs --epochs 8 {RATE}1e-2 --model multi-cnn --hidden 16 --impute mean --batch 5
joint.scores.1       hmm-joint     pairs --epochs 8 {RATE}3e-3 --model multi-cnn --fuse scores --hidden 16
joint.scores.5       hmm-joint     pairs --epochs 8 {RATE}1e-2 --model multi-cnn --fuse scores --hidden 16 --batch 5
dropout.hypermm      hmm-joint     bags  --epochs 8 {RATE}3e-3 --model hypermm --hidden 16,8 --preset code --batch 5
dropout.cnn          hmm-joint     bags  --epochs 8 {RATE}3e-3 --model cnn --hidden 16 --batch 5 --dropout 0.3
dropout.scores       hmm-joint     pairs --epochs 8 {RATE}3e-3 --model multi-cnn --fuse scores --hidden 16,8 --batch 5 --dropout 0.3
vae.1                hmm-vae       pairs --epochs 8 --hidden 10,7 --latents 4 --lambda 0.5 --anneal 4 --batch 1
vae.5                hmm-vae       pairs --epochs 8 --hidden 10,7 --latents 4 --anneal 20 --batch 5 {RATE}3e-3 --weight-decay 5e-4
vae.code             hmm-vae       pairs --epochs 8 --hidden 10 --latents 4 --anneal 6 --preset code --class-weight balanced
""".strip().splitlines()]

TARGET = "--target "
OBJECTIVES = [line.split(None, 3) for line in f"""
condition.classes.1  hmm-condition bags.classes  {TARGET}classes --epochs 8 {RATE}3e-3 -s 1
condition.classes.5  hmm-condition bags.classes  {TARGET}classes --epochs 8 {RATE}3e-3 --batch 5 --checkpoint auc
condition.value      hmm-condition bags.value    {TARGET}value --epochs 8 {RATE}1e-3 --batch 5
condition.hazards    hmm-condition bags.time     {TARGET}time --epochs 8 {RATE}3e-3 --preset code
condition.cox        hmm-condition bags.time     {TARGET}time --loss cox --epochs 8 {RATE}3e-3 --batch 5
condition.cox.9      hmm-condition bags.time     {TARGET}time --loss cox --epochs 8 {RATE}3e-3 --batch 9 --checkpoint auc
rho.classes.1        hmm-rho       sets.classes  {TARGET}classes --epochs 8 {RATE}3e-3 --hidden 16 --class-weight balanced
rho.classes.5        hmm-rho       sets.classes  {TARGET}classes --epochs 9 {RATE}1e-2 --hidden 16,8 --batch 5 --subset-loss all --checkpoint auc
rho.gaussian.1       hmm-rho       sets.value    {TARGET}value --epochs 8 {RATE}1e-3 --hidden 16
rho.gaussian.5       hmm-rho       sets.value    {TARGET}value --epochs 8 {RATE}3e-3 --hidden 16,8 --batch 5 --subset-loss all --dropout 0.3
rho.huber            hmm-rho       sets.value    {TARGET}value --loss huber --epochs 8 {RATE}3e-3 --hidden 16 --batch 5
rho.squared          hmm-rho       sets.value    {TARGET}value --loss squared --epochs 8 {RATE}3e-3 --hidden 16
rho.hazards.1        hmm-rho       sets.time     {TARGET}time --epochs 8 {RATE}3e-3 --hidden 16
rho.hazards.5        hmm-rho       sets.time     {TARGET}time --times 2,3.5,5 --epochs 9 {RATE}1e-2 --hidden 16 --batch 5 --checkpoint auc --subset-loss all
rho.cox              hmm-rho       sets.time     {TARGET}time --times 2.5,4 --loss cox --epochs 9 {RATE}1e-2 --hidden 16 --batch 5 --checkpoint auc
rho.cox.subsets      hmm-rho       sets.time     {TARGET}time --times 2.5,4 --loss cox --epochs 8 {RATE}1e-2 --hidden 16,8 --batch 9 --subset-loss all --val-loss subsets --dropout 0.3
joint.cnn.classes    hmm-joint     bags.classes  {TARGET}classes --epochs 8 {RATE}3e-3 --model cnn --hidden 16 --class-weight balanced
joint.cnn.value      hmm-joint     bags.value    {TARGET}value --epochs 8 {RATE}1e-3 --model cnn --hidden 16 --batch 5
joint.cnn.cox        hmm-joint     bags.time     {TARGET}time --times 2.5,4 --loss cox --epochs 8 {RATE}3e-3 --model cnn --hidden 16 --batch 5
joint.mean.classes   hmm-joint     bags.classes  {TARGET}classes --epochs 8 {RATE}3e-3 --model hypermm --hidden 16,8
joint.mean.hazards   hmm-joint     bags.time     {TARGET}time --times 2.5,4 --epochs 8 {RATE}3e-3 --model hypermm --hidden 16 --batch 5
joint.mean.cox       hmm-joint     bags.time     {TARGET}time --loss cox --epochs 8 {RATE}1e-2 --model hypermm --hidden 16 --batch 5
joint.concat.classes hmm-joint     pairs.classes {TARGET}classes --epochs 8 {RATE}3e-3 --model multi-cnn --hidden 16
joint.concat.hazards hmm-joint     pairs.time    {TARGET}time --times 2.5,4 --epochs 8 {RATE}3e-3 --model multi-cnn --hidden 16 --batch 5
joint.scores.classes hmm-joint     pairs.classes {TARGET}classes --epochs 8 {RATE}3e-3 --model multi-cnn --fuse scores --hidden 16 --batch 5
joint.scores.hazards hmm-joint     pairs.time    {TARGET}time --times 2.5,4 --epochs 8 {RATE}3e-3 --model multi-cnn --fuse scores --hidden 16
joint.scores.cox     hmm-joint     pairs.time    {TARGET}time --times 2.5,4 --loss cox --epochs 8 {RATE}3e-3 --model multi-cnn --fuse scores --hidden 16 --batch 5
vae.classes.1        hmm-vae       pairs.classes {TARGET}classes --epochs 8 --hidden 10 --latents 4 --anneal 4 --batch 1
vae.classes.5        hmm-vae       pairs.classes {TARGET}classes --epochs 8 --hidden 10,7 --latents 4 --anneal 6 --batch 5 --class-weight balanced
vae.hazards          hmm-vae       pairs.time    {TARGET}time --times 2.5,4 --epochs 8 --hidden 10 --latents 4 --anneal 4 --batch 5
vae.cox              hmm-vae       pairs.time    {TARGET}time --times 2.5,4 --loss cox --epochs 8 --hidden 10 --latents 4 --anneal 4 --batch 5 {RATE}3e-3 --weight-decay 5e-4
""".strip().splitlines()]


# ---- options: the paper's and the code's values, stated here once more ----

def parse(program, text):
    p = argparse.ArgumentParser()
    for name in ("preset", "schedule", "stop-on", "checkpoint", "round-losses", "order", "init", "class-weight", "subset-loss", "val-loss",
                 "model", "reduce", "fuse", "impute", "hidden", "loss", "times"):
        p.add_argument("--" + name)
    for name in ("epochs", "min-epochs", "patience", "batch", "latents", "anneal"):
        p.add_argument("--" + name, type=int)
    for name in ("learning-rate", "weight-decay", "dropout", "lambda"):
        p.add_argument("--" + name, type=float)
    p.add_argument("--target", default="binary")
    for name in ("unconditional",):
        p.add_argument("--" + name, action="store_true")
    p.add_argument("-s", dest="seed", type=int, default=0)
    o = p.parse_args(text.split())
    code, step1, vae = o.preset == "code", program == "hmm-condition", program == "hmm-vae"
    usual = {"schedule": "constant" if vae else "plateau", "min_epochs": 0, "patience": 500 if vae else 10,
             "batch": 16 if vae else 1, "learning_rate": 1e-3 if vae else 1e-4, "weight_decay": 0 if vae else 5e-4,
             "stop_on": "training" if code and step1 else "validation", "reduce": "mean", "fuse": "concat",
             "checkpoint": ("last" if step1 else "auc") if code else "loss", "round_losses": "yes" if code else "no",
             "order": "subjects" if code else "images", "init": "pytorch" if code else "hyperfan", "class_weight": "none",
             "val_loss": "subsets" if code else "observed", "hidden": "512" if code else "512,128",
             "dropout": .5 if code and (program == "hmm-rho" or o.model == "hypermm") else 0}
    for name, value in usual.items():
        if getattr(o, name) is None:
            setattr(o, name, value)
    o.hidden = [int(width) for width in o.hidden.split(",")]
    return o


# ---- records and streams ----

def canonical(record):
    texts = [record.get(field, "").encode() for field in ("subject", "modality", "source")]
    return *texts, record.get("index", -1), record["x"].tobytes()


def images(rng, alone):
    """Images of 30 subjects; `alone`: at most one of a modality."""
    records = []
    for i in range(30):
        split = "train" if i < 18 else "val" if i < 25 else "test"
        label = int(i % 5 < 2)
        complete = alone and (i % 3 != 1)
        for m, name in enumerate(MODALITIES):
            if not complete and (i + m) % 3 == 0 and i % 7 != 3:
                continue
            for k in range(1 if alone else 1 + (i * 5 + m) % 3):
                x = rng.normal(size=(C, H, W)) + .3 * m + .5 * label * (np.arange(C)[:, None, None] % 2)
                record = {"subject": f"sub-{i * 7 % 30}", "group": f"sub-{i * 7 % 30}", "modality": name, "split": split,
                          "source": f"{i}{name}{9 - k // 2}.png", "label": label,
                          "x": np.maximum(x, 0).astype("<f4")}
                if not alone and i % 2:
                    record.update(index=k % 2, count=2)
                if i == 4:
                    del record["label"]
                records.append(record)
    return records


def sets(rng):
    """Every subject's whole set, and its subsets."""
    records = []
    for i in range(26):
        names = [name for m, name in enumerate(MODALITIES) if (i + m) % 4 or i % 5 == 0]
        split = "train" if i < 17 else "val" if i < 23 else "test"
        label = int(i % 3 == 0)
        for size in range(len(names), 0, -1):
            for some in itertools.combinations(names, size):
                x = rng.normal(size=(C, H, W)) / size + .4 * label * (np.arange(C)[:, None, None] % 3)
                record = {"subject": f"sub-{i * 7 % 26}", "group": f"g{i // 2}", "modality": "+".join(some), "split": split,
                          "label": label, "count": size, "x": x.astype("<f4")}
                if size < len(names):
                    record["observed"] = "+".join(names)
                records.append(record)
    return records


def relabel(records, target):
    """Of a binary label another, which has to do with it: names, two of which are numbers; values; times, some of one
    time, and of one subject no more is known than a time."""
    def label(r, n):
        label = r["label"]
        if target == "classes":
            return {"label": ["b c", 0, "\u00e9", 1][(2 * label + n % 5 // 3) % 4]}
        if target == "value":
            return {"label": 1 if n == 14 else "%g" % (50 - 8 * label + n * 7 % 13 / 4)}
        return {"label": "%g" % (2 + n * 7 % 11 / 2 - label / 2), **({"event": int(n % 4 != 1)} if n != 14 else {})}
    return [{**r, **label(r, int(r["subject"][4:]))} if "label" in r else r for r in records]


def write_stream(suite, name, kind, records):
    pack = msgpack.Packer(use_bin_type=True).pack
    data = pack({"hmm": 1, "kind": kind, "history": []})
    for record in records:
        x = record["x"]
        tensor = {b"nd": True, b"type": x.dtype.str, b"kind": b"", b"shape": list(x.shape), b"data": x.tobytes()}
        data += pack({**record, "x": tensor})
    data += pack({"end": len(records), "xxh3": xxhash.xxh3_64(data).intdigest()})
    with open(os.path.join(HERE, f"{suite}.{name}.hmm"), "wb") as f:
        f.write(data)


# ---- what is drawn ----

def name_of(text):
    return xxhash.xxh32(text.encode(), seed=0).intdigest()


def uniform(count, seed, epoch=0, subject=0, stream=0):
    return philox(count, seed, epoch, subject, stream)[0]


def shuffle(count, seed, epoch):
    order = list(range(count))
    draw = uniform(count + 1, seed, epoch)
    for i in range(count, 1, -1):
        j = int(draw[i] * i)
        order[i - 1], order[j] = order[j], order[i - 1]
    return order


class Model:
    """Parameters by name, drawn as the programs draw them, and their training in doubles."""

    def __init__(self, options, names, objective):
        self.o, self.names, self.objective, self.p = options, names, objective, {}

    def draw(self, name, shape, values):
        self.p[name] = torch.tensor(values.astype("f4").reshape(shape)).double().requires_grad_()

    def uniform(self, name, shape, bound):
        self.draw(name, shape, (2 * uniform(math.prod(shape), self.o.seed, subject=name_of(name)) - 1) * bound)

    def normal(self, name, shape, deviation):
        self.draw(name, shape, normal(math.prod(shape), self.o.seed, 0, name_of(name), 0) * deviation)

    def layer(self, name, rows, columns):
        self.uniform(name + ".weight", (rows, columns), columns**-.5)
        self.uniform(name + ".bias", (rows,), columns**-.5)

    def perceptron(self, name, widths):
        for i, (columns, rows) in enumerate(zip(widths, widths[1:])):
            self.layer(f"{name}.{i}", rows, columns)

    def linear(self, name, x):
        return F.linear(x, self.p[name + ".weight"], self.p[name + ".bias"])

    def run(self, name, x, layers, place=None, dropout=0, stream=0):
        """place: epoch and name, whose mask it is; stream: of the first layer's."""
        for i in range(layers):
            x = self.linear(f"{name}.{i}", x)
            if i + 1 < layers:
                x = torch.relu(x)
                if place and dropout:
                    x = x * torch.tensor(uniform(len(x), self.o.seed, *place, (stream + i) % 2**32) >= dropout) / (1 - dropout)
        return x

    def open_phi(self):
        self.normal("embedding.weight", (20, 5), 1)
        self.layer("hidden", 20, 5)
        self.layer("output", C * C + C, 20)
        if self.o.init == "hyperfan":
            # Chang, Flokas, Lipson 2020: the variance of a generated W z + b is that of z
            power = float(self.hide(torch.arange(len(self.names))).square().mean())
            self.normal("output.weight", (C * C + C, 20), (1 / (2 * C * 20 * power))**.5)
            with torch.no_grad():
                self.p["output.weight"][C * C:] *= C**.5
                self.p["output.bias"].zero_()

    def hide(self, m):
        return torch.relu(self.linear("hidden", self.p["embedding.weight"][m]))

    def phi(self, x, m):
        w = self.linear("output", self.hide(m))
        return F.conv2d(x[None], w[:C * C].view(C, C, 1, 1), w[C * C:])[0]

    def number(self, record):
        return self.names.index(record["modality"])


def block(record):
    return torch.tensor(record["x"]).double()


# ---- the systems: items of training; their outputs, and the loss beside the objective's ----

class Step1(Model):
    def __init__(self, options, names, objective):
        super().__init__(options, names, objective)
        self.open_phi()
        self.uniform("decoder.weight", (C, C), C**-.5)
        self.uniform("decoder.bias", (C,), C**-.5)
        self.perceptron("classifier", [BLOCK, 512, self.objective.outputs])

    def items(self, records, split):
        return [[r] for r in records if r["split"] == split and known(r, self.o.target)]

    def learn(self, item, place):
        x = block(item[0])
        y = self.phi(x, self.number(item[0]))
        rebuilt = F.conv_transpose2d(y[None], self.p["decoder.weight"].view(C, C, 1, 1), self.p["decoder.bias"])[0]
        return F.mse_loss(rebuilt, x), self.run("classifier", y.flatten(), 2)

    validate = learn

    def outputs(self, records):
        for r in records:
            yield (r["subject"], r["modality"], r["source"], str(r.get("index", "n/a"))), {
                "mean": self.phi(block(r), self.number(r)).mean()}


class Rho(Model):
    def __init__(self, options, names, objective):
        super().__init__(options, names, objective)
        self.perceptron("rho", [BLOCK] + options.hidden + [self.objective.outputs])

    def items(self, records, split):
        subsets = self.o.subset_loss == "all" if split == "train" else self.o.val_loss == "subsets"
        return [[r] for r in records
                if r["split"] == split and known(r, self.o.target) and (subsets or "observed" not in r)]

    def output(self, item, place=None):
        place = place and (place, name_of(item[0]["subject"]))
        return self.run("rho", block(item[0]).flatten(), len(self.o.hidden) + 1, place, self.o.dropout)

    def learn(self, item, place):
        return 0, self.output(item, place)

    def validate(self, item, place):
        return 0, self.output(item)

    def outputs(self, records):
        for r in records:
            yield (r["subject"], r["modality"], "n/a", "n/a"), self.objective.numbers(self.output([r]))


def by_subject(records):
    return [list(group) for _, group in itertools.groupby(records, lambda r: r["subject"])]


class Joint(Model):
    def __init__(self, options, names, objective):
        super().__init__(options, names, objective)
        self.cnn, self.multi = options.model == "cnn", options.model == "multi-cnn"
        self.generates = not (self.cnn or self.multi or options.unconditional)
        self.scores = self.multi and options.fuse == "scores"
        self.mean = {}  # of what a subject lacks: of its modality's training images
        if self.generates:
            self.open_phi()
        for i in range(len(names) if self.multi else 0 if self.generates else 1):
            self.layer(f"conv.{i}", C, C)
        inputs = BLOCK * (len(names) if self.multi and not self.scores else 1)
        for i in range(len(names) if self.scores else 1):
            self.perceptron(f"rho.{i}", [inputs] + options.hidden + [self.objective.outputs])

    def sets(self, records):
        return [s for s in by_subject(records) if not self.multi or self.mean or len(s) == len(self.names)]

    def items(self, records, split):
        labelled = [r for r in records if r["split"] == split and known(r, self.o.target)]
        if self.o.impute == "mean" and split == "train":
            for name in self.names:
                x = np.stack([r["x"] for r in labelled if r["modality"] == name])
                self.mean[name] = {"modality": name, "x": x.mean(0, dtype="f8").astype("f4")}
        return [[r] for r in labelled] if self.cnn else self.sets(labelled)

    def convolve(self, r):
        if self.generates:
            return self.phi(block(r), self.number(r)).flatten()
        name = f"conv.{self.number(r) if self.multi else 0}"
        weight = self.p[name + ".weight"].view(C, C, 1, 1)
        return F.conv2d(block(r)[None], weight, self.p[name + ".bias"])[0].flatten()

    def output(self, item, epoch=None):
        name = item[0]["subject"] + ("\n" + item[0]["source"] if self.cnn else "")
        place, layers = epoch and (epoch, name_of(name)), len(self.o.hidden) + 1
        if self.mean:
            item = [{r["modality"]: r for r in item}.get(name, self.mean[name]) for name in self.names]
        y = torch.stack([self.convolve(r) for r in item])
        if self.scores:
            return self.objective.mean(torch.stack([self.run(
                f"rho.{self.number(r)}", one, layers, place, self.o.dropout, name_of(r["modality"])) for one, r in zip(y, item)]))
        fused = y.flatten() if self.multi else {
            "mean": lambda: y.mean(0), "sum": lambda: y.sum(0), "max": lambda: y.max(0).values}[self.o.reduce]()
        return self.run("rho.0", fused, layers, place, self.o.dropout)

    learn, validate = Rho.learn, Rho.validate

    def outputs(self, records):
        for s in self.sets(records):
            output = self.objective.mean(torch.stack([self.output([r]) for r in s])) if self.cnn else self.output(s)
            yield (s[0]["subject"], "+".join(sorted({r["modality"] for r in s})), "n/a", "n/a"), self.objective.numbers(output)


class Vae(Model):
    def __init__(self, options, names, objective):
        super().__init__(options, names, objective)
        self.scale = 1 if options.__dict__["lambda"] is None else options.__dict__["lambda"]
        self.layers, L = len(options.hidden) + 1, options.latents
        for m in range(len(names)):
            self.perceptron(f"encoder.{m}", [BLOCK] + options.hidden + [2 * L])
            self.perceptron(f"decoder.{m}", [L] + options.hidden[::-1] + [BLOCK])
        self.perceptron("head", [L, self.objective.outputs])

    def items(self, records, split):
        return by_subject([r for r in records if r["split"] == split and known(r, self.o.target)])

    def posterior(self, item):
        """The product of experts, the prior's first."""
        L = self.o.latents
        code = torch.stack([self.run(f"encoder.{self.number(r)}", block(r).flatten(), self.layers) for r in item])
        mu = torch.cat([torch.zeros(1, L).double(), code[:, :L]])
        t = 1 / (torch.cat([torch.zeros(1, L).double(), code[:, L:]]).exp() + 1e-8)
        return (mu * t).sum(0) / t.sum(0), 1 / t.sum(0)

    def elbo(self, item, epoch, stream):
        mu, var = self.posterior(item)
        z = mu + var.sqrt() * torch.tensor(normal(self.o.latents, self.o.seed, epoch, name_of(item[0]["subject"]), stream))
        gauss = torch.distributions.Normal(mu, var.sqrt())
        kl = torch.distributions.kl_divergence(gauss, torch.distributions.Normal(0.0, 1.0)).sum()
        rebuilt = sum(((self.run(f"decoder.{self.number(r)}", z, self.layers) - block(r).flatten())**2).sum() / 2
                      for r in item)
        return -self.scale * rebuilt - min(1, epoch / self.o.anneal) * kl, z

    def learn(self, item, epoch):
        elbo, z = self.elbo(item, epoch, 0)
        alone = sum(self.elbo([r], epoch, name_of(r["modality"]))[0] for r in item) if len(item) > 1 else 0
        return -elbo - alone, self.run("head", z, 1)

    def output(self, item):
        return self.run("head", self.posterior(item)[0], 1)

    validate = Rho.validate

    def outputs(self, records):
        for s in by_subject(records):
            yield (s[0]["subject"], "+".join(r["modality"] for r in s), "n/a", "n/a"), self.objective.numbers(self.output(s))


# ---- training ----

def weights_of(items, model):
    """scikit-learn's class_weight='balanced', of all classes that are trained on."""
    labels, classes = [item[0]["label"] for item in items], max(model.objective.outputs, 2)
    if model.o.class_weight != "balanced":
        return double([1.0] * len(items))
    return double([len(labels) / (classes * labels.count(label)) for label in labels])


def first_of(items):
    return [item[0] for item in items]


def batches(model, items, epoch):
    """Lists of items' numbers, and whether the gradients begin anew."""
    o = model.o
    if isinstance(model, Step1) and o.order == "subjects":
        for i, item in enumerate(items):
            yield [i], i == 0 or item[0]["subject"] != items[i - 1][0]["subject"]
        return
    order = shuffle(len(items), o.seed, epoch)
    for at in range(0, len(order), o.batch):
        yield order[at:at + o.batch], True


def train_epoch(model, adam, items, weights, epoch):
    total = 0
    for batch, anew in batches(model, items, epoch):
        if anew:
            adam.zero_grad(set_to_none=False)
        found = [model.learn(items[i], epoch) for i in batch]
        of_outputs = model.objective.losses(torch.stack([z for _, z in found]), first_of(items[i] for i in batch))
        losses = of_outputs * weights[batch] + torch.stack([torch.as_tensor(rest).double() for rest, _ in found])
        losses.mean().backward()
        adam.step()
        total += losses.sum().item()
    return total / len(items)


def validate(model, items, weights, epoch):
    with torch.no_grad():
        found = [model.validate(item, epoch) for item in items]
        z = torch.stack([z for _, z in found])
        losses = model.objective.losses(z, first_of(items)) * weights
        whole = [i for i, item in enumerate(items) if "observed" not in item[0]]
        auc = model.objective.auc(z[whole], [items[i][0] for i in whole])
    return (losses.sum().item() + sum(float(rest) for rest, _ in found)) / len(items), auc


def schedule_of(adam, options):
    if options.schedule == "plateau":
        return torch.optim.lr_scheduler.ReduceLROnPlateau(adam, patience=3, factor=.3, threshold=1e-4)
    return torch.optim.lr_scheduler.StepLR(adam, 3, .5) if options.schedule == "step" else None


def train(model, records):
    o = model.o
    training, validation = model.items(records, "train"), model.items(records, "val")
    weights, val_weights = weights_of(training, model), weights_of(validation, model)
    adam = torch.optim.Adam(model.p.values(), lr=o.learning_rate, weight_decay=o.weight_decay)
    for p in model.p.values():
        p.grad = torch.zeros_like(p)
    schedule = schedule_of(adam, o)
    best, kept, lowest, since, curve = -math.inf, None, math.inf, 0, []
    assert o.batch == 1 or len(training) % o.batch, "no short last batch"
    for epoch in range(1, o.epochs + 1):
        rate = adam.param_groups[0]["lr"]
        train_loss = train_epoch(model, adam, training, weights, epoch)
        val_loss, auc = validate(model, validation, val_weights, epoch)
        watched = train_loss if o.stop_on == "training" else val_loss
        score = -val_loss
        if o.round_losses == "yes":
            watched, score = round(watched, 4), round(score, 4)
        if o.checkpoint == "auc":
            score = (-2 if math.isnan(auc) else auc) - (10 if epoch < 6 else 0)
        is_best = o.checkpoint == "last" or score > best
        if is_best:
            best, kept = score, [p.detach().clone() for p in model.p.values()]
        if o.schedule == "plateau":
            schedule.step(val_loss)
            if epoch <= o.min_epochs:
                schedule.num_bad_epochs = 0
        elif schedule:
            schedule.step()
        curve.append((epoch, rate, train_loss, val_loss, auc, int(is_best)))
        since = 0 if watched < lowest else since + (epoch > o.min_epochs)
        lowest = min(lowest, watched)
        if since >= o.patience:
            break
    with torch.no_grad():
        for p, value in zip(model.p.values(), kept):
            p.copy_(value)
        model.objective.finish(*as_predicted(model, training))
    return curve


def as_predicted(model, training):
    """The outputs of whole sets, and of single images their mean a subject; and a record of each."""
    whole = [item for item in training if "observed" not in item[0]]
    z = [model.validate(item, 0)[1] for item in whole]
    if getattr(model.o, "model", None) != "cnn":
        return torch.stack(z), first_of(whole)
    subjects = sorted({item[0]["subject"] for item in whole})
    of = {name: [i for i, item in enumerate(whole) if item[0]["subject"] == name] for name in subjects}
    return torch.stack([torch.stack([z[i] for i in of[name]]).mean(0) for name in subjects]), [whole[of[name][0]][0] for name in subjects]


def streams_of(suite):
    rng = np.random.default_rng(5)
    streams = {"bags": images(rng, False), "pairs": images(rng, True), "sets": sets(rng)}
    if suite == "objective":
        streams = {f"{name}.{target}": relabel(records, target) for name, records in streams.items()
                   for target in ("classes", "value", "time") if (name, target) != ("pairs", "value")}
    for name, records in streams.items():
        mixed = [records[i] for i in rng.permutation(len(records))]
        write_stream(suite, name, "sets" if name.startswith("sets") else "features", mixed)
        records.sort(key=canonical)
    return streams


def make(suite, all_cases, tell):
    """tell: whether a number's column is written, of those alone who are not trained on."""
    systems = {"hmm-condition": Step1, "hmm-rho": Rho, "hmm-joint": Joint, "hmm-vae": Vae}
    streams = streams_of(suite)
    with open(os.path.join(HERE, suite + ".cases.tsv"), "w") as cases, \
            open(os.path.join(HERE, suite + ".curves.tsv"), "w") as curves, \
            open(os.path.join(HERE, suite + ".outputs.tsv"), "w") as outputs:
        cases.write("case\tprogram\tstream\toptions\n")
        curves.write("case\tepoch\tlearning_rate\ttrain_loss\tval_loss\tval_auc\tkept\n")
        outputs.write("case\tsubject\tmodality\tsource\tindex\t%svalue\n" % ("column\t" if tell else ""))
        for case, program, stream, options in all_cases:
            cases.write(f"{case}\t{program}\t{stream}\t{options}\n")
            parsed = parse(program, options)
            model = systems[program](parsed, MODALITIES, objective_of(parsed, streams[stream]))
            for row in train(model, streams[stream]):
                curves.write(case + "\t%d\t%.9g\t%.9g\t%.9g\t%.9g\t%d\n" % row)
            of = [r for r in streams[stream] if not tell or r["split"] != "train"]
            with torch.no_grad():
                for row, numbers in sorted(model.outputs(of), key=lambda row: "\t".join(row[0]).encode()):
                    for column, number in numbers.items():
                        cells = (*row, column) if tell else row
                        outputs.write("\t".join([case, *cells, "%.7g" % number]) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    suites = {"trajectory": (CASES, False), "objective": (OBJECTIVES, True)}
    for suite in sys.argv[1:] or suites:
        make(suite, *suites[suite])
