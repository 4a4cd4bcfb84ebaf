"""Arrays of other packages as NumPy's, without importing any of them."""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Rounding = Literal["round", "truncate"]

# What rounding of a generator's last layer may leave outside 0 to 1.
_SLACK = 0.01


def is_array(media: Any) -> bool:
    return isinstance(media, np.ndarray) or hasattr(media, "__dlpack__")


def as_numpy(media: Any) -> Array:
    """The array, without a copy if it is in the memory of the processor.

    Args:
        media: A NumPy array, or what has `__dlpack__`: a tensor of PyTorch, JAX or CuPy. One on a
            GPU is copied, one that needs a gradient is detached, and bfloat16 becomes float32.
    """
    if isinstance(media, np.ndarray):
        return cast(Array, media)
    if hasattr(media, "detach"):  # PyTorch
        media = media.detach()
        if media.device.type != "cpu":
            media = media.cpu()
    elif hasattr(media, "get") and hasattr(media, "device"):  # CuPy
        return np.asarray(media.get())
    if str(media.dtype).endswith("bfloat16"):  # NumPy has none.
        media = media.float() if hasattr(media, "float") else media.astype("float32")
    try:
        return np.from_dlpack(media)
    except (BufferError, RuntimeError, TypeError):
        return np.asarray(media)


def as_bytes(frame: Array, rounding: Rounding) -> npt.NDArray[np.uint8]:
    """uint8 of a frame: itself, or 255 · x of floats from 0 to 1.

    "round" rounds to nearest, half to even, as PyTorch and NumPy do; "truncate" drops the fraction,
    as `(255 * x).byte()` does. The product has single precision for floats of 16 bits.

    Raises:
        TypeError: The samples are neither uint8 nor floats.
        ValueError: One is not a number, or outside 0 to 1 by more than 0.01.
    """
    if frame.dtype == np.uint8:
        return frame
    if frame.dtype.kind != "f":
        raise TypeError(f"samples are uint8, or floats from 0 to 1, not {frame.dtype}")
    if frame.dtype.itemsize < 4:
        frame = frame.astype(np.float32)
    low, high = (float(frame.min()), float(frame.max())) if frame.size else (0.0, 1.0)
    if not np.isfinite(low + high):
        raise ValueError("a frame has values that are not finite (NaN or infinity)")
    if low < -_SLACK or high > 1 + _SLACK:
        raise ValueError(
            f"floats are from 0 to 1, not from {low:.4g} to {high:.4g}; "
            + ("for -1 to 1, pass (x + 1) / 2" if low < -_SLACK else "for 0 to 255, pass uint8")
        )
    scaled: Array = np.minimum(np.maximum(frame, 0), 1) * frame.dtype.type(255)
    if rounding == "round":
        scaled = np.rint(scaled)
    return scaled.astype(np.uint8)
