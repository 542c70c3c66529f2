#!/usr/bin/python3
"""Goldens of hmm-slice: image.safetensors (PNG and PNM files and their pixels by Pillow), slice.tsv (SHA-256 of
volumes quantised by NumPy), stored.tsv (the same of files in every orientation, by nibabel and NumPy), and the files of
tests/pipeline/hmm-slice.bats: slice.nii.gz, slice.png, slice_12bit.png, slice_{axial,sagittal,colour,fit,clip,nan}.bin, nan.nii.gz with
nan_mask.nii.gz.

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
from PIL import Image, ImageOps
from torchvision import transforms

from golden import write_safetensors
from make_orientation import signed_permutations
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
    cube = (23, 24, 25)
    u = scramble(25 * 24 * 23).astype("f8")
    mask = (np.arange(u.size) * 7919 % 5 < 2).reshape(cube, order="F")
    with open(os.path.join(HERE, "slice.tsv"), "w") as f:
        f.write("volume\tall\tmasked\n")
        for name, v in (
            ("bytes", u),  # t * 255 is whole but for its rounding
            ("squares", (u * u * u).astype("f4").astype("f8")),
            ("few", u % 9 - 3),
            ("scaled", u * 0.003921568859368563),
            ("large", 1e9 + u * 3),
        ):
            v = v.reshape(cube, order="F")  # as nibabel's get_fdata() has it
            f.write("\t".join([name] + [digest(quantise(v, m)) for m in (None, mask)]) + "\n")


def digest(b):
    return hashlib.sha256(b.tobytes(order="F")).hexdigest()


STORED = (19, 17, 23)


def stored():
    """Volumes in all 48 orientations: of the canonical bytes, x fastest, of all voxels, of those inside a mask, clipped.
    Some must differ when the sums run in canonical order, or the test would say nothing."""
    count, differ = int(np.prod(STORED)), [0, 0]
    with open(os.path.join(HERE, "stored.tsv"), "w") as f:
        f.write("seed\tsrow\tall\tmasked\tclipped\n")
        for n, m in enumerate(signed_permutations()):
            h = scramble(count * (n + 1))[-count:].astype("i8")
            d = (h * (h % 5 != 1) * 0.1).reshape(STORED, order="F")  # t * 255 is whole but for its rounding
            inside = (np.arange(count) * 7919 % (n + 7) > 2).reshape(STORED, order="F")
            affine = np.eye(4)
            affine[:3, :3] = m * 2
            affine[:3, 3] = 5, 6, 7

            def canonical(a, order="F"):
                turned = nib.as_closest_canonical(nib.Nifti1Image(a, affine))
                return np.array(np.asarray(turned.dataobj), order=order)

            clipped = np.clip(d, *np.percentile(d, [1.5, 97.25]))
            all_, masked = canonical(quantise(d)), canonical(quantise(d, inside))
            differ[0] += (all_ != quantise(canonical(d))).any()
            differ[1] += (masked != quantise(canonical(d), canonical(inside.astype("u1")) > 0)).any()
            srow = " ".join("%g" % x for x in affine[:3].ravel())
            f.write("\t".join([str(n), srow] + [digest(b) for b in (all_, masked, canonical(quantise(clipped)))]) + "\n")
    assert min(differ) > 10, differ


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
    for name, planes in (("fit", [whole(b[::-1, j], (2.5, 2.0)) for j in range(b.shape[1])]),
                         ("clip", [b[k, ::-1] for k in range(b.shape[0])])):
        if name == "clip":
            d = np.ascontiguousarray(turned.get_fdata().T)
            b = quantise(np.clip(d, *np.percentile(d, [2, 95])))
            planes = [np.array(fit(Image.fromarray(np.ascontiguousarray(b[k, ::-1])))) for k in range(b.shape[0])]
        with open(os.path.join(HERE, "slice_%s.bin" % name), "wb") as f:
            for plane in planes:
                f.write(np.array(plane).tobytes())
    colour = np.stack([np.add.outer(np.arange(30) * 3, np.arange(41) * 5) * k // 2 % 256 for k in (1, 2, 3)], 2).astype("u1")
    Image.fromarray(colour).save(os.path.join(HERE, "slice.png"), optimize=True)
    with open(os.path.join(HERE, "slice_colour.bin"), "wb") as f:
        f.write(np.ascontiguousarray(np.array(fit(Image.fromarray(colour))).transpose(2, 0, 1)).tobytes())


def whole(plane, mm, size=28):
    """As large as fits on a square, the aspect in mm kept: Pillow's ImageOps.pad() for pixels that are no squares."""
    height, width = plane.shape[0] * mm[0], plane.shape[1] * mm[1]
    shape = [max(1, round(size * side / max(height, width))) for side in (width, height)]
    out = Image.new("L", (size, size))
    out.paste(Image.fromarray(np.ascontiguousarray(plane)).resize(shape, Image.BILINEAR),
              tuple(round((size - side) * 0.5) for side in shape))
    if mm[0] == mm[1]:
        assert out == ImageOps.pad(Image.fromarray(np.ascontiguousarray(plane)), (size, size), Image.BILINEAR)
    return out


def twelve_bits():
    samples = (np.add.outer(np.arange(9) * 300, np.arange(8) * 241) % 4096)[:, :, None]
    samples[8, 7] = 4095
    with open(os.path.join(HERE, "slice_12bit.png"), "wb") as f:
        f.write(png(samples, 16, 0, 0))


def nan():
    """A head in a volume that is NaN around it, as SPM writes, and its mask, stored in another orientation."""
    rng = np.random.default_rng(4)
    mask = np.zeros((7, 6, 5), "u1")
    mask[1:6, 1:5, 1:4] = 1
    v = np.where(mask > 0, rng.uniform(5, 900, mask.shape), np.nan).astype("f4")
    affine = np.diag([2.0, 2, 2, 1])
    for name, image in (("nan", nib.Nifti1Image(v, affine)),
                        ("nan_mask", nib.Nifti1Image(mask[::-1], np.array([[-2.0, 0, 0, 12], [0, 2, 0, 0], [0, 0, 2, 0],
                                                                           [0, 0, 0, 1]])))):
        with open(os.path.join(HERE, name + ".nii.gz"), "wb") as f:
            f.write(gzip.compress(image.to_bytes(), mtime=0))
    with np.errstate(invalid="ignore"):
        b = quantise(v.astype("f8"), mask > 0).transpose(2, 1, 0)[:, ::-1]
    zero = quantise(np.nan_to_num(v.astype("f8"))).transpose(2, 1, 0)[:, ::-1]
    with open(os.path.join(HERE, "slice_nan.bin"), "wb") as f:
        f.write(b.tobytes() + zero.tobytes())


if __name__ == "__main__":
    images()
    volumes()
    stored()
    nan()
    twelve_bits()
    pipeline()
