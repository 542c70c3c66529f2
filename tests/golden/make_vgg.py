#!/usr/bin/python3
"""Golden features of VGGs from torchvision, in tests/golden/vgg.safetensors.

Weights are numbers of the counter-based generator of include/hmm/base/random.h, made here once more in NumPy, so that no
weights need to be kept. Rerun: /usr/bin/python3 tests/golden/make_vgg.py [DATA], where DATA holds
weights/vgg19-narrow.safetensors for the case with real trained weights.
"""
import json
import os
import struct
import sys

import numpy as np
import torch
from torchvision.models.vgg import cfgs, make_layers

from golden import philox, write_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

# name, configuration, width divisor, batch norm, height, width, channels of the slice
CASES = [
    ("vgg11", "A", 1, False, 224, 224, 3),
    ("vgg13_grey", "B", 16, False, 96, 70, 1),
    ("vgg16_bn", "D", 8, True, 64, 45, 3),
    ("vgg19", "E", 32, False, 47, 39, 3),
]


def uniform(subject, count, seed=11):
    """hmm_random_uniform() at {seed, subject} for indices 0..count-1."""
    return philox(count, seed, 0, subject, 0)[0]


def fill(features):
    """Weights within sqrt(6 / fan in); everything else near 0 or 1. The subject is 8 * index + 0..3."""
    for index, layer in enumerate(features):
        if isinstance(layer, torch.nn.Conv2d):
            bound = np.sqrt(6 / (layer.in_channels * 9))
            values = (2 * uniform(8 * index, layer.weight.numel()) - 1) * bound
            layer.weight.data = torch.tensor(values.astype("f4")).view(layer.weight.shape)
            layer.bias.data = torch.tensor(((uniform(8 * index + 1, layer.bias.numel()) - 0.5) * 0.2).astype("f4"))
        elif isinstance(layer, torch.nn.BatchNorm2d):
            n = layer.num_features
            layer.weight.data = torch.tensor((0.5 + uniform(8 * index, n)).astype("f4"))
            layer.bias.data = torch.tensor((uniform(8 * index + 1, n) - 0.5).astype("f4"))
            layer.running_mean = torch.tensor((uniform(8 * index + 2, n) - 0.5).astype("f4"))
            layer.running_var = torch.tensor((0.5 + uniform(8 * index + 3, n)).astype("f4"))


def twist(features, inverted):
    """The weights of twist() in tests/unit/test_vgg.c."""
    second, third = features[3], features[6]
    with torch.no_grad():
        if inverted:
            second.weight *= 4096
            second.bias *= 4096
            third.weight[:] = 0
            third.weight[range(64), range(64), 1, 1] = -1
            third.bias[:] = 1
        else:
            second.weight[1::2] = second.weight[::2]
            second.bias[1::2] = second.bias[::2]
            third.weight[:, 1::2] = third.weight[:, ::2] * -0.9375


def pixels(channels, height, width):
    c, y, x = np.meshgrid(np.arange(channels), np.arange(height), np.arange(width), indexing="ij")
    return ((x * 7 + y * 13 + c * 29 + x * y // 3) % 256).astype("u1")


def run(features, channels, height, width):
    x = torch.tensor(pixels(channels, height, width)).float() / 255
    x = x.expand(3, -1, -1)
    x = (x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    with torch.no_grad():
        return features.eval().double()(x[None].double())[0].float()


def narrow(path):
    """The real trained VGG-19, four times narrower."""
    with open(path, "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        header, data = json.loads(f.read(size)), f.read()
    cfg = [v if v == "M" else v // 4 for v in cfgs["E"]]
    features, state = make_layers(cfg), {}
    for name, entry in header.items():
        if name != "__metadata__":
            a, b = entry["data_offsets"]
            state[name[len("features."):]] = torch.tensor(np.frombuffer(data[a:b], "<f4").reshape(entry["shape"]).copy())
    last = max(int(k.split(".")[0]) for k in state)
    features = torch.nn.Sequential(*list(features)[: last + 2], torch.nn.MaxPool2d(2, 2))
    features.load_state_dict(state)
    return features


def main():
    out = {}
    for name, cfg, divisor, norm, height, width, channels in CASES:
        features = make_layers([v if v == "M" else v // divisor for v in cfgs[cfg]], batch_norm=norm)
        fill(features)
        out[name] = run(features, channels, height, width)
    for name in "untwisted", "inverted", "cancelling":
        features = make_layers([32, "M", 64, "M", 64, 64, "M"])
        fill(features)
        if name != "untwisted":
            twist(features, name == "inverted")
        out[name] = run(features, 3, 47, 39)
    path = os.path.join(sys.argv[1] if len(sys.argv) > 1 else "../shared/data", "weights/vgg19-narrow.safetensors")
    out["vgg19_narrow"] = run(narrow(path), 3, 224, 224)
    write_safetensors(os.path.join(HERE, "vgg.safetensors"), out)


if __name__ == "__main__":
    main()
