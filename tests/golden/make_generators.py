#!/usr/bin/python3
"""Generators as the public implementation of pix2pix and cycleGAN saves them, and what they make of two slices:
tests/golden/generator_*.pth and generator_*.bin, generator.pgm, generator.ppm. And Pillow's BICUBIC on 8-bit images:
bicubic.tsv, the SHA-256 of every case.

The networks are make_gan.py's, tiny; batch norm's running statistics are not those of any image. Slices are imputed as
the authors test, and resized around that: bicubic to the network's side, ToTensor, Normalize(.5, .5), the network in
train() mode on the one image, uint8((x + 1) / 2 * 255), truncated; then grey by convert("L") where the slice is grey and
the network is not, and bicubic back. Dropout is drawn as hmm-gan does: by
the slice's bytes, shape and index, which is 0, and seed 7.

generator_NAME.bin has planes of 20 x 28 (all bytes of a PPM's red, then green, then blue): of generator.pgm, then the same
in eval() mode, then without dropout where NAME has any; and where the network takes colours the first of these of
generator.ppm.

    unet         U-Net of 5 downs, 32 x 32, batch norm
    unet_in      the same with instance norm and its running statistics, as before PyTorch 0.4
    unet_none    the same without a norm
    unet_rgb     6 downs, 64 x 64, 3 channels, batch norm, dropout, all names behind "module."
    resnet       2 blocks, 32 x 32, instance norm and its running statistics, "module.", the legacy form of a file
    resnet_drop  1 block, batch norm, dropout
    resnet_rgb   1 block, 3 channels, instance norm
Rerun: /usr/bin/python3 tests/golden/make_generators.py
"""
import hashlib
import os

import numpy as np
import torch
from PIL import Image
from torch import nn

import make_gan
from make_gan import Dropout, ResNet, UNet, fill, hashed
from make_resize import scramble

HERE = os.path.dirname(os.path.abspath(__file__))
HIGH, WIDE, MASK = 20, 28, 0xFFFFFFFF
DRAW = Dropout.forward
PRIMES = (2654435761, 2246822519, 3266489917, 668265263, 374761393)

# height, width, and those that they become
BICUBIC = [(20, 28, 32, 32), (32, 32, 20, 28), (224, 224, 256, 256), (256, 256, 224, 224), (64, 64, 224, 224),
           (224, 224, 64, 64), (1, 1, 32, 32), (32, 32, 1, 1), (7, 300, 64, 64), (300, 7, 64, 64), (31, 33, 32, 32),
           (32, 32, 32, 32), (286, 286, 256, 256), (5, 4, 9, 11), (2, 3, 3, 2)]


def xxh32(data):
    """xxHash of less than 16 bytes or more, seed 0."""
    rotate = lambda x, n: (x << n | x >> (32 - n)) & MASK
    word = lambda at: int.from_bytes(data[at:at + 4], "little")
    p, at = PRIMES, 0
    h = p[4]
    if len(data) >= 16:
        lanes = [(p[0] + p[1]) & MASK, p[1], 0, -p[0] & MASK]
        while at + 16 <= len(data):
            lanes = [rotate((v + word(at + 4 * i) * p[1]) & MASK, 13) * p[0] & MASK for i, v in enumerate(lanes)]
            at += 16
        h = sum(rotate(v, n) for v, n in zip(lanes, (1, 7, 12, 18)))
    h = (h + len(data)) & MASK
    while at + 4 <= len(data):
        h = rotate((h + word(at) * p[2]) & MASK, 17) * p[3] & MASK
        at += 4
    for byte in data[at:]:
        h = rotate((h + byte * p[4]) & MASK, 11) * p[0] & MASK
    h = (h ^ h >> 15) * p[1] & MASK
    h = (h ^ h >> 13) * p[2] & MASK
    return h ^ h >> 16


def slices():
    """A grey image and one in colours, as Pillow's: smooth, with an edge."""
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    planes = [127 + 90 * np.sin(x / (4 + c)) * np.cos(y / (3 + c)) + 30 * (x > y + c) for c in range(3)]
    grey, colours = planes[0].astype("u1"), np.stack(planes, -1).astype("u1")
    return Image.fromarray(grey), Image.fromarray(colours)


