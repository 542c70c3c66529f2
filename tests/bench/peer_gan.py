#!/usr/bin/python3
"""peer_gan.py METHOD SIZE WIDTH DEPTH SECONDS: one step of pix2pix or cycleGAN in PyTorch, as the public
implementation takes it; prints the median seconds of a step and the process's peak memory in bytes.

METHOD is pix2pix (a U-Net of DEPTH halvings) or cyclegan (a ResNet of DEPTH blocks); or either with -forward: one image
through its generator. The networks are those of the golden values, with PyTorch's own dropout."""
import os
import resource
import statistics
import sys
import time

import torch
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import make_gan  # noqa: E402

make_gan.Dropout = lambda layer: nn.Dropout(.5)
method, size, width, depth = sys.argv[1], *map(int, sys.argv[2:5])
seconds = float(sys.argv[5])
torch.manual_seed(1)
bce, mse, l1 = nn.BCEWithLogitsLoss(), nn.MSELoss(), nn.L1Loss()


def adam(*nets):
    return torch.optim.Adam([p for net in nets for p in net.parameters()], lr=2e-4, betas=(.5, .999))


def grades(net, x, real, loss):
    y = net(x)
    return loss(y, torch.ones_like(y) if real else torch.zeros_like(y))


def learning(net, on):
    for p in net.parameters():
        p.requires_grad_(on)


class Pix2pix:
    def __init__(self):
        self.g = make_gan.UNet(depth, width, dropout=True)
        self.d = make_gan.Patch(2, width, True)
        self.of_g, self.of_d = adam(self.g), adam(self.d)

    def step(self, a, b):
        fake = self.g(a)
        learning(self.d, True)
        self.of_d.zero_grad()
        both = grades(self.d, torch.cat((a, fake.detach()), 1), False, bce)
        both = both + grades(self.d, torch.cat((a, b), 1), True, bce)
        (both * .5).backward()
        self.of_d.step()
        learning(self.d, False)
        self.of_g.zero_grad()
        (grades(self.d, torch.cat((a, fake), 1), True, bce) + 100 * l1(fake, b)).backward()
        self.of_g.step()


class CycleGAN:
    def __init__(self):
        self.g = make_gan.ResNet(depth, width)
        self.back = make_gan.ResNet(depth, width)
        self.d = [make_gan.Patch(1, width, False), make_gan.Patch(1, width, False)]
        self.of_g, self.of_d = adam(self.g, self.back), adam(*self.d)

    def step(self, a, b):
        fake_b, fake_a = self.g(a), self.back(b)
        for d in self.d:
            learning(d, False)
        self.of_g.zero_grad()
        loss = grades(self.d[0], fake_b, True, mse) + grades(self.d[1], fake_a, True, mse)
        loss = loss + 10 * l1(self.back(fake_b), a) + 10 * l1(self.g(fake_a), b)
        (loss + 5 * l1(self.g(b), b) + 5 * l1(self.back(a), a)).backward()
        self.of_g.step()
        for d in self.d:
            learning(d, True)
        self.of_d.zero_grad()
        for d, real, fake in ((self.d[0], b, fake_b), (self.d[1], a, fake_a)):
            (.5 * (grades(d, real, True, mse) + grades(d, fake.detach(), False, mse))).backward()
        self.of_d.step()


gan = Pix2pix() if method.startswith("pix2pix") else CycleGAN()
images = torch.rand(2, 1, 1, size, size) * 2 - 1


def work():
    if method.endswith("-forward"):
        with torch.no_grad():
            gan.g(images[0])
    else:
        gan.step(*images)


taken, until = [], None
while len(taken) < 3 or time.time() < until:
    start = time.time()
    work()
    taken.append(time.time() - start)
    until = until or time.time() + seconds  # the first warms up
print(statistics.median(taken[1:]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
