"""Media in memory as frames that the library takes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganrm._arrays import Array, Rounding, as_bytes, as_numpy, is_array
from ganrm._enums import Kind
from ganrm._layout import arranged, layout_of
from ganrm._picture import Picture


@dataclass(frozen=True)
class Frames:
    """The frames of one video, or of an image.

    Attributes:
        views: `[height, width, channels]` each, uint8 or floats, not yet converted.
        kind: An image has one frame and no time.
    """

    views: Sequence[Array]
    kind: Kind
    rounding: Rounding = "round"

    def __len__(self) -> int:
        return len(self.views)

    def pictures(self) -> Iterator[Picture]:
        """Converts one frame after the other, so that floats need no second copy of the video."""
        for view in self.views:
            yield picture(view, self.rounding)


def picture(view: Array, rounding: Rounding = "round") -> Picture:
    """A picture of `[height, width, 1, 3 or 4]`."""
    pixels = as_bytes(view, rounding)
    return Picture.gray(pixels[..., 0]) if pixels.shape[2] == 1 else Picture.rgb(pixels)


def frames(media: Any, layout: str | None, kind: Kind | None, rounding: Rounding) -> Frames:
    """The frames of one input in memory.

    Args:
        media: An array, an image of Pillow, or a sequence of either: the frames of a video.

    Raises:
        TypeError: It is none of these.
        ValueError: Its shape fits no layout, or more than one.
    """
    if rounding not in ("round", "truncate"):
        raise ValueError(f"rounding is 'round' or 'truncate', not '{rounding}'")
    if is_pillow(media) or is_array(media):
        videos = videos_of(media, layout)
        if len(videos) != 1:
            raise ValueError(f"this is a batch of {len(videos)}; use score_batch")
        has_time = not is_pillow(media) and "T" in layout_of(as_numpy(media).shape, layout)
        views = list(videos[0])
    elif _is_sequence(media):
        views, has_time = [single_view(frame, layout) for frame in media], True
    else:
        raise TypeError(
            "a medium is a path, a URL, bytes, an array, an image of Pillow or a sequence of "
            f"frames, not {type(media).__name__}"
        )
    if not views:
        raise ValueError("a video has at least one frame")
    if kind == Kind.IMAGE and len(views) > 1:
        raise ValueError(f"an image has one frame, not {len(views)}")
    return Frames(views, kind if kind is not None else Kind(0 if has_time else 1), rounding)


def videos_of(media: Any, layout: str | None) -> Array:
    """`[batch, time, height, width, channels]` of an array or an image of Pillow."""
    if is_pillow(media):
        return np.asarray(media.convert("RGB"))[None, None]
    array = as_numpy(media)
    return arranged(array, layout_of(array.shape, layout))


def single_view(frame: Any, layout: str | None) -> Array:
    """`[height, width, channels]` of one frame.

    Raises:
        TypeError: It is neither an array nor an image of Pillow.
        ValueError: It has several frames.
    """
    if not is_pillow(frame) and not is_array(frame):
        raise TypeError(
            f"the frames of a video are arrays or images of Pillow, not {type(frame).__name__}; "
            "for several inputs use score_many"
        )
    videos = videos_of(frame, layout)
    if videos.shape[:2] != (1, 1):
        raise ValueError(f"a frame is one image, not {list(videos.shape[:2])} of them")
    view: Array = videos[0, 0]
    return view


def is_pillow(media: Any) -> bool:
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(media, module.Image)


def _is_sequence(media: Any) -> bool:
    return isinstance(media, Sequence) and not isinstance(media, str | bytes | bytearray)


def thumbnail_pixels(media: Any) -> npt.NDArray[np.uint8] | None:
    """The middle frame of an input in memory, `[height, width, 3 or 4]`; None for any other."""
    try:
        found = frames(media, None, None, "round")
        view = as_bytes(found.views[len(found) // 2], "round")
    except (TypeError, ValueError):
        return None
    return np.repeat(view, 3, axis=2) if view.shape[2] == 1 else np.ascontiguousarray(view)
