#!/usr/bin/python3
"""Checkpoints as PyTorch wrote them before 0.4 and under Python 2, opcode by opcode, under torchvision's names, and
their tensors as safetensors: tests/golden/vgg*-*.pth, vgg*.safetensors, pth_extras.pth and the like.

Rerun: /usr/bin/python3 tests/golden/make_old_pth.py [FOLDER WIDTH], WIDTH 64 for the real sizes.
"""
import glob
import hashlib
import os
import struct
import sys

import numpy as np

from golden import write_safetensors

LAYERS = {"vgg11": (1, 1, 2, 2, 2), "vgg13": (2, 2, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
MAGIC, PROTOCOL, PART = 0x1950A86A20F9469CFC6C, 1001, 3


class Pickle:
    """Protocol 2 of Python 2's or 3's own pickler: what stands there before is recalled, Python 2's texts are bytes
    and its OrderedDict is called with a list of pairs."""

    def __init__(self, python2):
        self.python2, self.out, self.memo = python2, bytearray(b"\x80\x02"), {}

    def put(self, key=None):
        number = len(self.memo) + self.python2  # cPickle counts from 1
        self.memo[key if key is not None else ("unnamed", number)] = number
        self.out += b"q" + bytes([number]) if number < 256 else b"r" + struct.pack("<I", number)

    def recall(self, key):
        if key not in self.memo:
            return False
        number = self.memo[key]
        self.out += b"h" + bytes([number]) if number < 256 else b"j" + struct.pack("<I", number)
        return True

    def text(self, text):
        if self.recall(text):
            return
        raw = text.encode()
        if self.python2:
            self.out += b"U" + bytes([len(raw)]) + raw if len(raw) < 256 else b"T" + struct.pack("<I", len(raw)) + raw
        else:
            self.out += b"X" + struct.pack("<I", len(raw)) + raw
        self.put(text)

    def name(self, module, name):
        if not self.recall((module, name)):
            self.out += b"c" + module.encode() + b"\n" + name.encode() + b"\n"
            self.put((module, name))

    def number(self, number):
        if 0 <= number < 1 << 8:
            self.out += b"K" + bytes([number])
        elif 0 <= number < 1 << 16:
            self.out += b"M" + struct.pack("<H", number)
        elif -1 << 31 <= number < 1 << 31:
            self.out += b"J" + struct.pack("<i", number)
        elif self.python2 and -1 << 63 <= number < 1 << 63:
            self.out += b"I%d\n" % number
        else:
            raw = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
            self.out += b"\x8a" + bytes([len(raw)]) + raw

    def numbers(self, numbers):
        if len(numbers) > 3:
            self.out += b"("
        for number in numbers:
            self.number(number)
        self.out += {0: b")", 1: b"\x85", 2: b"\x86", 3: b"\x87"}.get(len(numbers), b"t")
        if numbers:
            self.put()

    def tensor(self, array, key, form):
        rebuild = "_rebuild_tensor" if form["before_04"] else "_rebuild_tensor_v2"
        kind = {"float32": "FloatStorage", "bool": "BoolStorage"}[str(array.dtype)]
        strides = [int(np.prod(array.shape[i + 1:], dtype=int)) for i in range(array.ndim)]
        self.name("torch._utils", rebuild)
        self.out += b"(("
        self.text("storage")
        self.name("torch", kind)
        self.text(key)
        self.text("cpu")
        # a storage may be a part of another, here behind its first PART elements
        self.number(array.size + (PART if form.get("part") else 0))
        if form.get("part"):
            self.text(key + "1")
            self.number(PART)
            self.number(array.size)
            self.out += b"\x87"
            self.put()
        else:
            self.out += b"N"
        self.out += b"t"
        self.put()
        self.out += b"Q"
        self.number(0)
        self.numbers(array.shape)
        self.numbers(strides)
        if not form["before_04"]:
            self.out += b"\x89"
            self.ordered([])
            if "metadata" in form:
                self.out += b"N" if form["metadata"] is None else b""
                if form["metadata"] is not None:
                    self.dict([(key, lambda: self.out.extend(b"\x88")) for key in form["metadata"]])
        self.out += b"t"
        self.put()
        self.out += b"R"
        self.put()

    def ordered(self, items):
        """items: pairs of a text and what writes its value."""
        self.name("collections", "OrderedDict")
        if self.python2:
            self.out += b"]"
            self.put()
            if items:
                self.out += b"("
            for text, write in items:
                self.out += b"]"
                self.put()
                self.out += b"("
                self.text(text)
                write()
                self.out += b"e"
            self.out += (b"e" if items else b"") + b"\x85"
            self.put()
            self.out += b"R"
            self.put()
        else:
            self.out += b")R"
            self.put()
            self.items(items)

    def dict(self, items):
        self.out += b"}"
        self.put()
        self.items(items)

    def items(self, items):
        self.out += b"(" if items else b""
        for text, write in items:
            self.text(text)
            write()
        self.out += b"u" if items else b""

    def made(self, module, name, write_arguments):
        """What a call of another global makes."""
        self.name(module, name)
        write_arguments()
        self.out += b"R"
        self.put()

    def end(self):
        return bytes(self.out + b".")


def whole(python2, write):
    pickle = Pickle(python2)
    write(pickle)
    return pickle.end()


def legacy(path, arrays, form, write):
    """The legacy file of what write(pickle, tensor) writes, where tensor(name) writes one of the arrays."""
    keys = {name: str(94400000000000 + 64 * i) for i, name in enumerate(arrays)}
    python2 = form["python2"]
    pickle = Pickle(python2)
    write(pickle, lambda name: pickle.tensor(arrays[name], keys[name], form))
    parts = [whole(python2, lambda p: p.number(MAGIC)), whole(python2, lambda p: p.number(PROTOCOL)),
             whole(python2, lambda p: p.dict([
                 ("protocol_version", lambda: p.number(PROTOCOL)),
                 ("little_endian", lambda: p.out.extend(b"\x88")),
                 ("type_sizes", lambda: p.dict([(t, lambda s=s: p.number(s)) for t, s in
                                                (("short", 2), ("int", 4), ("long", 4))]))])),
             pickle.end()]
    order = sorted(keys.values())

    def list_keys(p):
        p.out += b"]"
        p.put()
        p.out += b"("
        for key in order:
            p.text(key)
        p.out += b"e"

    parts.append(whole(python2, list_keys))
    by_key = {keys[name]: array for name, array in arrays.items()}
    with open(path, "wb") as f:
        f.write(b"".join(parts))
        for key in order:
            before = bytes(4 * PART) if form.get("part") else b""
            f.write(struct.pack("<q", by_key[key].size + len(before) // 4) + before + by_key[key].tobytes())


def vgg(name, width):
    random, arrays, at, before = np.random.default_rng(int(name[3:])), {}, 0, 3

    def add(part, out, shape):
        scale = np.sqrt(2 / np.prod(shape[1:]))
        arrays[part + ".weight"] = (random.standard_normal(shape, np.float32) * np.float32(scale)).astype(np.float32)
        arrays[part + ".bias"] = random.standard_normal(out, np.float32) / np.float32(100)

    for block, layers in enumerate(LAYERS[name]):
        channels = width << min(block, 3)
        for _ in range(layers):
            add("features.%d" % at, channels, (channels, before, 3, 3))
            before, at = channels, at + 2
        at += 1
    hidden = 64 * width
    for part, out, inputs in ((0, hidden, 49 * before), (3, hidden, hidden), (6, 1000 if width == 64 else 4, hidden)):
        # beside the features; small ones will do where the widths are
        small = width < 64
        add("classifier.%d" % part, 2 if small else out, (2, 3) if small else (out, inputs))
    return arrays


def dict_of(arrays, prefix=""):
    return lambda p, tensor: p.ordered([(prefix + name, lambda name=name: tensor(name)) for name in arrays])


FORMS = {"vgg11": {"before_04": True, "python2": False},
         "vgg13": {"before_04": True, "python2": True},
         "vgg16": {"before_04": False, "python2": True},
         "vgg19": {"before_04": True, "python2": True}}


def extras(arrays):
    """A checkpoint as training scripts save it: what stands beside the state_dict is read by nobody."""
    def write(p, tensor):
        def namespace():
            p.made("argparse", "Namespace", lambda: p.out.extend(b")"))
            p.dict([("lr", lambda: p.out.extend(b"G" + struct.pack(">d", .1)))])
            p.out += b"b"

        def group():
            p.out += b"]"
            p.put()
            p.number(140234567890123)
            p.out += b"a"

        p.dict([("epoch", lambda: p.number(3)), ("seed", lambda: p.number(1 << 64)), ("big", lambda: p.number(-1 << 70)),
                ("mask", lambda: tensor("mask")), ("log", lambda: p.text("loss\n" * 15000)), ("args", namespace),
                ("seen", lambda: p.made("collections", "Counter", lambda: (p.dict([("a", lambda: p.number(2))]),
                                                                          p.out.extend(b"\x85")))),
                ("best", lambda: p.made("numpy.core.multiarray", "scalar", lambda: (
                    p.out.extend(b"("), p.made("numpy", "dtype", lambda: (p.out.extend(b"("), p.text("f8"), p.out.extend(
                        b"\x89\x88t"))), p.text("12345678"), p.out.extend(b"t")))),
                ("optimizer", group),
                ("state_dict", lambda: p.ordered([(n, lambda n=n: tensor(n)) for n in arrays if n != "mask"]))])
    return write


def main():
    folder, width = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) == 3 else (os.path.dirname(os.path.abspath(__file__)), 1)
    path = lambda name: os.path.join(folder, name)
    for name, form in FORMS.items():
        for old in glob.glob(path(name + "-*.pth")):
            os.remove(old)
        arrays = vgg(name, width)
        legacy(path(name + ".new"), arrays, form, dict_of(arrays))
        with open(path(name + ".new"), "rb") as f:
            digits = hashlib.file_digest(f, "sha256").hexdigest()[:8]
        os.rename(path(name + ".new"), path("%s-%s.pth" % (name, digits)))
        write_safetensors(path("pth_%s.safetensors" % name), arrays)
    if width > 1:
        return
    small = {n: a for n, a in vgg("vgg11", 1).items() if n.startswith("features.0.")}
    write_safetensors(path("pth_small.safetensors"), small)
    old = {"before_04": True, "python2": True}
    with_mask = dict(small, mask=np.array([True, False, True]))
    legacy(path("pth_extras.pth"), with_mask, old, extras(with_mask))
    legacy(path("pth_parallel.pth"), small, old, dict_of(small, "module."))
    legacy(path("pth_part.pth"), small, dict(old, part=True), dict_of(small))
    two = lambda a, b: lambda p, tensor: p.dict([(k, lambda: dict_of(small)(p, tensor)) for k in (a, b)])
    legacy(path("pth_two_entries.pth"), small, old, two("state_dict", "ema"))
    legacy(path("pth_other_entry.pth"), small, old, lambda p, t: p.dict([
        ("nested", lambda: p.dict([("teacher", lambda: dict_of(small, "backbone.")(p, t))]))]))
    legacy(path("pth_two_prefixes.pth"), small, old, lambda p, t: p.ordered(
        [(prefix + n, lambda n=n: t(n)) for prefix in ("student.", "teacher.") for n in small]))
    legacy(path("pth_inner.pth"), small, old, lambda p, t: p.ordered(
        [(n.replace("features.", "features.module."), lambda n=n: t(n)) for n in small]))
    # what PyTorch does to a tensor's numbers when it loads them: x._neg_view(), x.conj()
    for name, metadata in (("neg", ["neg"]), ("conj", ["conj"]), ("plain", []), ("none", None)):
        legacy(path("pth_%s.pth" % name), small, {"before_04": False, "python2": False, "metadata": metadata}, dict_of(small))
    # a wanted tensor that a call would make, beside one that is read
    legacy(path("pth_call.pth"), {n: small[n] for n in small if "bias" in n}, old, lambda p, t: p.ordered([
        ("features.0.weight", lambda: p.made("posix", "system", lambda: (p.text("echo executed"), p.out.extend(b"\x85")))),
        ("features.0.bias", lambda: t("features.0.bias"))]))


if __name__ == "__main__":
    main()
