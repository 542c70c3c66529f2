#!/usr/bin/python3
"""Golden values of both training steps from PyTorch, in tests/golden/condition*.safetensors and rho*.safetensors.

Small on purpose: 6 channels, 2 x 3 positions, 3 modalities, so that nothing may assume 512, 7 x 7 or two. In
condition_own.safetensors the modalities have 2, 6 and 3 of them (what is behind is not looked at), and the latent 4.
Rerun: /usr/bin/python3 tests/golden/make_condition.py
"""
import os

import numpy as np
import torch
import torch.nn.functional as F

from golden import write_safetensors

C, H, W, MODALITIES, SUBJECTS = 6, 2, 3, 3, 10
HERE = os.path.dirname(os.path.abspath(__file__))


class Step1(torch.nn.Module):
    def __init__(self, own, latent, hidden):
        super().__init__()
        self.own, self.latent = own, latent
        self.embedding = torch.nn.Embedding(20, 5)
        self.hidden = torch.nn.Linear(5, 20)
        self.output = torch.nn.Linear(20, latent * C + latent)
        self.decoder = torch.nn.ConvTranspose2d(latent, C, 1)
        self.classifier = torch.nn.ModuleList([torch.nn.Linear(latent * H * W, hidden), torch.nn.Linear(hidden, 1)])

    def phi(self, z, m):
        w = self.output(torch.relu(self.hidden(self.embedding(m))))
        own, cut = self.own[m], self.latent * C
        weight = w[:cut].view(self.latent, C, 1, 1)[:, :own] * (C / own) ** .5
        return F.conv2d(z[None, :own], weight, w[cut:])

    def forward(self, z, m):
        y = self.phi(z, m)
        logit = self.classifier[1](torch.relu(self.classifier[0](y.flatten())))
        return y[0], self.decoder(y)[0, :self.own[m]], logit


def snapshot(module, prefix, gradient=False):
    out = {}
    for name, p in module.named_parameters():
        t = (p.grad if gradient else p).detach()
        out[prefix + name] = (t.reshape(t.shape[:2]) if t.dim() == 4 else t).clone()
    return out


def data():
    """Images by subject: 1 to 3 modalities each, labels alternating."""
    rng = np.random.default_rng(7)
    z, m, s, label = [], [], [], []
    for subject in range(SUBJECTS):
        for modality in range(MODALITIES):
            if (subject + modality) % 3 == 0 and subject % 2:
                continue
            z.append(np.maximum(rng.normal(size=(C, H, W)) + 0.3 * modality, 0).astype("f4"))
            m.append(modality)
            s.append(subject)
            label.append(subject % 2)
    return torch.tensor(np.stack(z)), m, s, label


def losses(model, z, m, label):
    y, rebuilt, logit = model(z, torch.tensor(m))
    bce = F.binary_cross_entropy_with_logits(logit, torch.tensor([float(label)]))
    return y, F.mse_loss(rebuilt, z[:len(rebuilt)]), bce, logit


def step1(name, own, latent, hidden):
    torch.manual_seed(1)
    model = Step1(own, latent, hidden)
    z, m, s, label = data()
    out = {"z": z, "modality": torch.tensor(m), "subject": torch.tensor(s), "label": torch.tensor(label)}
    out.update(snapshot(model, "init."))
    y, mse, bce, logit = losses(model, z[1], m[1], label[1])
    (mse + bce).backward()
    out.update(snapshot(model, "grad.", gradient=True))
    out.update({"h": model.output(torch.relu(model.hidden(model.embedding.weight[m[1]]))), "y": y,
                "mse": mse.reshape(1), "bce": bce.reshape(1), "logit": logit})
    # the code's order: zero_grad once a subject, a step an image
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-4)
    trajectory = []
    while len(trajectory) < 100:
        for i in range(len(m)):
            if i == 0 or s[i] != s[i - 1]:
                adam.zero_grad(set_to_none=False)
            _, mse, bce, _ = losses(model, z[i], m[i], label[i])
            (mse + bce).backward()
            adam.step()
            trajectory.append((mse + bce).item())
    out["trajectory"] = torch.tensor(trajectory[:100], dtype=torch.float64)
    write_safetensors(os.path.join(HERE, name + ".safetensors"), out)


def step2():
    torch.manual_seed(2)
    for name, widths in (("rho2", [C * H * W, 16, 1]), ("rho3", [C * H * W, 16, 8, 1])):
        layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(widths, widths[1:]))

        def forward(x):
            for layer in layers[:-1]:
                x = torch.relu(layer(x))
            return layers[-1](x)

        sets = torch.randn(12, C * H * W)
        label = [(i * 7) % 3 % 2 for i in range(12)]
        out = {"x": sets.reshape(12, C, H, W), "label": torch.tensor(label)}
        for key, p in layers.named_parameters():
            out["init.rho." + key] = p.detach().clone()
        loss = F.binary_cross_entropy_with_logits(forward(sets[3]), torch.tensor([float(label[3])]))
        loss.backward()
        out["loss"] = loss.reshape(1)
        out["logit"] = forward(sets[3])
        for key, p in layers.named_parameters():
            out["grad.rho." + key] = p.grad.clone()
        adam = torch.optim.Adam(layers.parameters(), lr=1e-3, weight_decay=5e-4)
        trajectory = []
        for i in range(100):
            adam.zero_grad()
            k = i % 12
            loss = F.binary_cross_entropy_with_logits(forward(sets[k]), torch.tensor([float(label[k])]))
            loss.backward()
            adam.step()
            trajectory.append(loss.item())
        out["trajectory"] = torch.tensor(trajectory, dtype=torch.float64)
        write_safetensors(os.path.join(HERE, name + ".safetensors"), out)


if __name__ == "__main__":
    torch.set_num_threads(1)
    step1("condition", [C] * MODALITIES, C, 512)
    step1("condition_own", [2, C, 3], 4, 9)
    step2()
