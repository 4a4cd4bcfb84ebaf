"""Media in memory as frames that the library takes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

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
        views: `[height, width, channels]` each, uint8 or floats, not yet converted, nor copied from
            a GPU.
        kind: An image has one frame and no time.
        fps: Frames per second, if the medium knows them.
    """

    views: Sequence[Array]
    kind: Kind
    rounding: Rounding = "round"
    fps: float | None = None

    def __len__(self) -> int:
        return len(self.views)

    def picture(self, index: int) -> Picture:
        """Converts one frame."""
        return picture(self.views[index], self.rounding)


def picture(view: Array, rounding: Rounding = "round") -> Picture:
    """A picture of `[height, width, 1, 3 or 4]`."""
    pixels = as_bytes(view, rounding)
    return Picture.gray(pixels[..., 0]) if pixels.shape[2] == 1 else Picture.rgb(pixels)


def frames(media: Any, layout: str | None, kind: Kind | None, rounding: Rounding) -> Frames:
    """The frames of one input in memory.

    Args:
        media: An array, an image of Pillow, or a sequence of either: the frames of a video; a video
            decoder of torchcodec, as columns of Hugging Face datasets have.

    Raises:
        TypeError: It is none of these.
        ValueError: Its shape fits no layout, or more than one.
    """
    if rounding not in ("round", "truncate"):
        raise ValueError(f"rounding is 'round' or 'truncate', not '{rounding}'")
    fps: float | None = None
    views: Sequence[Array]
    if _is_decoder(media):
        views, has_time, fps = Views(media, "TCHW", len(media)), True, media.metadata.average_fps
    elif is_pillow(media) or is_array(media):
        videos = videos_of(media, layout)
        if len(videos) != 1:
            raise ValueError(f"this is a batch of {len(videos)}; use score_batch")
        views, has_time = videos[0], videos[0].has_time
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
    guess = Kind.VIDEO if has_time else Kind.IMAGE
    return Frames(views, guess if kind is None else kind, rounding, fps)


class Views(Sequence[Array]):
    """The frames of one video in an array of any package, each as `[height, width, channels]`.

    A frame is cut out of the array before it becomes NumPy's: of a tensor on a GPU, only the frames
    that are sampled are copied.
    """

    def __init__(self, array: Any, layout: str, length: int | None = None) -> None:
        self._array = array
        self._layout = layout
        if length is None:
            length = int(array.shape[layout.index("T")]) if "T" in layout else 1
        self._length = length

    @property
    def has_time(self) -> bool:
        return "T" in self._layout

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Array: ...
    @overload
    def __getitem__(self, index: slice) -> list[Array]: ...
    def __getitem__(self, index: int | slice) -> Array | list[Array]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        frame, layout = self._array, self._layout
        if self.has_time:
            axis = layout.index("T")
            frame = frame[index] if axis == 0 else _cut(frame, axis, index)
            layout = layout.replace("T", "")
        return arranged(as_numpy(frame), layout)


def videos_of(media: Any, layout: str | None) -> list[Views]:
    """The videos of an array, or the image of Pillow."""
    if is_pillow(media):
        return [Views(np.asarray(media.convert("RGB")), "HWC")]
    array = media if hasattr(media, "shape") and hasattr(media, "__getitem__") else as_numpy(media)
    known = layout_of(tuple(map(int, array.shape)), layout)
    if "B" not in known:
        return [Views(array, known)]
    axis = known.index("B")
    return [
        Views(_cut(array, axis, index), known.replace("B", ""))
        for index in range(int(array.shape[axis]))
    ]


def _cut(array: Any, axis: int, index: int) -> Any:
    return array[(slice(None),) * axis + (index,)]


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
    images = [view for video in videos_of(frame, layout) for view in video]
    if len(images) != 1:
        raise ValueError(f"a frame is one image, not {len(images)} of them")
    return images[0]


def is_pillow(media: Any) -> bool:
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(media, module.Image)


def _is_decoder(media: Any) -> bool:
    return hasattr(media, "get_frame_at") and hasattr(media, "metadata")


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
