"""What the golden scripts share: a safetensors writer, so that they need nothing beyond Debian's packages, and the
random numbers of include/hmm/base/random.h, made here once more in NumPy."""
import json
import struct

import numpy as np

NAMES = {"float32": "F32", "float64": "F64", "int64": "I64", "uint8": "U8"}


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        array = np.asarray(tensor.detach().numpy() if hasattr(tensor, "detach") else tensor)
        raw = array.tobytes()
        header[name] = {"dtype": NAMES[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def philox(count, seed, epoch, subject, stream):
    """Two uniform numbers in [0, 1) for each of the indices 0..count-1 at {seed, epoch, subject, stream}: Philox4x32-10."""
    c = [np.arange(count, dtype=np.uint64)] + [np.full(count, v, np.uint64) for v in (epoch, subject, stream)]
    k0, k1, low = seed, 0, np.uint64(0xFFFFFFFF)
    for _ in range(10):
        even, odd = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(odd >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), odd & low,
             (even >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), even & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [((c[i] << np.uint64(32) | c[i + 1]) >> np.uint64(11)).astype(np.float64) * 2.0**-53 for i in (0, 2)]


def normal(count, seed, epoch, subject, stream):
    """hmm_random_normal() at the same places."""
    radius, angle = philox(count, seed, epoch, subject, stream)
    return np.sqrt(-2 * np.log(1 - radius)) * np.cos(2 * np.pi * angle)
