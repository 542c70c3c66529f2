#!/usr/bin/python3
"""Golden values of pix2pix and cycleGAN from PyTorch, in tests/golden/gan.safetensors and gan.losses.tsv.

The networks are written from the description of their layers, under the names that the public implementation gives its
tensors. Everything is computed in float64 from float32 weights and images, and stored as float32; the same in PyTorch's
float32 is only compared with it, and how far it is off is printed (see the end of this text).

Neither weights nor images are stored: u(seed, t, i), in [-1, 1) and exact in float32, is a hash that anybody can
repeat.

    uint32 x = i * 2654435761 + (t + 1) * 40503 + seed * 69069                   (all modulo 2^32)
    x ^= x >> 16; x *= 0x85ebca6b; x ^= x >> 13; x *= 0xc2b2ae35; x ^= x >> 16
    u = (x >> 8) * 2^-23 - 1

t counts a network's parameters from 0 in the order of its state_dict (no running statistics), i a tensor's elements in
C order. In double, from left to right, then rounded to float:

    weight of a convolution                     u * sqrt(3.) * sqrt(2. / (in * k * k))              [out][in][k][k]
    weight of a transposed one of stride s      u * sqrt(3.) * sqrt(2. / (in * k * k / (s * s)))    [in][out][k][k]
    bias u * .1;  weight of a norm 1 + .2 * u;  its bias .1 * u

Image n is u(7, 1000 + n, i) over [channels][height][width]. Seeds of the weights: G, G_A 1; D, D_A 2; G_B 3; D_B 4.
Batch norm is in training (the image's own statistics) and there is no dropout, unless it is said.

gan.safetensors; NET.output, NET.grad.input and NET.grad.<parameter>, the gradients of sum(output * R), R image 1 in the
output's shape; the input is image 0. Of a gradient with more than 1024 elements only every 7th is there, flat, from 0.
    full.unet256 full.resnet9       output alone, every 4th row and column: ngf 64, 1 -> 1 channel, 256 x 256; batch
                                    norm, instance norm
    full.patch2 full.patch1         output alone, 30 x 30: ndf 64, 2 channels and batch norm, 1 and instance norm
    unet5.bn unet5.in               5 downs, ngf 3, 32 x 32
    resnet3.in resnet3.bn           3 blocks, ngf 3, 28 high, 36 wide
    resnet3.dropout                 with batch norm, and dropout drawn as in step 1 of epoch 1 below
    patch2.square patch1.square     ndf 3, 2 channels and batch norm, 1 and instance norm: 32 x 32
    patch2.odd patch1.odd           29 high, 35 wide
    pix2pix.G.* pix2pix.D.*         gradients of step 1 below as if no network had taken a step before: learning rate 0
    cyclegan.G_A.* G_B D_A D_B      the same

gan.losses.tsv: what 20 steps say, and what becomes of every tensor in them, sum and sum of squares (case NAME.final;
running statistics too, but no conv bias that an instance norm follows: rounding makes its steps, even in float64). A
sum may be 0: it is off by its distance over sqrt(elements * squares).
Step s, from 1, is in epoch 1 + (s - 1) / 5, A is image 2 s, B image 2 s + 1. Adam (.5, .999), eps 1e-8; 2 + 2 epochs,
so the rate is that of the case times 1, 2/3, 1/3, 0. Losses are weighted as the public implementation prints them: D_real,
D_fake before they are halved, D_A and D_B after; G_L1 times 100; cycles times 10, identities times 10 * .5.
    pix2pix             unet5.bn and patch2, 32 x 32, 2e-4
    pix2pix.dropout     the same with 7 downs, 128 x 128, and dropout in two layers
    cyclegan.fast       resnet3.in with 32 x 32 and patch1 each, a pool of 3, 2e-4; the first 3 steps alone
    cyclegan.slow       the same, 1e-6; all 20
pix2pix: D's step, then G's. cycleGAN: both G's at once, then D_A and D_B.

Draws are at {seed 7, epoch, subject s, stream} (golden.py). Dropout layer j of a network, from 0 in the order of the
forward pass, has stream 0x47410000 + j; element i (in C order) is dropped where its number is < .5, and the others are
doubled. Pool p (0 has fake_B for D_A, 1 fake_A for D_B) has stream 0x47420000 + p. Its first 3 images are kept and
returned; then, where number 0 is > .5, the one at floor(number 1 * 3) is returned and replaced, else the new one is.

What PyTorch's float32 (1.13, oneDNN, one thread, AVX2) is off, from which the tests' limits keep a distance, is printed:
the relative L2 of an output, the largest of a network's gradients (without conv biases that an instance norm follows,
whose gradients are 0), the largest relative difference of a loss up to a step, and the largest of a tensor's sums:
    full.unet256     output 2.0e-06
    full.resnet9     output 3.0e-06
    full.patch2      output 2.4e-06
    full.patch1      output 2.5e-06
    unet5.bn         output 3.8e-07  gradient 2.3e-06
    unet5.in         output 3.3e-07  gradient 8.9e-07
    resnet3.in       output 6.4e-07  gradient 1.3e-06
    resnet3.bn       output 6.4e-07  gradient 1.2e-06
    resnet3.dropout  output 5.0e-07  gradient 1.9e-06
    patch2.square    output 5.7e-07  gradient 5.6e-07
    patch1.square    output 2.3e-07  gradient 6.3e-07
    patch2.odd       output 1.4e-06  gradient 7.1e-07
    patch1.odd       output 3.6e-07  gradient 9.2e-07
    pix2pix          gradient 6.7e-06
    cyclegan         gradient 5.1e-06
    pix2pix          losses to step 1: 4.7e-07  3: 5.5e-07  5: 5.5e-07  10: 5.5e-07  20: 5.5e-07  final 7.9e-07
    pix2pix.dropout  losses to step 1: 1.7e-07  3: 3.5e-06  5: 3.5e-06  10: 6.7e-06  20: 1.5e-05  final 9.7e-05
    cyclegan.fast    losses to step 1: 5.6e-07  3: 8.4e-05  final 3.7e-05
    cyclegan.slow    losses to step 1: 5.6e-07  3: 5.6e-07  5: 2.4e-06  10: 2.6e-06  20: 2.6e-06  final 4.0e-07

What faults show in the losses: no decay .05, .03 (pix2pix, with dropout), .0016 (cyclegan.slow), decay an epoch late
.03, .02, .0009, beta1 .9 .012, .007, .0002, beta2 .99 1.2e-4, 6e-5, 4e-6, no dropout .02 and .5 in the sums, no pool .4.
Rerun: /usr/bin/python3 tests/golden/make_gan.py
"""
import os

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

