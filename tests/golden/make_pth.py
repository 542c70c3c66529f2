#!/usr/bin/python3
"""Small PyTorch checkpoints, and their tensors as safetensors: tests/golden/pth_*.

Rerun: /usr/bin/python3 tests/golden/make_pth.py
"""
import collections
import os
import pickle
import zipfile

import torch

from golden import write_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))


def tensors():
    torch.manual_seed(3)
    base = torch.randn(4, 6)
    return collections.OrderedDict([
        ("plain", torch.randn(2, 3)), ("view", base[1:3, ::2]), ("turned", torch.randn(3, 2).t()),
        ("double", torch.randn(3).double()), ("long", torch.arange(4)), ("scalar", torch.tensor(2.5)),
        ("parameter", torch.nn.Parameter(torch.randn(2))), ("byte", torch.arange(5, dtype=torch.uint8)),
    ])


def main():
    state = tensors()
    path = lambda name: os.path.join(HERE, name)
    torch.save(state, path("pth_zip.pth"))
    torch.save(state, path("pth_legacy.pth"), _use_new_zipfile_serialization=False)
    torch.save(state, path("pth_protocol5.pth"), pickle_protocol=5)
    torch.save(state, path("pth_legacy4.pth"), pickle_protocol=4, _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "rate": 0.1, "flags": [True, None], "state_dict": state}, path("pth_nested.pth"))
    write_safetensors(path("pth.safetensors"), state)
    # one that would run a command, were it executed
    class Bad:
        def __reduce__(self):
            return os.system, ("echo executed",)
    with zipfile.ZipFile(path("pth_hostile.pth"), "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"a": Bad()}, protocol=2))


if __name__ == "__main__":
    main()
