#!/usr/bin/python3
"""scikit-image's SSIM and PSNR of small slices, over all of a slice and inside a mask: tests/golden/similarity.tsv.
`ssim` is Wang 2004's (Gaussian weights, variances of the population), `ssim_skimage` that of the defaults, both with
data_range=255; inside: the mean of the cropped map over the mask's pixels. n/a where the window does not fit, or
nothing is inside. A grey slice against RGB is three equal channels.

Rerun: /usr/bin/python3 tests/golden/make_similarity.py (python3-skimage; made with 0.19.3)
"""
import os

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

HERE = os.path.dirname(os.path.abspath(__file__))
WANG = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}

# channels of x and of y, height, width, seed; of a seed of 0 both slices are one, of 1 the mask is empty
CASES = [
    (1, 1, 64, 64, 2), (1, 1, 37, 53, 3), (1, 1, 11, 11, 4), (1, 1, 12, 40, 5), (3, 3, 33, 20, 6), (3, 1, 19, 23, 7),
    (1, 3, 13, 31, 8), (1, 1, 10, 30, 9), (1, 1, 30, 9, 10), (1, 1, 7, 7, 11), (3, 3, 6, 40, 12), (1, 1, 1, 1, 13),
    (1, 1, 20, 21, 0), (3, 3, 17, 18, 1), (1, 1, 128, 97, 14),
]


def scramble(count, seed):
    """The bytes that the test makes, too: a multiplicative hash of the index."""
    h = (np.arange(count, dtype=np.uint64) + seed * 1000003) * 2654435761 % 2**32
    h = (h ^ (h >> np.uint64(15))) * 2246822519 % 2**32
    return (h >> np.uint64(24)).astype(np.int64)


def slices(case):
    channels_x, channels_y, height, width, seed = case
    size = height * width
    # something to see: a ramp that both have, and noise of each
    ramp = np.arange(size) % width * 150 // width
    x = np.stack([ramp + scramble(size, seed + 10 * c) * 105 // 255 for c in range(channels_x)])
    y = np.stack([ramp * 2 // 3 + scramble(size, seed + 10 * c) * 80 // 255 +
                  scramble(size, seed + 10 * c + 500) * 70 // 255 for c in range(channels_y)])
    mask = scramble(size, seed + 1000) > (255 if seed == 1 else 90)
    y = x if seed == 0 else y
    return [a.astype(np.uint8).reshape(-1, height, width) for a in (x, y)] + [mask.reshape(height, width)]


def measure(case):
    x, y, mask = slices(case)
    x, y = (np.repeat(a, 3, axis=0) if max(case[:2]) == 3 and len(a) == 1 else a for a in (x, y))
    whole, inside = [], []
    for window, options in ((11, WANG), (7, {})):
        if min(x.shape[1:]) < window:
            whole.append(np.nan)
            inside.append(np.nan)
            continue
        mean, maps = structural_similarity(x, y, channel_axis=0, data_range=255, full=True, **options)
        pad = window // 2
        cropped = mask[pad:-pad, pad:-pad]
        whole.append(mean)
        inside.append(maps[:, pad:-pad, pad:-pad][:, cropped].mean() if cropped.any() else np.nan)
    with np.errstate(divide="ignore"):
        whole.append(peak_signal_noise_ratio(x, y, data_range=255))
        inside.append(peak_signal_noise_ratio(x[:, mask], y[:, mask], data_range=255) if mask.any() else np.nan)
    difference = np.abs(x.astype(float) - y)
    whole.append(difference.mean() / 255)
    inside.append(difference[:, mask].mean() / 255 if mask.any() else np.nan)
    return whole + inside


if __name__ == "__main__":
    names = ["ssim", "ssim_skimage", "psnr", "l1"]
    with open(os.path.join(HERE, "similarity.tsv"), "w") as f:
        f.write("\t".join(["channels_x", "channels_y", "height", "width", "seed"] + names +
                          [name + "_inside" for name in names]) + "\n")
        for case in CASES:
            values = ["n/a" if np.isnan(v) else "%.17g" % v for v in measure(case)]
            f.write("\t".join(list(map(str, case)) + values) + "\n")
