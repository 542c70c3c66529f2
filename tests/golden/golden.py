"""A safetensors writer for the golden scripts, so that they need nothing beyond Debian's packages."""
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