from golden import philox, write_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))
SEED, STEPS, EPOCH, STEADY, DECAY, POOL = 7, 20, 5, 2, 2, 3
MOST, EVERY = 1024, 7
DROPOUT_STREAM, POOL_STREAM = 0x47410000, 0x47420000
place = (1, 1)  # the epoch and the step in which all is drawn

# ---- numbers ----


def hashed(seed, tensor, count):
    x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761)
    x += np.uint32(((tensor + 1) * 40503 + seed * 69069) & 0xFFFFFFFF)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) * 2.0**-23 - 1


def image(number, *shape):
    return torch.from_numpy(hashed(SEED, 1000 + number, int(np.prod(shape))).reshape(1, *shape))


def drawn(count, stream):
    return philox(count, SEED, *place, stream)[0]


def fill(net, seed):
    """Every parameter from the hash, rounded to float32."""
    tensor = 0
    for module in net.modules():
        conv, transposed = isinstance(module, nn.Conv2d), isinstance(module, nn.ConvTranspose2d)
        for name, parameter in module.named_parameters(recurse=False):
            u = hashed(seed, tensor, parameter.numel())
            if name == "bias":
                u = u * .1
            elif conv or transposed:
                inside = module.in_channels * module.kernel_size[0]**2
                u = u * np.sqrt(3.) * np.sqrt(2. / (inside / module.stride[0]**2 if transposed else inside))
            else:
                u = 1 + .2 * u
            parameter.data = torch.from_numpy(u.astype(np.float32).reshape(parameter.shape)).to(parameter.dtype)
            tensor += 1
    return net


