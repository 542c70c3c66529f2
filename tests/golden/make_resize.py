#!/usr/bin/python3
"""torchvision's Resize and CenterCrop on 8-bit images through Pillow: tests/golden/resize.tsv, the SHA-256 of the planes
of every case. And Pillow's BICUBIC on float images, axis by axis: tests/golden/resample.safetensors.

Rerun: /usr/bin/python3 tests/golden/make_resize.py
"""
import hashlib
import os

import numpy as np
from PIL import Image
from torchvision import transforms

from golden import write_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))

# channels, height, width, resize, crop
CASES = [
    (3, 460, 700, 256, 224), (3, 456, 700, 256, 224), (3, 700, 460, 256, 224), (1, 460, 700, 256, 224),
    (1, 128, 128, 256, 224), (1, 218, 182, 256, 224), (1, 182, 218, 256, 224), (1, 109, 91, 256, 224),
    (1, 20, 128, 256, 224), (1, 1, 1, 256, 224), (3, 1, 1, 256, 224), (1, 37, 1, 256, 224), (1, 1, 37, 256, 224),
    (1, 5000, 1, 256, 224), (1, 1, 5000, 256, 224), (1, 256, 256, 256, 224), (1, 256, 300, 256, 224),
    (3, 301, 256, 256, 224), (1, 255, 257, 256, 224), (1, 257, 255, 256, 224), (1, 224, 224, 256, 224),
    (1, 1024, 777, 256, 224), (3, 1537, 1031, 256, 224), (1, 513, 512, 256, 224), (1, 999, 3, 256, 224),
    (1, 100, 90, 0, 224), (1, 301, 90, 0, 224), (1, 90, 301, 0, 224), (3, 300, 301, 0, 224), (1, 225, 226, 0, 224),
    (1, 227, 228, 0, 224), (1, 230, 229, 0, 224), (1, 223, 225, 0, 224), (1, 60, 50, 31, 0), (1, 50, 61, 97, 0),
    (3, 33, 47, 0, 0), (1, 47, 33, 100, 7), (1, 47, 33, 100, 301), (3, 33, 47, 19, 24), (1, 64, 64, 1, 1),
    (1, 2, 3, 7, 5), (1, 3, 2, 5, 8), (1, 400, 400, 3, 2), (1, 17, 19, 17, 0),
]
# values, and the length that they become
LINES = [(7, 13), (20, 9), (5, 1), (1, 4), (33, 32), (91, 61), (12, 12), (2, 3), (3, 2), (218, 109), (9, 100)]


def scramble(count):
    """The bytes that the test makes, too: a multiplicative hash of the index."""
    h = (np.arange(count, dtype=np.uint64) * 2654435761) % 2**32
    h = (h ^ (h >> np.uint64(15))) * 2246822519 % 2**32
    return (h >> np.uint64(24)).astype("u1")


def images():
    with open(os.path.join(HERE, "resize.tsv"), "w") as f:
        f.write("channels\theight\twidth\tresize\tcrop\tout_height\tout_width\tsha256\n")
        for case in CASES:
            channels, height, width, resize, crop = case
            x = scramble(channels * height * width).reshape(channels, height, width)
            image = Image.fromarray(x[0] if channels == 1 else np.ascontiguousarray(x.transpose(1, 2, 0)))
            image = transforms.Resize(resize)(image) if resize else image
            image = transforms.CenterCrop(crop)(image) if crop else image
            y = np.array(image)
            y = np.ascontiguousarray(y[None] if channels == 1 else y.transpose(2, 0, 1))
            f.write("\t".join(map(str, case + y.shape[1:] + (hashlib.sha256(y.tobytes()).hexdigest(),))) + "\n")


def lines():
    out, rng = {}, np.random.default_rng(3)
    for before, after in LINES:
        x = (rng.normal(size=(6, before)) * 100).astype("f4")
        y = np.array(Image.fromarray(x, "F").resize((after, 6), Image.BICUBIC))
        out["in.%d.%d" % (before, after)], out["out.%d.%d" % (before, after)] = x, y
    write_safetensors(os.path.join(HERE, "resample.safetensors"), out)


if __name__ == "__main__":
    images()
    lines()
