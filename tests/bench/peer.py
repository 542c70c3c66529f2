#!/usr/bin/python3
"""The same work in PyTorch; each prints one number, or several on a line.

vgg WEIGHTS BATCH HEIGHT WIDTH SECONDS     slices per second
error WEIGHTS SLICES FEATURES              relative L2 error of hmm-vgg --per-slice, against float64
onnx WEIGHTS SLICES BATCH FOLDER           write the model, an input and its float64 output for ONNX Runtime
repeats STREAM                             slices, those that an earlier one equals, those of one value
step KIND BATCH [CHANNELS SIDE]            milliseconds a step, the better of Adam's two ways, of blocks (512 x 7 x 7);
                                           KIND is step1, step2, joint, cnn, multi or vae
authors WEIGHTS SLICES                     seconds of VGG a volume, of a step 1, of a step 2
"""
import json
import os
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))
torch.manual_seed(0)


def timed(function, seconds):
    function()
    start = time.perf_counter()
    passes = 0
    while passes < 2 or time.perf_counter() - start < seconds:
        function()
        passes += 1
    return (time.perf_counter() - start) / passes


def tensors(path):
    """A safetensors file of float32."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    header.pop("__metadata__", None)
    return {name: torch.from_numpy(numpy.frombuffer(data[slice(*t["data_offsets"])], "<f4").reshape(t["shape"]).copy())
            for name, t in header.items()}


def features(path):
    """torchvision's `features` of these weights: a ReLU behind each convolution, a pool where an index is left out."""
    weights = tensors(path)
    layers, index = [], 0
    while f"features.{index}.weight" in weights:
        w = weights[f"features.{index}.weight"]
        layers += [nn.Conv2d(w.shape[1], w.shape[0], 3, padding=1), nn.ReLU(inplace=True)]
        layers[-2].load_state_dict({"weight": w, "bias": weights[f"features.{index}.bias"]})
        index += 2
        if f"features.{index}.weight" not in weights:
            layers.append(nn.MaxPool2d(2))
            index += 1
    return nn.Sequential(*layers).eval().requires_grad_(False)


def records(path):
    """The tensors of a stream."""
    import msgpack
    import msgpack_numpy
    with open(path, "rb") as file:
        for record in msgpack.Unpacker(file, object_hook=msgpack_numpy.decode, max_buffer_size=2**31 - 1):
            if "x" in record:
                yield record["x"]


def pixels(path, count):
    """Normalised as torchvision does it, grey slices tiled to RGB."""
    x = torch.stack([torch.from_numpy(x.copy()).expand(3, -1, -1) for _, x in zip(range(count), records(path))])
    mean, deviation = (torch.tensor(v).view(3, 1, 1) for v in ((.485, .456, .406), (.229, .224, .225)))
    return (x.float() / 255 - mean) / deviation


def vgg(weights, batch, height, width, seconds):
    model, x = features(weights), torch.randn(int(batch), 3, int(height), int(width))
    with torch.no_grad():
        return int(batch) / timed(lambda: model(x), float(seconds))


def error(weights, slices, blocks):
    model, off, all_ = features(weights).double(), 0, 0
    blocks = list(records(blocks))
    for x, block in zip(pixels(slices, len(blocks)), blocks):
        want = model(x[None].double())[0].numpy()
        off += ((block.astype(float) - want) ** 2).sum()
        all_ += (want ** 2).sum()
    return (off / all_) ** .5


def onnx(weights, slices, batch, folder):
    model, x = features(weights), pixels(slices, int(batch))
    os.makedirs(folder, exist_ok=True)
    torch.onnx.export(model, x, f"{folder}/model.onnx", input_names=["x"], output_names=["y"])
    x.numpy().tofile(f"{folder}/input.f32")
    torch.cat([model.double()(one[None].double()) for one in x]).float().numpy().tofile(f"{folder}/output.f32")
    with open(f"{folder}/shape.json", "w") as file:
        json.dump(list(x.shape), file)
    return folder


def repeats(stream):
    seen, slices, again, blank = set(), 0, 0, 0
    for x in records(stream):
        slices += 1
        again += x.tobytes() in seen
        blank += bool(x.min() == x.max())
        seen.add(x.tobytes())
    return f"{slices} {again} {blank}"


class Step1(nn.Module):
    """The hypernetwork and step 1's two heads, on one modality a step."""

    def __init__(self, c=512, s=49):
        super().__init__()
        self.c = c
        self.hyper = nn.Sequential(nn.Embedding(20, 5), nn.Linear(5, 20), nn.ReLU(), nn.Linear(20, c * c + c))
        self.decode = nn.ConvTranspose2d(c, c, 1)
        self.classify = nn.Sequential(nn.Flatten(), nn.Linear(c * s, 512), nn.ReLU(), nn.Linear(512, 1))

    def latent(self, z, modality):
        w = self.hyper(torch.tensor(modality))
        return functional.conv2d(z, w[: self.c ** 2].view(self.c, self.c, 1, 1), w[self.c ** 2:])

    def loss(self, z, modality, label):
        y = self.latent(z, modality)
        return functional.mse_loss(self.decode(y), z) + functional.binary_cross_entropy_with_logits(self.classify(y), label)


