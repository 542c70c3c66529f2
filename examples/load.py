#!/usr/bin/python3
"""A trained HyperMM in PyTorch, from what hmm-weights --export writes of phi and rho.

    load.py phi.safetensors rho.safetensors <features.hmm

prints the outputs of rho for each subject of a stream of features, as hmm-condition | hmm-setsum | hmm-rho have them: the logit,
or of classes one output a class before the softmax, and so on (man hmm, TARGETS).
"""
import json
import sys

import msgpack
import msgpack_numpy
import numpy
import torch
from torch.nn.functional import conv2d, linear


def load(path):
    """The tensors of a safetensors file, and its metadata."""
    data = open(path, "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    meta = header.pop("__metadata__")
    flat = {name: numpy.frombuffer(data, "<f4", offset=8 + size + t["data_offsets"][0], count=numpy.prod(t["shape"], dtype=int))
            for name, t in header.items()}
    return {name: torch.tensor(x.reshape(header[name]["shape"])) for name, x in flat.items()}, meta


class HyperMM(torch.nn.Module):
    def __init__(self, phi, rho):
        super().__init__()
        self.phi, meta = load(phi)
        self.rho, _ = load(rho)
        self.modalities = [meta[f"modality.{i}"] for i in range(sum(key.startswith("modality.") for key in meta))]
        self.latents = int(meta.get("latent", self.phi["output.bias"].numel() ** 0.5))  # L, where it is not the channels

    def latent(self, modality, x):  # x [C, H, W]
        hidden = linear(self.phi["embedding.weight"][self.modalities.index(modality)], self.phi["hidden.weight"], self.phi["hidden.bias"])
        made = linear(hidden.relu(), self.phi["output.weight"], self.phi["output.bias"])
        c, all, L = x.shape[0], made.numel() // self.latents - 1, self.latents  # its own channels, those of the widest modality
        weight = made[: L * all].view(L, all)[:, :c] * (all / c) ** 0.5
        return conv2d(x[None], weight[:, :, None, None], made[L * all :])[0]

    def forward(self, images):  # [(modality, x), ...] of one subject
        x = torch.stack([self.latent(*image) for image in images]).mean(0).flatten()
        layers = sum(name.endswith(".weight") for name in self.rho)
        for i in range(layers):
            x = linear(x, self.rho[f"rho.{i}.weight"], self.rho[f"rho.{i}.bias"])
            x = x.relu() if i + 1 < layers else x
        return x


if __name__ == "__main__":
    model = HyperMM(*sys.argv[1:3])
    subjects = {}
    for record in msgpack.Unpacker(sys.stdin.buffer, object_hook=msgpack_numpy.decode):
        if "x" in record:
            subjects.setdefault(record["subject"], []).append((record["modality"], torch.tensor(record["x"])))
    for name in sorted(subjects):
        print(name, *(f"{output:.6f}" for output in model(subjects[name]).tolist()), sep="\t")
