#!/usr/bin/python3
"""What a user of PyTorch would write for a whole job.

images WEIGHTS FOLDER FILE...              features of images, a file each; prints the seconds but for the start
volumes WEIGHTS FOLDER FILE...             the same of volumes: the maximum over their axial slices
patient WEIGHTS PHI RHO MODALITY=FILE...   the logit of one patient
"""
import json
import os
import sys
import time

import numpy
import torch
from PIL import Image
from torch.nn.functional import conv2d, linear
from torchvision import models, transforms

BATCH = 8
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))
torch.set_grad_enabled(False)


def load(path):
    """The tensors of a safetensors file, and its metadata."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    meta = header.pop("__metadata__", {})
    return {name: torch.from_numpy(numpy.frombuffer(data[slice(*t["data_offsets"])], "<f4").reshape(t["shape"]).copy())
            for name, t in header.items() if t["dtype"] == "F32"}, meta


def features_of(weights):
    model = models.vgg.make_layers(models.vgg.cfgs["A"]).eval()
    model.load_state_dict({name[len("features."):]: x for name, x in load(weights)[0].items() if name.startswith("features.")})
    return model


prepare = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                              transforms.Normalize((.485, .456, .406), (.229, .224, .225))])


def images(weights, folder, *files):
    model = features_of(weights)
    start = time.perf_counter()
    for first in range(0, len(files), BATCH):
        some = files[first:first + BATCH]
        y = model(torch.stack([prepare(Image.open(file).convert("RGB")) for file in some]))
        for i, block in enumerate(y):
            numpy.save(os.path.join(folder, f"{first + i}.npy"), block.numpy())
    return time.perf_counter() - start


def slices(path):
    """Axial, upright, of 8 bits."""
    import nibabel
    volume = numpy.asanyarray(nibabel.as_closest_canonical(nibabel.load(path)).dataobj).astype(float)
    volume = (volume - volume.min()) / (volume.max() - volume.min())
    volume = (volume * 255).astype("u1")
    return [prepare(Image.fromarray(volume[:, ::-1, z].T).convert("RGB")) for z in range(volume.shape[2])]


def volume_features(model, path):
    x = slices(path)
    return torch.stack([model(torch.stack(x[i:i + BATCH])).amax(0) for i in range(0, len(x), BATCH)]).amax(0)


def volumes(weights, folder, *files):
    model = features_of(weights)
    start = time.perf_counter()
    for i, file in enumerate(files):
        numpy.save(os.path.join(folder, f"{i}.npy"), volume_features(model, file).numpy())
    return time.perf_counter() - start


def patient(weights, phi, rho, *files):
    model, (p, meta), (r, _) = features_of(weights), load(phi), load(rho)
    names = [meta[key] for key in sorted(meta) if key.startswith("modality.")]
    latents = []
    for given in files:
        modality, file = given.split("=", 1)
        x = volume_features(model, file)
        hidden = linear(p["embedding.weight"][names.index(modality)], p["hidden.weight"], p["hidden.bias"]).relu()
        made, c = linear(hidden, p["output.weight"], p["output.bias"]), x.shape[0]
        latents.append(conv2d(x[None], made[:c * c].view(c, c, 1, 1), made[c * c:])[0])
    x = torch.stack(latents).mean(0).flatten()
    layers = sum(name.endswith(".weight") for name in r)
    for i in range(layers):
        x = linear(x, r[f"rho.{i}.weight"], r[f"rho.{i}.bias"])
        x = x.relu() if i + 1 < layers else x
    return x.item()


print({"images": images, "volumes": volumes, "patient": patient}[sys.argv[1]](*sys.argv[2:]))