# ---- networks ----


class Dropout(nn.Module):
    """The layer-th of its network."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        kept = drawn(x.numel(), DROPOUT_STREAM + self.layer) >= .5
        return x * torch.from_numpy(kept.reshape(x.shape)).to(x.dtype) * 2


def normed(batch, channels):
    return nn.BatchNorm2d(channels) if batch else nn.InstanceNorm2d(channels)


class Level(nn.Module):
    """A level of a U-Net around the one below it: what goes through it comes out beside what went in."""

    def __init__(self, layers, outermost=False):
        super().__init__()
        self.model = nn.Sequential(*layers)
        self.outermost = outermost

    def forward(self, x):
        # the first layer of an inner level changes x in place, and so what goes past it
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class UNet(nn.Module):
    def __init__(self, downs, ngf, batch=True, dropout=False, channels=1):
        super().__init__()
        width = [ngf * min(2**i, 8) for i in range(downs)]
        wide = width[-1]
        level = Level([nn.LeakyReLU(.2, True), nn.Conv2d(wide, wide, 4, 2, 1, bias=not batch), nn.ReLU(True),
                       nn.ConvTranspose2d(wide, wide, 4, 2, 1, bias=not batch), normed(batch, wide)])
        for i in range(downs - 2, 0, -1):
            outside, inside = width[i - 1], width[i]
            layers = [nn.LeakyReLU(.2, True), nn.Conv2d(outside, inside, 4, 2, 1, bias=not batch),
                      normed(batch, inside), level, nn.ReLU(True),
                      nn.ConvTranspose2d(2 * inside, outside, 4, 2, 1, bias=not batch), normed(batch, outside)]
            if dropout and i > 3:
                layers.append(Dropout(downs - 2 - i))
            level = Level(layers)
        self.model = Level([nn.Conv2d(channels, ngf, 4, 2, 1, bias=not batch), level, nn.ReLU(True),
                            nn.ConvTranspose2d(2 * ngf, channels, 4, 2, 1), nn.Tanh()], outermost=True)

    def forward(self, x):
        return self.model(x)


class Block(nn.Module):
    def __init__(self, channels, batch, dropout):
        super().__init__()

        def conv():
            return [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=not batch), normed(batch, channels)]

        self.conv_block = nn.Sequential(*conv(), nn.ReLU(True), *dropout, *conv())

    def forward(self, x):
        return x + self.conv_block(x)


class ResNet(nn.Module):
    def __init__(self, blocks, ngf, batch=False, dropout=False, channels=1):
        super().__init__()
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(channels, ngf, 7, bias=not batch), normed(batch, ngf), nn.ReLU(True)]
        for wide in (ngf, 2 * ngf):
            layers += [nn.Conv2d(wide, 2 * wide, 3, 2, 1, bias=not batch), normed(batch, 2 * wide), nn.ReLU(True)]
        layers += [Block(4 * ngf, batch, [Dropout(i)] if dropout else []) for i in range(blocks)]
        for wide in (4 * ngf, 2 * ngf):
            layers += [nn.ConvTranspose2d(wide, wide // 2, 3, 2, 1, 1, bias=not batch), normed(batch, wide // 2),
                       nn.ReLU(True)]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(ngf, channels, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class Patch(nn.Module):
    def __init__(self, channels, ndf, batch):
        super().__init__()
        layers = [nn.Conv2d(channels, ndf, 4, 2, 1), nn.LeakyReLU(.2, True)]
        for i, stride in ((0, 2), (1, 2), (2, 1)):
            wide = ndf * 2**i
            layers += [nn.Conv2d(wide, 2 * wide, 4, stride, 1, bias=not batch), normed(batch, 2 * wide),
                       nn.LeakyReLU(.2, True)]
        layers.append(nn.Conv2d(8 * ndf, 1, 4, 1, 1))
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


def silent_biases(net):
    """Names of the conv biases that an instance norm takes away: their gradient is 0, and rounding all that is seen."""
    names, before = set(), None
    for name, module in net.named_modules():
        if isinstance(module, nn.InstanceNorm2d):
            names.add(before + ".bias")
        elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            before = name
    return names


# ---- one network ----


def forward(make, seed, shape, dtype):
    net = fill(make().to(dtype), seed)
    with torch.no_grad():
        return {"output": net(image(0, *shape).to(dtype)).double()}


def gradients(make, seed, shape, dtype):
    net = fill(make().to(dtype), seed)
    x = image(0, *shape).to(dtype).requires_grad_()
    y = net(x)
    (y * image(1, *y.shape[1:]).to(dtype)).sum().backward()
    found = {"output": y.detach().double(), "grad.input": x.grad.double()}
    found.update({"grad." + name: p.grad.double() for name, p in net.named_parameters()})
    for name in sorted(silent_biases(net)):
        found["grad." + name + " silent"] = torch.zeros_like(found.pop("grad." + name))
    return found


def thin(name, x, step):
    """What is stored of a tensor."""
    if ".grad." in name and not name.endswith(".input"):
        return x.reshape(-1)[::EVERY] if x.numel() > MOST else x
    return x[0, :, ::step, ::step]


def off(exact, rounded):
    return float((exact - rounded).norm() / exact.norm())


class Golden:
    """Collects tensors, and says how far float32 is from them."""

    def __init__(self):
        self.tensors = {}

    def say(self, text):
        print("    " + text, flush=True)

    def add(self, case, exact, rounded, step=1):
        far = {}
        for name, x in exact.items():
            if not name.endswith(" silent"):
                kind = "gradient" if "grad." in name else "output"
                far[kind] = max(far.get(kind, 0), off(x, rounded[name]))
            name = case + "." + name.replace(" silent", "")
            self.tensors[name] = thin(name, x, step).float().contiguous()
        self.say("%-16s %s" % (case, "  ".join("%s %.1e" % pair for pair in far.items())))


def one_net(golden, case, run, make, seed, shape, step=1):
    golden.add(case, run(make, seed, shape, torch.float64), run(make, seed, shape, torch.float32), step)


# ---- training ----


class Pool:
    def __init__(self, number):
        self.number, self.images = number, []

    def query(self, x):
        if len(self.images) < POOL:
            self.images.append(x)
            return x
        again, slot = drawn(2, POOL_STREAM + self.number)
        if again <= .5:
            return x
        slot = int(slot * POOL)
        x, self.images[slot] = self.images[slot], x
        return x


def adam(*nets):
    return torch.optim.Adam([p for net in nets for p in net.parameters()], lr=1, betas=(.5, .999), eps=1e-8)


def judge(net, x, real, loss):
    y = net(x)
    return loss(y, torch.ones_like(y) if real else torch.zeros_like(y))


def set_trained(nets, trained):
    for net in nets:
        net.requires_grad_(trained)


class Pix2pix:
    def __init__(self, dtype, downs, dropout):
        self.nets = {"G": fill(UNet(downs, 3, True, dropout).to(dtype), 1), "D": fill(Patch(2, 3, True).to(dtype), 2)}
        self.optimizers = [adam(self.nets["D"]), adam(self.nets["G"])]

    def step(self, a, b):
        """Yields the losses whose gradients are there, before each optimizer's step."""
        generator, discriminator = self.nets["G"], self.nets["D"]
        fake = generator(a)
        set_trained([discriminator], True)
        losses = {"D_fake": judge(discriminator, torch.cat([a, fake.detach()], 1), False,
                                  F.binary_cross_entropy_with_logits),
                  "D_real": judge(discriminator, torch.cat([a, b], 1), True, F.binary_cross_entropy_with_logits)}
        self.optimizers[0].zero_grad()
        (.5 * (losses["D_fake"] + losses["D_real"])).backward()
        yield self.optimizers[0], losses
        set_trained([discriminator], False)
        losses = {"G_GAN": judge(discriminator, torch.cat([a, fake], 1), True, F.binary_cross_entropy_with_logits),
                  "G_L1": 100 * F.l1_loss(fake, b)}
        self.optimizers[1].zero_grad()
        sum(losses.values()).backward()
        yield self.optimizers[1], losses


