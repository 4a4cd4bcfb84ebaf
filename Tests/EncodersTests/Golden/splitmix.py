"""Deterministic weights and pixels, the same in Python and Swift (see `SplitMix.swift`).

Element i of a tensor is the output i of SplitMix64 as a float in [-1, 1), times a scale, plus an
offset. The seed is the FNV-1a hash of the tensor's name.
"""

import numpy as np


def seed(name: str) -> int:
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def numbers(name: str, shape, scale: float, offset: float = 0.0) -> np.ndarray:
    """float32 values, uniform in [offset - scale, offset + scale)."""
    count = int(np.prod(shape, dtype=np.int64))
    with np.errstate(over="ignore"):
        z = np.uint64(seed(name)) + np.uint64(0x9E3779B97F4A7C15) * np.arange(
            1, count + 1, dtype=np.uint64
        )
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    # 24 bits are exact in float32; every step below is rounded as in Swift.
    unit = (z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)
    return (unit * np.float32(scale) + np.float32(offset)).reshape(shape)
