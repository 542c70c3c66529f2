#!/usr/bin/python3
"""Goldens of hmm-slice: image.safetensors (PNG and PNM files and their pixels by Pillow), slice.tsv (SHA-256 of
volumes quantised by NumPy), and the files of tests/pipeline/hmm-slice.bats: slice.nii.gz, slice.png, slice_{axial,sagittal,
colour}.bin.

Rerun: /usr/bin/python3 tests/golden/make_slice.py
"""
import gzip
import hashlib
import io
import os
import struct
import zlib

import nibabel as nib
import numpy as np
from PIL import Image
from torchvision import transforms

from golden import write_safetensors
from make_resize import scramble

HERE = os.path.dirname(os.path.abspath(__file__))
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack(samples, depth):
    """Rows of samples (height, width * channels) as PNG's scan lines, unfiltered."""
    out = b""
    for row in samples:
        if depth == 16:
            bits = row.astype(">u2").tobytes()
        else:
            flat = np.unpackbits(row.astype("u1")[:, None], axis=1)[:, 8 - depth:].ravel()
            bits = np.packbits(flat).tobytes()
        out += b"\0" + bits
    return out


def png(samples, depth, colour, interlaced, extra=b""):
    """samples: (height, width, channels)."""
    height, width, _ = samples.shape
    if interlaced:
        data = b""
        for x, y, dx, dy in ADAM7:
            part = samples[y::dy, x::dx]
            data += pack(part.reshape(part.shape[0], -1), depth) if part.size else b""
    else:
        data = pack(samples.reshape(height, -1), depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"gAMA", struct.pack(">I", 45455)) + extra +
            chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def pixels(data):
    """Pillow's convert('RGB') as planes; one for what it takes for grey. Its 16-bit grey would clip: the high byte then."""
    image = Image.open(io.BytesIO(data))
    grey = image.mode in ("1", "L", "LA", "I") or (data[:4] == b"\x89PNG" and data[25] in (0, 4))
    if image.mode == "I" and data[:4] == b"\x89PNG":
        return (np.array(image) >> 8).astype("u1")[None]
    if image.mode == "I":
        most = int(data.split()[3])
        raw = np.frombuffer(data[-2 * image.width * image.height:], ">u2").reshape(image.height, image.width)
        return np.minimum(255, np.rint(raw / most * 255)).astype("u1")[None]
    rgb = np.array(image.convert("RGB")).transpose(2, 0, 1)
    return np.ascontiguousarray(rgb[:1] if grey else rgb)