class CycleGan:
    def __init__(self, dtype):
        self.nets = {"G_A": fill(ResNet(3, 3).to(dtype), 1), "D_A": fill(Patch(1, 3, False).to(dtype), 2),
                     "G_B": fill(ResNet(3, 3).to(dtype), 3), "D_B": fill(Patch(1, 3, False).to(dtype), 4)}
        self.optimizers = [adam(self.nets["G_A"], self.nets["G_B"]), adam(self.nets["D_A"], self.nets["D_B"])]
        self.pools = {"D_A": Pool(0), "D_B": Pool(1)}

    def step(self, a, b):
        g_a, g_b, d_a, d_b = (self.nets[name] for name in ("G_A", "G_B", "D_A", "D_B"))
        fake_b, fake_a = g_a(a), g_b(b)
        set_trained([d_a, d_b], False)
        losses = {"G_A": judge(d_a, fake_b, True, F.mse_loss), "G_B": judge(d_b, fake_a, True, F.mse_loss),
                  "cycle_A": 10 * F.l1_loss(g_b(fake_b), a), "cycle_B": 10 * F.l1_loss(g_a(fake_a), b),
                  "idt_A": 5 * F.l1_loss(g_a(b), b), "idt_B": 5 * F.l1_loss(g_b(a), a)}
        self.optimizers[0].zero_grad()
        sum(losses.values()).backward()
        yield self.optimizers[0], losses
        set_trained([d_a, d_b], True)
        self.optimizers[1].zero_grad()
        losses = {name: .5 * (judge(self.nets[name], real, True, F.mse_loss) +
                              judge(self.nets[name], self.pools[name].query(fake.detach()), False, F.mse_loss))
                  for name, real, fake in (("D_A", b, fake_b), ("D_B", a, fake_a))}
        sum(losses.values()).backward()
        yield self.optimizers[1], losses


