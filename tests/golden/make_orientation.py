#!/usr/bin/python3
"""nibabel's as_closest_canonical on NIfTI headers of every orientation: tests/golden/orientation.tsv.

A case is the fields of a header for 4 x 3 x 2 voxels that hold 0, 1, ... in the file's order; wanted are the canonical
shape, the order of the voxels with x fastest, and the matrix. Rerun: /usr/bin/python3 tests/golden/make_orientation.py
"""
import io
import itertools
import os

import nibabel as nib
import numpy as np
from nibabel.quaternions import mat2quat

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPE = (4, 3, 2)
ZOOMS = np.array([1.5, 2.0, 2.5])


def rotation(rng):
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))


def signed_permutations():
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            m = np.zeros((3, 3))
            m[order, range(3)] = signs
            yield m


def blank(scode, qcode):
    h = nib.Nifti1Header()
    h.set_data_dtype("u1")
    h.set_data_shape(SHAPE)
    h["pixdim"][:4] = [1, *ZOOMS]
    h["sform_code"], h["qform_code"] = scode, qcode
    return h


def sform(m, offset, qcode=0):
    h = blank(2, qcode)
    for i, row in enumerate(("srow_x", "srow_y", "srow_z")):
        h[row] = [*m[i], offset[i]]
    return h


def qform(m, offset):
    """m: orthogonal; a reflection is kept in qfac."""
    h = blank(0, 1)
    factor = np.linalg.det(m)
    h["pixdim"][0] = factor
    q = mat2quat(m @ np.diag([1, 1, factor]))
    q = q if q[0] >= 0 else -q
    h["quatern_b"], h["quatern_c"], h["quatern_d"] = q[1:]
    h["qoffset_x"], h["qoffset_y"], h["qoffset_z"] = offset
    return h


def cases():
    rng = np.random.default_rng(5)
    for m in signed_permutations():
        yield sform(m * ZOOMS, [10, -20, 30.5])
    for m in signed_permutations():
        yield qform(m, [-90, 126, -72])
    for _ in range(12):
        yield sform(rotation(rng) * ZOOMS + rng.normal(size=(3, 3)) * 0.1, rng.normal(size=3) * 50)
    for i in range(12):
        yield qform(rotation(rng) @ np.diag([1, 1, (-1) ** i]), rng.normal(size=3) * 50)
    yield blank(0, 0)
    h = qform(np.diag([1.0, -1, -1]), [1, 2, 3])
    h["pixdim"][0] = 0
    yield h
    h = sform(np.diag([-3.0, 3, 3]), [1, 2, 3], qcode=1)  # a qform that says otherwise
    yield h


def main():
    with open(os.path.join(HERE, "orientation.tsv"), "w") as f:
        f.write("sform_code\tqform_code\tpixdim\tquatern\tsrow\tshape\torder\taffine\n")
        for h in cases():
            header = h.binaryblock + b"\0" * 4
            header = header[:108] + np.float32(352).tobytes() + header[112:344] + b"n+1\0" + header[348:]
            image = nib.Nifti1Image.from_bytes(header + bytes(range(24)))
            turned = nib.as_closest_canonical(image)
            fields = [h["pixdim"][:4], [h[k] for k in ("quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y",
                      "qoffset_z")], np.concatenate([h["srow_x"], h["srow_y"], h["srow_z"]])]
            wanted = [turned.shape, np.asarray(turned.dataobj).T.ravel(), turned.affine[:3].ravel()]
            f.write("%d\t%d\t" % (h["sform_code"], h["qform_code"]))
            f.write("\t".join(" ".join("%.9g" % v for v in x) for x in fields + wanted) + "\n")


if __name__ == "__main__":
    main()
