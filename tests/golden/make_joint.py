#!/usr/bin/python3
"""Golden values of the one-step systems from PyTorch, in tests/golden/joint.safetensors.

Every combination of convolution (generated, shared, each) and fusion (mean, sum, max, concat, scores) that a system of
hmm-joint(1) is made of. Small on purpose: 6 channels, 2 x 2 positions, 3 modalities, sets with several images of one
modality where that is allowed. Rerun: /usr/bin/python3 tests/golden/make_joint.py
"""
import os

import numpy as np
import torch
import torch.nn.functional as F

from golden import write_safetensors

C, H, W, MODALITIES, SETS, HIDDEN = 6, 2, 2, 3, 8, [16, 8]
HERE = os.path.dirname(os.path.abspath(__file__))
CASES = [("generated", "mean"), ("generated", "sum"), ("generated", "max"), ("shared", "mean"), ("shared", "max"),
         ("each", "concat"), ("each", "scores")]


class Joint(torch.nn.Module):
    def __init__(self, conv, fuse):
        super().__init__()
        self.kind, self.fuse = conv, fuse
        if conv == "generated":
            self.embedding = torch.nn.Embedding(20, 5)
            self.hidden = torch.nn.Linear(5, 20)
            self.output = torch.nn.Linear(20, C * C + C)
        else:
            count = MODALITIES if conv == "each" else 1
            self.conv = torch.nn.ModuleList(torch.nn.Conv2d(C, C, 1) for _ in range(count))
        widths = [C * H * W * (MODALITIES if fuse == "concat" else 1)] + HIDDEN + [1]
        self.rho = torch.nn.ModuleList(
            torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
            for _ in range(MODALITIES if fuse == "scores" else 1))

    def convolve(self, z, m):
        if self.kind == "generated":
            w = self.output(torch.relu(self.hidden(self.embedding(torch.tensor(m)))))
            return F.conv2d(z[None], w[: C * C].view(C, C, 1, 1), w[C * C:])[0]
        return self.conv[m if self.kind == "each" else 0](z[None])[0]

    def perceptron(self, layers, x):
        for layer in layers[:-1]:
            x = torch.relu(layer(x))
        return layers[-1](x)

    def forward(self, images):
        y = torch.stack([self.convolve(z, m).flatten() for z, m in images])
        if self.fuse == "scores":
            p = torch.stack([self.perceptron(self.rho[m], one) for one, (_, m) in zip(y, images)]).sigmoid().mean(0)
            return torch.log(p / (1 - p))
        fused = {"mean": lambda: y.mean(0), "sum": lambda: y.sum(0), "max": lambda: y.max(0).values,
                 "concat": lambda: y.flatten()}[self.fuse]()
        return self.perceptron(self.rho[0], fused)


def snapshot(module, prefix, gradient=False):
    out = {}
    for name, p in module.named_parameters():
        t = (p.grad if gradient else p).detach().float()
        out[prefix + name] = (t.reshape(C, C) if t.dim() == 4 else t).clone()
    return out


def data():
    """`many`: sets of 1 to 5 images, sorted by modality; `full`: one image of each modality; `some`: one of some."""
    rng = np.random.default_rng(11)
    sets = {"many": [[0, 0, 1, 2, 2], [1], [0, 2], [0, 1, 2], [2, 2, 2], [1, 1, 2], [0], [0, 0, 1]],
            "full": [[0, 1, 2]] * SETS, "some": [[0, 1, 2], [1], [0, 2], [0, 1], [2], [1, 2], [0], [0, 1, 2]]}
    out = {}
    for name, members in sets.items():
        m = [i for one in members for i in one]
        z = np.maximum(rng.normal(size=(len(m), C, H, W)) + 0.3, 0).astype("f4")
        out[name + ".z"], out[name + ".modality"] = torch.tensor(z), torch.tensor(m)
        out[name + ".count"] = torch.tensor([len(one) for one in members])
    return out


def take(tensors, name):
    at, out = 0, []
    for count in tensors[name + ".count"].tolist():
        z, m = tensors[name + ".z"][at: at + count].double(), tensors[name + ".modality"][at: at + count].tolist()
        out.append(list(zip(z, m)))
        at += count
    return out


def main():
    out = data()
    label = [i % 3 % 2 for i in range(SETS)]
    out["label"] = torch.tensor(label)
    for conv, fuse in CASES:
        torch.manual_seed(3)
        model = Joint(conv, fuse)
        case = conv + "." + fuse + "."
        out.update(snapshot(model, case + "init."))
        model = model.double()
        sets = take(out, {"concat": "full", "scores": "some"}.get(fuse, "many"))

        def loss_of(i):
            logit = model(sets[i])
            return logit, F.binary_cross_entropy_with_logits(logit, torch.tensor([float(label[i])]).double())

        logit, loss = loss_of(0)
        loss.backward()
        out.update(snapshot(model, case + "grad.", gradient=True))
        out[case + "logit"], out[case + "loss"] = logit.detach(), loss.detach().reshape(1)
        adam = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-4)
        trajectory = []
        for i in range(50):
            adam.zero_grad()
            _, loss = loss_of(i % SETS)
            loss.backward()
            adam.step()
            trajectory.append(loss.item())
        out[case + "trajectory"] = torch.tensor(trajectory, dtype=torch.float64)
    write_safetensors(os.path.join(HERE, "joint.safetensors"), out)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
