"""Writes resampling.json: checksums of noise images resized by Pillow, OpenCV and PyTorch.

    python3 -m venv venv && venv/bin/pip install pillow opencv-python-headless torch torchvision
    venv/bin/python Tests/MediaTests/Golden/resampling.py

Generated with Pillow 13.0.0, opencv-python-headless 5.0.0.93, torch 2.15.0, torchvision 0.29.2.
"""

import json
import pathlib
import random
import zlib

import cv2
import numpy as np
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, Resize


def noise(width, height, seed):
    """Noise as in `Tests/Support/Noise.swift` for the same size and seed; odd seeds give only 0 and 255."""
    v = np.arange(width * height * 3, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed)
    v ^= v >> np.uint32(15)
    v *= np.uint32(2246822519)
    v ^= v >> np.uint32(13)
    v = (v >> np.uint32(8)).astype(np.uint8)
    if seed % 2:
        v = np.where(v < 128, 0, 255).astype(np.uint8)
    return v.reshape(height, width, 3)


def pillow(picture, width, height):
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.BICUBIC))


def opencv(picture, width, height):
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)


def pytorch(picture, width, height):
    resize = Resize((height, width), interpolation=InterpolationMode.BICUBIC, antialias=False)
    return resize(torch.from_numpy(picture).permute(2, 0, 1)).permute(1, 2, 0).numpy()


def sizes():
    """Yields [source width, source height, target width, target height]."""
    rng = random.Random(3)
    for _ in range(70):
        yield [rng.randint(1, 99) for _ in range(4)]
    for _ in range(10):
        w, h = rng.randint(1, 60), rng.randint(1, 60)
        yield [2 * w, 2 * h, w, h]
        yield [w, h, 2 * w, 3 * h]
    for _ in range(10):
        yield [rng.randint(100, 1200), rng.randint(100, 1200), 224, 224]
    yield from [
        [1, 1, 1, 1], [1, 1, 224, 224], [5, 5, 5, 5], [7, 5, 7, 9], [7, 5, 3, 5], [1, 300, 9, 7],
        [512, 320, 358, 224], [1280, 720, 398, 224], [1920, 1080, 455, 256], [640, 480, 224, 224],
        [720, 1280, 224, 398], [16384, 9, 224, 224], [9, 16384, 224, 224], [16384, 7, 1821, 3],
        [3, 2, 2001, 7], [3840, 2160, 398, 224],
    ]


cases = []
for name, resize in [("pillowBicubic", pillow), ("openCVLinear", opencv), ("torchBicubic", pytorch)]:
    rng = random.Random(name)
    for seed, (w, h, W, H) in enumerate(sizes()):
        out = resize(noise(w, h, seed), W, H)
        assert out.shape == (H, W, 3) and out.dtype == np.uint8
        cw, ch = rng.randint(1, W), rng.randint(1, H)
        x, y = rng.randint(0, W - cw), rng.randint(0, H - ch)
        crop = np.ascontiguousarray(out[y : y + ch, x : x + cw])
        case = {
            "filter": name, "source": [w, h], "seed": seed, "target": [W, H],
            "crc": zlib.crc32(np.ascontiguousarray(out).tobytes()),
            "crop": [x, y, cw, ch], "cropCRC": zlib.crc32(crop.tobytes()),
        }
        if W * H <= 6:
            case["pixels"] = out.flatten().tolist()
        cases.append(case)

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(f"{len(cases)} cases in {path}")