def impute(net, side, picture):
    """All bytes of what becomes of it, by planes."""
    channels = net.channels
    slice = np.array(picture).reshape(HIGH, WIDE, -1).transpose(2, 0, 1)
    name = "%s\n%d,%d,%d\n0" % ((hashlib.sha256(slice.tobytes()).hexdigest(),) + slice.shape)
    make_gan.place = (0, xxh32(name.encode()))
    x = picture.convert("RGB" if channels == 3 else "L").resize((side, side), Image.BICUBIC)
    x = torch.from_numpy(np.array(x).reshape(side, side, channels).transpose(2, 0, 1).copy()).float() / 255
    with torch.no_grad():
        y = net(((x - .5) / .5)[None])[0].numpy()
    y = ((y + 1) / 2 * 255).astype("u1")
    y = Image.fromarray(y[0] if channels == 1 else y.transpose(1, 2, 0).copy())
    y = np.array(y.convert(picture.mode).resize(picture.size, Image.BICUBIC))
    return (y if y.ndim == 2 else y.transpose(2, 0, 1)).tobytes()


def run(net, side, picture, evaluated=False, dropout=True):
    """In train() mode the running statistics are changed: they are put back."""
    before = {name: x.clone() for name, x in net.state_dict().items()}
    net.train(not evaluated)
    Dropout.forward = DRAW if dropout and not evaluated else lambda _, x: x
    made = impute(net, side, picture)
    net.load_state_dict(before)
    return made


def old_statistics(net):
    """Of instance norms, as checkpoints of before PyTorch 0.4 have them."""
    found = {}
    for name, module in net.named_modules():
        if isinstance(module, nn.InstanceNorm2d):
            count = module.num_features
            found[name + ".running_mean"] = torch.full((count,), 3.)
            found[name + ".running_var"] = torch.full((count,), 5.)
            found[name + ".num_batches_tracked"] = torch.tensor(9)
    return found


def make(name, net, side, channels=1, old=False, parallel=False, legacy=False):
    fill(net, 1)
    net.channels = channels
    for number, module in enumerate(m for m in net.modules() if isinstance(m, nn.BatchNorm2d)):
        count = module.num_features
        module.running_mean = torch.from_numpy(hashed(5, number, count) * .3).float()
        module.running_var = torch.from_numpy(1 + .5 * hashed(6, number, count)).float()
    state = net.state_dict()  # with its attribute _metadata, as it is saved
    if old:
        state.update(old_statistics(net))
    for key in list(state) if parallel else []:
        state["module." + key] = state.pop(key)
    torch.save(state, os.path.join(HERE, "generator_%s.pth" % name), _use_new_zipfile_serialization=not legacy)
    grey, colours = slices()
    made = run(net, side, grey) + run(net, side, grey, evaluated=True)
    if any(isinstance(module, Dropout) for module in net.modules()):
        made += run(net, side, grey, dropout=False)
    if channels == 3:
        made += run(net, side, colours)
    with open(os.path.join(HERE, "generator_%s.bin" % name), "wb") as f:
        f.write(made)


def bicubic():
    with open(os.path.join(HERE, "bicubic.tsv"), "w") as f:
        f.write("height\twidth\tout_height\tout_width\tsha256\n")
        for case in BICUBIC:
            height, width, out_height, out_width = case
            x = Image.fromarray(scramble(height * width).reshape(height, width))
            y = np.array(x.resize((out_width, out_height), Image.BICUBIC))
            f.write("\t".join(map(str, case + (hashlib.sha256(y.tobytes()).hexdigest(),))) + "\n")


def main():
    assert xxh32(b"") == 0x02CC5D05 and xxh32(b"Nobody inspects the spammish repetition") == 0xE2293B2F
    torch.set_num_threads(1)
    for picture, name in zip(slices(), ("generator.pgm", "generator.ppm")):
        picture.save(os.path.join(HERE, name))
    make("unet", UNet(5, 2), 32)
    make("unet_in", UNet(5, 2, False), 32, old=True)
    make("unet_rgb", UNet(6, 1, True, True, 3), 64, 3, parallel=True)
    make("resnet", ResNet(2, 2), 32, old=True, parallel=True, legacy=True)
    make("resnet_drop", ResNet(1, 2, True, True), 32)
    make("resnet_rgb", ResNet(1, 2, channels=3), 32, 3)
    make_gan.normed = lambda batch, channels: nn.Identity()
    make("unet_none", UNet(5, 2), 32)
    bicubic()


if __name__ == "__main__":
    main()
