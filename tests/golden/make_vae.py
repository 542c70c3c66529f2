#!/usr/bin/python3
"""Golden values of the Multi-VAE classifier from PyTorch, in tests/golden/vae.safetensors.

Small on purpose: blocks of 12 values, 3 modalities, 4 latents, hidden layers of 10 and 7. The noise of the drawn latents
is that of the counter-based generator. Rerun: /usr/bin/python3 tests/golden/make_vae.py
"""
import os

import numpy as np
import torch
import torch.nn.functional as F

from golden import normal, write_safetensors

INPUTS, MODALITIES, LATENTS, HIDDEN, SETS, SEED, ANNEAL, LAMBDA = 12, 3, 4, [10, 7], 8, 5, 4, 0.5
HERE = os.path.dirname(os.path.abspath(__file__))
MEMBERS = [[0, 1, 2], [1], [0, 2], [0, 1], [2], [1, 2], [0], [0, 1, 2]]


def perceptrons(widths):
    return torch.nn.ModuleList(torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
                               for _ in range(MODALITIES))


def run(layers, x):
    for layer in layers[:-1]:
        x = torch.relu(layer(x))
    return layers[-1](x)


class Vae(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = perceptrons([INPUTS] + HIDDEN + [2 * LATENTS])
        self.decoder = perceptrons([LATENTS] + HIDDEN[::-1] + [INPUTS])
        self.head = torch.nn.ModuleList([torch.nn.Linear(LATENTS, 1)])

    def posterior(self, images):
        """The product of experts, the prior's first."""
        code = torch.stack([run(self.encoder[m], x) for x, m in images])
        mu = torch.cat([torch.zeros(1, LATENTS).double(), code[:, :LATENTS]])
        logvar = torch.cat([torch.zeros(1, LATENTS).double(), code[:, LATENTS:]])
        t = 1 / (logvar.exp() + 1e-8)
        return (mu * t).sum(0) / t.sum(0), 1 / t.sum(0)

    def elbo(self, images, beta, noise):
        mu, var = self.posterior(images)
        z = mu + var.sqrt() * torch.tensor(noise)
        gauss = torch.distributions.Normal(mu, var.sqrt())
        kl = torch.distributions.kl_divergence(gauss, torch.distributions.Normal(0.0, 1.0)).sum()
        rebuilt = sum(((run(self.decoder[m], z) - x) ** 2).sum() / 2 for x, m in images)
        return -LAMBDA * rebuilt - beta * kl, z

    def loss(self, images, label, place):
        """`place`: epoch and subject, or None for no noise and beta 1."""
        def noise(stream):
            return normal(LATENTS, SEED, *place, stream) if place else np.zeros(LATENTS)

        beta = min(1, place[0] / ANNEAL) if place else 1
        elbo, z = self.elbo(images, beta, noise(0))
        if len(images) > 1:
            elbo = elbo + sum(self.elbo([one], beta, noise(1 + one[1]))[0] for one in images)
        target = torch.tensor([float(label)]).double()
        return F.binary_cross_entropy_with_logits(self.head[0](z), target) - elbo


def snapshot(module, prefix, gradient=False):
    return {prefix + name: (p.grad if gradient else p).detach().float().clone() for name, p in module.named_parameters()}


def main():
    rng = np.random.default_rng(13)
    m = [i for one in MEMBERS for i in one]
    x = torch.tensor(np.maximum(rng.normal(size=(len(m), INPUTS)) + 0.3, 0).astype("f4"))
    label = [i % 3 % 2 for i in range(SETS)]
    out = {"x": x, "modality": torch.tensor(m), "count": torch.tensor([len(one) for one in MEMBERS]),
           "label": torch.tensor(label)}
    at = np.cumsum([0] + [len(one) for one in MEMBERS])
    sets = [[(x[i].double(), m[i]) for i in range(a, b)] for a, b in zip(at, at[1:])]
    torch.manual_seed(4)
    model = Vae()
    out.update(snapshot(model, "init."))
    model = model.double()
    out["logit"] = torch.cat([model.head[0](model.posterior(one)[0]) for one in sets]).detach()
    # without noise, with noise while beta rises, and a set with one image
    for case, k, place in (("mean.", 0, None), ("drawn.", 0, (3, 1)), ("single.", 4, (1, 5))):
        model.zero_grad(set_to_none=False)
        loss = model.loss(sets[k], label[k], place)
        loss.backward()
        out[case + "loss"] = loss.detach().reshape(1)
        for p in model.parameters():
            p.grad = torch.zeros_like(p) if p.grad is None else p.grad
        out.update(snapshot(model, case + "grad.", gradient=True))
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    trajectory = []
    for i in range(50):
        adam.zero_grad(set_to_none=False)
        loss = model.loss(sets[i % SETS], label[i % SETS], (1 + i // SETS, 1 + i % SETS))
        loss.backward()
        adam.step()
        trajectory.append(loss.item())
    out["trajectory"] = torch.tensor(trajectory, dtype=torch.float64)
    write_safetensors(os.path.join(HERE, "vae.safetensors"), out)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