class Step2(nn.Module):
    """Three linear layers on a set's latent, as in the paper."""

    def __init__(self, c=512, s=49):
        super().__init__()
        self.c = c
        self.rho = nn.Sequential(nn.Flatten(), nn.Linear(c * s, 512), nn.ReLU(), nn.Linear(512, 128), nn.ReLU(), nn.Linear(128, 1))

    def loss(self, z, modality, label):
        return functional.binary_cross_entropy_with_logits(self.rho(z), label)


class Joint(Step1):
    """Both at once: the mean of the latents of two modalities, and three linear layers."""

    def __init__(self, c=512, s=49):
        super().__init__(c, s)
        self.decode = None
        self.classify = Step2(c, s).rho

    def loss(self, z, modality, label):
        latents = [self.latent(z, m) for m in range(2)]
        return functional.binary_cross_entropy_with_logits(self.classify(torch.stack(latents).mean(0)), label)


class Cnn(nn.Module):
    """A convolution a modality, concatenated, and two linear layers."""

    def __init__(self, c=512, s=49, modalities=1):
        super().__init__()
        self.convolve = nn.ModuleList(nn.Conv2d(c, c, 1) for _ in range(modalities))
        self.classify = nn.Sequential(nn.Flatten(), nn.Linear(modalities * c * s, 512), nn.ReLU(), nn.Linear(512, 1))

    def loss(self, z, modality, label):
        y = torch.cat([convolve(z) for convolve in self.convolve], 1)
        return functional.binary_cross_entropy_with_logits(self.classify(y), label)


class Multi(Cnn):
    def __init__(self, c=512, s=49):
        super().__init__(c, s, 2)


class Vae(nn.Module):
    """Two modalities, encoders and decoders of 512,512, 64 latents, a product of experts, three ELBOs."""

    def __init__(self, c=512, s=49, latents=64):
        super().__init__()
        self.c = c

        def perceptron(*widths):
            layers = [layer for a, b in zip(widths, widths[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
            return nn.Sequential(*layers[:-1])
        self.encoders = nn.ModuleList(perceptron(c * s, 512, 512, 2 * latents) for _ in range(2))
        self.decoders = nn.ModuleList(perceptron(latents, 512, 512, c * s) for _ in range(2))
        self.head = nn.Linear(latents, 1)

    def elbo(self, z, codes, some):
        mu = torch.stack([torch.zeros_like(codes[0][0])] + [codes[m][0] for m in some])
        t = 1 / (torch.stack([torch.zeros_like(codes[0][1])] + [codes[m][1] for m in some]).exp() + 1e-8)
        var = 1 / t.sum(0)
        mean = (mu * t).sum(0) * var
        latent = mean + var.sqrt() * torch.randn_like(mean)
        kl = (var + mean.square() - 1 - var.log()).sum() / 2
        return -sum((self.decoders[m](latent) - z).square().sum() for m in some) / 2 - kl, latent

    def loss(self, z, modality, label):
        z = z.flatten(1)
        codes = [encoder(z).chunk(2, 1) for encoder in self.encoders]
        elbo, latent = self.elbo(z, codes, (0, 1))
        alone = sum(self.elbo(z, codes, (m,))[0] for m in range(2))
        return -(elbo + alone) / len(z) + functional.binary_cross_entropy_with_logits(self.head(latent), label)


def step(kind, batch, seconds=1.0, c=512, side=7):
    """Seconds a step."""
    def way(foreach):
        model, z, label = kind(c, side * side), torch.rand(batch, c, side, side), torch.ones(batch, 1)
        adam = torch.optim.Adam(model.parameters(), lr=1e-4, weight_decay=5e-4, foreach=foreach)

        def one():
            adam.zero_grad()
            model.loss(z, 0, label).backward()
            adam.step()

        return timed(one, seconds)
    return min(way(False), way(True))


def authors(weights, slices):
    """VGG is in their loop: all slices of a volume, then the maximum."""
    model, x = features(weights), pixels(slices, 1 << 20)
    with torch.no_grad():
        volume = timed(lambda: model(x).amax(0), 0)
    return f"{volume} {step(Step1, 1)} {step(Step2, 1)}"


def step_of(kind, batch, channels=512, side=7):
    kinds = {"step1": Step1, "step2": Step2, "joint": Joint, "cnn": Cnn, "multi": Multi, "vae": Vae}
    return 1000 * step(kinds[kind], int(batch), 1.0, int(channels), int(side))


works = {"vgg": vgg, "error": error, "onnx": onnx, "repeats": repeats, "authors": authors, "step": step_of}
print(works[sys.argv[1]](*sys.argv[2:]))
