#!/usr/bin/python3
"""The same work in PyTorch: `vgg` prints slices per second, `step1` and `step2` milliseconds a step."""
import os
import sys
import time

import torch
import torchvision

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(0)


def timed(function, times):
    function()
    start = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - start) / times


def vgg():
    features = torchvision.models.vgg11(weights=None).features.eval()
    x = torch.randn(8, 3, 224, 224)
    with torch.no_grad():
        return 8 / timed(lambda: features(x), 4)


def step1():
    c, s = 512, 49
    h = torch.nn.ModuleDict({"e": torch.nn.Embedding(20, 5), "a": torch.nn.Linear(5, 20), "b": torch.nn.Linear(20, c * c + c),
                             "d": torch.nn.ConvTranspose2d(c, c, 1), "f": torch.nn.Linear(c * s, 512), "g": torch.nn.Linear(512, 1)})
    adam = torch.optim.Adam(h.parameters(), lr=1e-4, weight_decay=5e-4, foreach=True)
    z, label = torch.rand(1, c, 7, 7), torch.ones(1, 1)

    def step():
        adam.zero_grad()
        w = h["b"](torch.relu(h["a"](h["e"](torch.tensor(0)))))
        y = torch.nn.functional.conv2d(z, w[: c * c].view(c, c, 1, 1), w[c * c:])
        logit = h["g"](torch.relu(h["f"](y.flatten(1))))
        loss = torch.nn.functional.mse_loss(h["d"](y), z) + torch.nn.functional.binary_cross_entropy_with_logits(logit, label)
        loss.backward()
        adam.step()

    return 1000 * timed(step, 8)


def step2():
    rho = torch.nn.Sequential(torch.nn.Linear(25088, 512), torch.nn.ReLU(), torch.nn.Linear(512, 128), torch.nn.ReLU(),
                              torch.nn.Linear(128, 1))
    adam = torch.optim.Adam(rho.parameters(), lr=1e-4, weight_decay=5e-4, foreach=True)
    x, label = torch.rand(1, 25088), torch.ones(1, 1)

    def step():
        adam.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(rho(x), label).backward()
        adam.step()

    return 1000 * timed(step, 8)


print({"vgg": vgg, "step1": step1, "step2": step2}[sys.argv[1]]())