def first_gradients(make, dtype):
    """Of every network in step 1, when none has taken a step."""
    global place
    place = (1, 1)
    model, found = make(dtype), {}
    for optimizer, _ in model.step(image(2, 1, 32, 32).to(dtype), image(3, 1, 32, 32).to(dtype)):
        stepped = {id(p) for group in optimizer.param_groups for p in group["params"]}
        for net, module in model.nets.items():
            silent = silent_biases(module)
            for name, p in module.named_parameters():
                if id(p) in stepped:
                    found["%s.grad.%s%s" % (net, name, " silent" if name in silent else "")] = (
                        torch.zeros_like(p) if name in silent else p.grad).double()
    return found


def factor(epoch):
    return 1 - max(0, epoch + 1 - STEADY) / (DECAY + 1)


def train(make, dtype, rate, side, steps):
    """Losses of every step, and of every tensor the sum and the sum of squares at the end."""
    global place
    model, rows = make(dtype), {}
    for step in range(1, steps + 1):
        place = (1 + (step - 1) // EPOCH, step)
        a, b = (image(2 * step + i, 1, side, side).to(dtype) for i in range(2))
        for optimizer, losses in model.step(a, b):
            rows.update({(step, name): loss.item() for name, loss in losses.items()})
            for group in optimizer.param_groups:
                group["lr"] = rate * factor(place[0])
            optimizer.step()
    sums = {}
    for net, module in model.nets.items():
        for name, x in module.state_dict().items():
            if not name.endswith("num_batches_tracked") and name not in silent_biases(module):
                sums["%s.%s" % (net, name)] = (x.double().sum().item(), (x.double()**2).sum().item(), x.numel())
    return rows, sums


def trajectory(golden, lines, case, make, rate, side=32, steps=STEPS):
    exact, sums = train(make, torch.float64, rate, side, steps)
    rounded, rounded_sums = train(make, torch.float32, rate, side, steps)
    far, final = {}, 0
    for (step, name), loss in exact.items():
        lines.append("%s\t%d\t%s\t%.9g\n" % (case, step, name, loss))
        far[step] = max(far.get(step, 0), abs(loss - rounded[step, name]) / abs(loss))
    for name, (total, squares, numel) in sums.items():
        lines += ["%s.final\t%d\t%s.%s\t%.9g\n" % (case, steps, name, what, value)
                  for what, value in (("sum", total), ("squares", squares))]
        there = rounded_sums[name]
        final = max(final, abs(there[0] - total) / (numel * squares)**.5, abs(there[1] - squares) / squares)
    shown = sorted({1, 3, 5, 10, 20} & far.keys())
    golden.say("%-16s losses to step %s  final %.1e" %
               (case, "  ".join("%d: %.1e" % (s, max(far[i] for i in range(1, s + 1))) for s in shown), final))


def count(net):
    return sum(p.numel() for p in net.parameters())


def main():
    torch.set_num_threads(1)
    golden, lines = Golden(), ["case\tstep\tname\tvalue\n"]
    full = {"unet256": (lambda: UNet(8, 64), 1, 54407809, 4), "resnet9": (lambda: ResNet(9, 64), 1, 11365633, 4),
            "patch2": (lambda: Patch(2, 64, True), 2, 2764609, 1),
            "patch1": (lambda: Patch(1, 64, False), 1, 2762689, 1)}
    for name, (make, channels, parameters, step) in full.items():
        assert count(make()) == parameters, (name, count(make()))
        one_net(golden, "full." + name, forward, make, 1 + name.startswith("patch"), (channels, 256, 256), step)
    for name, make, seed, shape in (
        ("unet5.bn", lambda: UNet(5, 3), 1, (1, 32, 32)), ("unet5.in", lambda: UNet(5, 3, False), 1, (1, 32, 32)),
        ("resnet3.in", lambda: ResNet(3, 3), 1, (1, 28, 36)),
        ("resnet3.bn", lambda: ResNet(3, 3, True), 1, (1, 28, 36)),
        ("resnet3.dropout", lambda: ResNet(3, 3, True, True), 1, (1, 28, 36)),
        ("patch2.square", lambda: Patch(2, 3, True), 2, (2, 32, 32)),
        ("patch1.square", lambda: Patch(1, 3, False), 2, (1, 32, 32)),
        ("patch2.odd", lambda: Patch(2, 3, True), 2, (2, 29, 35)),
        ("patch1.odd", lambda: Patch(1, 3, False), 2, (1, 29, 35))):
        one_net(golden, name, gradients, make, seed, shape)
    for name, make in (("pix2pix", lambda dtype: Pix2pix(dtype, 5, False)), ("cyclegan", CycleGan)):
        golden.add(name, first_gradients(make, torch.float64), first_gradients(make, torch.float32))
    trajectory(golden, lines, "pix2pix", lambda dtype: Pix2pix(dtype, 5, True), 2e-4)
    trajectory(golden, lines, "pix2pix.dropout", lambda dtype: Pix2pix(dtype, 7, True), 2e-4, 128)
    trajectory(golden, lines, "cyclegan.fast", CycleGan, 2e-4, 32, 3)
    trajectory(golden, lines, "cyclegan.slow", CycleGan, 1e-6)
    write_safetensors(os.path.join(HERE, "gan.safetensors"), golden.tensors)
    with open(os.path.join(HERE, "gan.losses.tsv"), "w") as f:
        f.writelines(lines)


if __name__ == "__main__":
    main()
