from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ganrm import _structs as structs
from ganrm._enums import Code, Kind, Sampling
from ganrm._handle import Handle
from ganrm._library import Floats, checked, int32, library, text
from ganrm._picture import Array, Picture, fill
from ganrm._score import Score, score_of_struct

if TYPE_CHECKING:
    from ganrm._model import Model


@dataclass(frozen=True)
class FilterSettings:
    """How a filter makes clips, with the model's choices filled in."""

    kind: Kind
    sampling: Sampling
    frames: int
    stride: int
    hop: int
    clip_rate: float
    length: int = 0
    frame_rate: float = 0


class Filter(Handle):
    """Frames in, scores out.

    Args:
        model: What scores; it may be closed before the filter.
        kind: Which of the model's encoders sees the frames.
        sampling: WINDOW: clip after clip; UNIFORM: one clip from all frames, scored by `flush`;
            MODEL: windows as the model was trained with, else of as many frames.
        frames: Frames per clip, 1 to 4096; 0: as the model was trained.
        stride: Window: every n-th frame; 0: as trained, else 1.
        hop: Window: frames from clip to clip; 0: clips touch.
        clip_rate: Window: frames per second instead of a stride; 0: none.
        length: Uniform: frames of each stream, if the rate is constant; only those of the clip are
            prepared then. 0: unknown.
        frame_rate: Uniform: frames per second, which the distance of consecutive frames depends on; 0:
            unknown, or by the times of the frames if the length is unknown, too.
    """

    def __init__(
        self,
        model: Model,
        *,
        kind: Kind = Kind.VIDEO,
        sampling: Sampling = Sampling.MODEL,
        frames: int = 0,
        stride: int = 0,
        hop: int = 0,
        clip_rate: float = 0,
        length: int = 0,
        frame_rate: float = 0,
    ) -> None:
        settings = structs.FilterSettings()
        library().ganrm_filter_settings_init(ctypes.byref(settings), ctypes.sizeof(settings))
        settings.kind = int32("kind", kind)
        settings.sampling = int32("sampling", sampling)
        settings.frames = int32("frames", frames)
        settings.stride = int32("stride", stride)
        settings.hop = int32("hop", hop)
        settings.clip_rate = clip_rate
        if not 0 <= length < 2**63:
            raise ValueError(f"length cannot be {length}")
        settings.length = length
        settings.frame_rate = frame_rate
        handle = ctypes.c_void_p()
        with model._opening.native() as opened:  # pyright: ignore[reportPrivateUsage]
            checked(
                library().ganrm_filter_open(
                    ctypes.byref(handle), opened.handle, ctypes.byref(settings)
                )
            )
            self._fingerprint = opened.fingerprint
        super().__init__(handle, library().ganrm_filter_close)
        self._precision = text(library().ganrm_filter_precision(self.handle))
        # The library lets one thread at a time use a filter, and while it works, others run.
        self._lock = threading.Lock()

    def __enter__(self) -> Filter:
        return self

    def push(
        self,
        frame: Array | Picture,
        seconds: float | None = None,
        duration: float | None = None,
        sample_aspect_ratio: tuple[int, int] = (1, 1),
    ) -> None:
        """Takes the next frame and scores the clips that it completes.

        Args:
            frame: uint8 `[height, width, 3]` RGB or `[height, width, 4]` with an alpha that is
                ignored, `[3, height, width]`, `[height, width]` gray, or a `Picture`, for YUV. It is
                read where it lies if its rows are in one piece, flipped ones and crops included, and
                copied otherwise; afterwards it is the caller's again.
            seconds: Presentation time, never descending.
            duration: How long it is shown, in seconds; None: until the next one.
            sample_aspect_ratio: Width and height of a pixel.
        """
        picture = frame if isinstance(frame, Picture) else Picture.of(frame)
        struct = _new_frame()
        kept = fill(picture, struct)
        self._push(struct, kept, seconds, duration, sample_aspect_ratio)

    def _push(
        self,
        struct: structs.Frame,
        kept: list[Array],
        seconds: float | None,
        duration: float | None,
        sample_aspect_ratio: tuple[int, int],
    ) -> None:
        """Pushes a struct; `kept` holds the memory that it points to."""
        if seconds is not None:
            struct.seconds = seconds
        if duration is not None:
            struct.duration = duration
        struct.sar_width, struct.sar_height = sample_aspect_ratio
        with self._lock:
            checked(library().ganrm_filter_push(self.handle, ctypes.byref(struct)))
        del kept

    def wants(self, seconds: float | None = None) -> bool:
        """Whether a clip samples the next frame; if not, `skip` spares its conversion."""
        handle = self.handle
        with self._lock:
            wanted: int = library().ganrm_filter_wants(
                handle, math.nan if seconds is None else seconds
            )
        checked(min(wanted, 0))
        return wanted == 1

    def skip(self, seconds: float | None = None, duration: float | None = None) -> None:
        """Counts a frame that no clip samples.

        Raises:
            GanrmError: One does, see `wants`.
        """
        self._push(_new_frame(), [], seconds, duration, (1, 1))

    def pull(self) -> Score | None:
        """The oldest score that was not yet pulled; None: push more frames, or flush."""
        score = structs.Score()
        handle = self.handle
        with self._lock:
            code = library().ganrm_filter_pull(handle, ctypes.byref(score))
        if code in (Code.AGAIN, Code.END):
            return None
        checked(code)
        return score_of_struct(score, self._precision, self._fingerprint)

    def __iter__(self) -> Iterator[Score]:
        """The scores that are there."""
        while (score := self.pull()) is not None:
            yield score

    def embedding(self) -> npt.NDArray[np.float32]:
        """What the score that was pulled last was made of, `[2 · width · taps]` and motion.

        Empty if none was pulled.
        """
        values, count = Floats(), ctypes.c_size_t()
        with self._lock:
            checked(
                library().ganrm_filter_embedding(
                    self.handle, ctypes.byref(values), ctypes.byref(count)
                )
            )
            if count.value == 0:
                return np.empty(0, np.float32)
            return np.ctypeslib.as_array(values, (count.value,)).astype(np.float32, copy=True)

    def flush(self) -> None:
        """Ends the stream and scores what is left of it; the next push begins a new stream."""
        with self._lock:
            checked(library().ganrm_filter_flush(self.handle))

    def reset(self) -> None:
        """Forgets the stream and the scores that nobody pulled."""
        with self._lock:
            checked(library().ganrm_filter_reset(self.handle))

    def close(self) -> None:
        """Frees it; any use after that raises `GanrmError`."""
        with self._lock:
            super().close()

    @property
    def precision(self) -> str:
        """In which the encoder computes: "f32", "bf16" or "int8"."""
        return self._precision

    @property
    def pending(self) -> int:
        """The number of the oldest frame that may still belong to a clip without a score."""
        with self._lock:
            frame: int = library().ganrm_filter_pending(self.handle)
        checked(min(frame, 0))
        return frame

    @property
    def settings(self) -> FilterSettings:
        """How the filter makes clips."""
        found = structs.FilterSettings()
        library().ganrm_filter_settings_init(ctypes.byref(found), ctypes.sizeof(found))
        with self._lock:
            checked(library().ganrm_filter_get_settings(self.handle, ctypes.byref(found)))
        return FilterSettings(
            kind=Kind(found.kind),
            sampling=Sampling(found.sampling),
            frames=found.frames,
            stride=found.stride,
            hop=found.hop,
            clip_rate=found.clip_rate,
            length=found.length,
            frame_rate=found.frame_rate,
        )


def _new_frame() -> structs.Frame:
    frame = structs.Frame()
    library().ganrm_frame_init(ctypes.byref(frame), ctypes.sizeof(frame))
    return frame
