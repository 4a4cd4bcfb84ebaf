"""Which axis of an array is which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Layout = Literal[
    "HW",
    "HWC",
    "CHW",
    "THW",
    "THWC",
    "TCHW",
    "CTHW",
    "BHWC",
    "BCHW",
    "BTHW",
    "BTHWC",
    "BTCHW",
    "BCTHW",
]
"""Axes in order: batch, time, channels, height, width."""

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
_LAYOUTS: dict[str, Layout] = {name: name for name in LAYOUTS}
# Layouts that are guessed, by the number of axes; what has a batch is always named.
_GUESSES: dict[int, tuple[Layout, ...]] = {
    2: ("HW",),
    3: ("HWC", "CHW"),
    4: ("THWC", "TCHW", "CTHW"),
}
_GUESSED_CHANNELS = {"HWC": (3, 4), "THWC": (3, 4)}


def layout_of(shape: Sequence[int], layout: str | None) -> Layout:
    """The layout of an array: the one that is named, or the only one that fits its shape.

    Raises:
        ValueError: The named layout does not fit, or none does, or more than one.
    """
    if layout is not None:
        known = _LAYOUTS.get(layout)
        if known is None:
            raise ValueError(f"there is no layout '{layout}'; there are {', '.join(LAYOUTS)}")
        if problem := _problem(shape, known, (1, 3, 4)):
            raise ValueError(problem)
        return known
    fitting: list[Layout] = [
        guess
        for guess in _GUESSES.get(len(shape), ())
        if not _problem(shape, guess, _GUESSED_CHANNELS.get(guess, (3,)))
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise ValueError(f"{list(shape)} may be {' or '.join(fitting)}; say which by layout=")
    raise ValueError(
        f"{list(shape)} is no image or video with 3 channels; name its axes by layout=, as "
        "layout='BCTHW'"
    )


def arranged(image: Array, layout: str) -> Array:
    """A view of an image as `[height, width, channels]`."""
    view = np.transpose(image, [layout.index(axis) for axis in "HWC" if axis in layout])
    return view if "C" in layout else view[..., None]


def _problem(shape: Sequence[int], layout: str, channels: tuple[int, ...]) -> str | None:
    if len(shape) != len(layout):
        return f"{layout} has {len(layout)} axes, not {list(shape)}"
    if 0 in shape:
        return f"{list(shape)} is empty"
    if "C" in layout and shape[layout.index("C")] not in channels:
        return (
            f"channels are 1 (gray), 3 (RGB) or 4 (RGB and alpha); {list(shape)} as {layout} has "
            f"{shape[layout.index('C')]}"
        )
    return None