def images():
    out, rng = {}, np.random.default_rng(1)
    files = {}
    palette = chunk(b"PLTE", rng.integers(0, 256, 3 * 11, dtype="u1").tobytes())
    for colour, channels, depths in ((0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (3, 1, (1, 2, 4, 8)), (4, 2, (8, 16)),
                                     (6, 4, (8, 16))):
        for depth in depths:
            for interlaced in (0, 1):
                samples = rng.integers(0, 2**depth, (13, 11, channels))
                extra = palette if colour == 3 else b""
                if colour == 3 and depth == 8:
                    samples %= 17  # beyond the palette's end, too
                if colour == 3 and depth < 4:
                    extra = chunk(b"PLTE", rng.integers(0, 256, 3 * 2**depth, dtype="u1").tobytes())
                if interlaced and colour in (0, 2, 3):
                    extra += chunk(b"tRNS", bytes({0: 2, 2: 6, 3: 2}[colour]))
                name = "png_%d_%d%s" % (colour, depth, "_interlaced" if interlaced else "")
                files[name] = png(samples, depth, colour, interlaced, extra)
    files["png_1x1"] = png(np.array([[[7]]]), 8, 0, 1)
    for magic, channels in ((b"P5", 1), (b"P6", 3)):
        for most in (255, 1, 2, 100, 254, 256, 510, 4095, 65535):
            raw = rng.integers(0, min(most + 2, 65536) if most != 255 else 256, (5, 7, channels))
            data = raw.astype("u1" if most < 256 else ">u2").tobytes()
            files["pnm_%s_%d" % (magic.decode(), most)] = magic + b" 7\n5 %d\n" % most + data
    files["pnm_comment"] = b"P5\n# 1 2 3\n 3 # w\n#\n 2\t255\n" + bytes(range(6))
    for name, data in files.items():
        out[name] = np.frombuffer(data, "u1")
        out[name + ".pixels"] = pixels(data)
    write_safetensors(os.path.join(HERE, "image.safetensors"), out)


def quantise(v, mask=None):
    inside = v[mask] if mask is not None else v
    z = (v - inside.mean()) / inside.std()
    t = z[mask] if mask is not None else z
    low, high = t.min(), t.max()
    out = np.zeros(v.shape, "u1")
    t = (t - low) / (high - low)
    if mask is None:
        return (t * 255).astype("u1")
    out[mask] = (t * 255).astype("u1")
    return out


def volumes():
    """Larger than a buffer of NumPy's sum, so made by the test once more; the digests are kept."""
    u = scramble(25 * 24 * 23).astype("f8")
    mask = np.arange(u.size) * 7919 % 5 < 2
    with open(os.path.join(HERE, "slice.tsv"), "w") as f:
        f.write("volume\tall\tmasked\n")
        for name, v in (
            ("bytes", u),  # t * 255 is whole but for its rounding
            ("squares", (u * u * u).astype("f4").astype("f8")),
            ("few", u % 9 - 3),
            ("scaled", u * 0.003921568859368563),
            ("large", 1e9 + u * 3),
        ):
            f.write("\t".join([name] + [hashlib.sha256(quantise(v, m).tobytes()).hexdigest() for m in (None, mask)]) + "\n")


def ball():
    """A small head of int16 in an LPS grid: three ellipsoids, no symmetry."""
    x, y, z = np.meshgrid(np.linspace(-1, 1, 18), np.linspace(-1, 1, 22), np.linspace(-1, 1, 14), indexing="ij")
    v = 600 * (x**2 + y**2 + z**2 < 0.8) + 300 * ((x - 0.3) ** 2 + (y + 0.4) ** 2 + z**2 < 0.1)
    v = v + 200 * ((x + 0.4) ** 2 + y**2 + (z - 0.4) ** 2 < 0.08) + 20 * (x + 2 * y + 3 * z)
    return v.astype("i2")


def pipeline():
    v, affine = ball(), np.diag([-2.0, -2, 2.5, 1])
    image = nib.Nifti1Image(v, affine)
    image.header.set_slope_inter(0.5, 3)
    raw = image.header.copy()
    data = io.BytesIO()
    raw["vox_offset"], raw["magic"] = 352, b"n+1"
    data.write(raw.binaryblock + b"\0" * 4 + v.T.tobytes())
    with open(os.path.join(HERE, "slice.nii.gz"), "wb") as f:
        f.write(gzip.compress(data.getvalue(), mtime=0))
    turned = nib.as_closest_canonical(nib.load(os.path.join(HERE, "slice.nii.gz")))
    b = quantise(np.ascontiguousarray(turned.get_fdata().T))
    fit = transforms.Compose([transforms.Resize(32), transforms.CenterCrop(28)])
    for name, planes in (("axial", [b[k, ::-1] for k in range(b.shape[0])]),
                         ("sagittal", [b[::-1, :, i] for i in range(b.shape[2])])):
        with open(os.path.join(HERE, "slice_%s.bin" % name), "wb") as f:
            for plane in planes:
                f.write(np.array(fit(Image.fromarray(np.ascontiguousarray(plane)))).tobytes())
    colour = np.stack([np.add.outer(np.arange(30) * 3, np.arange(41) * 5) * k // 2 % 256 for k in (1, 2, 3)], 2).astype("u1")
    Image.fromarray(colour).save(os.path.join(HERE, "slice.png"), optimize=True)
    with open(os.path.join(HERE, "slice_colour.bin"), "wb") as f:
        f.write(np.ascontiguousarray(np.array(fit(Image.fromarray(colour))).transpose(2, 0, 1)).tobytes())


if __name__ == "__main__":
    images()
    volumes()
    pipeline()
