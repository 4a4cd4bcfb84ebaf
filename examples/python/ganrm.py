"""NumPy frames in, scores out: libganrm's C interface for Python 3.10 or newer, through ctypes.

    import ganrm

    with ganrm.Model() as model:
        # uint8 [time, height, width, 3], or what else `Filter.push` takes: one score for all of it.
        print(model.score_clip(frames, fps=16).logit)

        # A stream: one score per window, as soon as its last frame is there.
        with ganrm.Filter(model) as stream:
            for index, frame in enumerate(frames):
                stream.push(frame, seconds=index / 16)
                for score in stream:
                    print(score.start_seconds, score.logit)
            stream.flush()
            for score in stream:
                print(score.start_seconds, score.logit)

Copy this file beside your program; it needs NumPy and an installed libganrm.so.1, which the loader
finds (/usr/local/lib after `make install`, LD_LIBRARY_PATH) or the environment variable
GANRM_LIBRARY names. What the numbers mean stands in ganrm.h, field by field under the same names.

Threads: ctypes releases the interpreter's lock while the library works, so that filters in several
threads score at the same time; they share the weights of their model. A filter that two threads use
at once makes one of them wait.

Errors: `GanrmError` is what the library refuses; arrays that are no pictures raise TypeError or
ValueError before it sees them. What it has to say beside that goes to the logger "ganrm".
"""

from __future__ import annotations

import ctypes
import enum
import logging
import math
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "Filter", "FilterSettings", "Format", "GanrmError", "Kind", "Matrix", "Model", "Picture",
    "Precision", "Range", "Sampling", "Score", "version",
]

Array = npt.NDArray[Any]

_log = logging.getLogger("ganrm")
_log.addHandler(logging.NullHandler())


class Code(enum.IntEnum):
    OK = 0
    AGAIN = -1
    END = -2
    ERROR_ARGUMENT = -3
    ERROR_MODEL = -4
    ERROR_FAILED = -5


class Kind(enum.IntEnum):
    """Which of the model's encoders sees the frames."""

    VIDEO = 0
    IMAGE = 1


class Sampling(enum.IntEnum):
    """How frames become clips."""

    MODEL = 0
    WINDOW = 1
    UNIFORM = 2


class Precision(enum.IntEnum):
    AUTO = 0
    F32 = 1
    BF16 = 2
    INT8 = 3


class Degenerate(enum.IntEnum):
    """Why a clip shows nothing."""

    NO = 0
    ONE_COLOUR = 1
    NO_DETAIL = 2
    PATTERN = 3
    NOISE = 4
    FROZEN = 5


class Format(enum.IntEnum):
    """How pixels lie in memory."""

    RGB24 = 0
    RGBA = 1
    GBRP = 2
    GRAY8 = 3
    YUV420P = 4
    YUV422P = 5
    YUV444P = 6
    YUV420P10 = 7
    YUV422P10 = 8
    YUV444P10 = 9
    NV12 = 10
    P010 = 11


class Range(enum.IntEnum):
    """Which samples are black and white."""

    UNKNOWN = 0
    LIMITED = 1
    FULL = 2


class Matrix(enum.IntEnum):
    """How YUV became of RGB; other numbers of ITU-T H.273 may be given as they are."""

    BT709 = 1
    UNKNOWN = 2
    BT601 = 6
    BT2020 = 9


class Log(enum.IntEnum):
    ERROR = 0
    WARNING = 1
    INFO = 2


_LEVELS: dict[int, int] = {
    Log.ERROR: logging.ERROR,
    Log.WARNING: logging.WARNING,
    Log.INFO: logging.INFO,
}
_LogCallback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)


# The structs of ganrm.h; the project's tests compare their layout with the header's.
class _ModelSettings(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("model", ctypes.c_char_p),
        ("encoder", ctypes.c_char_p),
        ("weights", ctypes.c_char_p),
        ("precision", ctypes.c_int),
        ("threads", ctypes.c_int),
        ("log", _LogCallback),
        ("log_opaque", ctypes.c_void_p),
    ]


class _FilterSettings(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("kind", ctypes.c_int),
        ("sampling", ctypes.c_int),
        ("frames", ctypes.c_int),
        ("stride", ctypes.c_int),
        ("hop", ctypes.c_int),
        ("clip_rate", ctypes.c_double),
    ]


class _Frame(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("planes", ctypes.c_void_p * 4),
        ("strides", ctypes.c_ssize_t * 4),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("format", ctypes.c_int),
        ("matrix", ctypes.c_int),
        ("range", ctypes.c_int),
        ("seconds", ctypes.c_double),
        ("duration", ctypes.c_double),
        ("sar_width", ctypes.c_int),
        ("sar_height", ctypes.c_int),
    ]


class _Score(ctypes.Structure):
    _fields_ = [
        ("score", ctypes.c_double),
        ("logit", ctypes.c_double),
        ("logit_spread", ctypes.c_double),
        ("probability", ctypes.c_double),
        ("percentile_generated", ctypes.c_double),
        ("percentile_proxy", ctypes.c_double),
        ("start_seconds", ctypes.c_double),
        ("end_seconds", ctypes.c_double),
        ("first_frame", ctypes.c_int64),
        ("last_frame", ctypes.c_int64),
        ("unfamiliar", ctypes.c_double),
        ("degenerate", ctypes.c_int64),
        ("reserved", ctypes.c_int64 * 4),
    ]


_Handle = ctypes.c_void_p
_HandlePointer = ctypes.POINTER(_Handle)
_Floats = ctypes.POINTER(ctypes.c_float)

# Name: what it returns, what it takes.
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "ganrm_version": (ctypes.c_char_p, []),
    "ganrm_strerror": (ctypes.c_char_p, [ctypes.c_int]),
    "ganrm_degeneracy": (ctypes.c_char_p, [ctypes.c_int64]),
    "ganrm_message": (ctypes.c_char_p, []),
    "ganrm_model_settings_init": (None, [ctypes.POINTER(_ModelSettings), ctypes.c_size_t]),
    "ganrm_model_open": (ctypes.c_int, [_HandlePointer, ctypes.POINTER(_ModelSettings)]),
    "ganrm_model_close": (None, [_HandlePointer]),
    "ganrm_model_name": (ctypes.c_char_p, [_Handle]),
    "ganrm_model_fingerprint": (ctypes.c_char_p, [_Handle]),
    "ganrm_filter_settings_init": (None, [ctypes.POINTER(_FilterSettings), ctypes.c_size_t]),
    "ganrm_filter_open": (
        ctypes.c_int, [_HandlePointer, _Handle, ctypes.POINTER(_FilterSettings)]
    ),
    "ganrm_filter_get_settings": (ctypes.c_int, [_Handle, ctypes.POINTER(_FilterSettings)]),
    "ganrm_frame_init": (None, [ctypes.POINTER(_Frame), ctypes.c_size_t]),
    "ganrm_filter_push": (ctypes.c_int, [_Handle, ctypes.POINTER(_Frame)]),
    "ganrm_filter_pull": (ctypes.c_int, [_Handle, ctypes.POINTER(_Score)]),
    "ganrm_filter_pending": (ctypes.c_int64, [_Handle]),
    "ganrm_filter_embedding": (
        ctypes.c_int, [_Handle, ctypes.POINTER(_Floats), ctypes.POINTER(ctypes.c_size_t)]
    ),
    "ganrm_filter_flush": (ctypes.c_int, [_Handle]),
    "ganrm_filter_reset": (ctypes.c_int, [_Handle]),
    "ganrm_filter_close": (None, [_HandlePointer]),
}


def _load() -> ctypes.CDLL:
    # By its soname, as a compiled program would ask for it: another major version is another library.
    name = os.environ.get("GANRM_LIBRARY") or "libganrm.so.1"
    try:
        library = ctypes.CDLL(name)
        for function, (result, arguments) in _FUNCTIONS.items():
            symbol = getattr(library, function)
            symbol.restype, symbol.argtypes = result, arguments
    except (OSError, AttributeError) as problem:
        raise ImportError(
            f"cannot use libganrm ({problem}); install ganrm, or set GANRM_LIBRARY to its libganrm.so.1"
        ) from problem
    return library


_library = _load()


class GanrmError(Exception):
    """What the library refuses or cannot do."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        """`ERROR_…` of ganrm.h: -3 an argument, -4 the model, -5 scoring."""
        self.message = message

    def __str__(self) -> str:
        return self.message


def version() -> str:
    """The library's "major.minor.patch"."""
    return _text(_library.ganrm_version())


def _checked(code: int) -> None:
    if code < 0:
        message = _text(_library.ganrm_message()) or _text(_library.ganrm_strerror(code))
        raise GanrmError(code, message)


def _text(characters: bytes | None) -> str:
    return (characters or b"").decode(errors="replace")


def _path(value: str | os.PathLike[str] | None) -> bytes | None:
    if value is None:
        return None
    characters = os.fsencode(value)
    if b"\0" in characters:
        raise ValueError("a path has no NUL characters")
    return characters


def _int(name: str, value: int) -> int:
    # ctypes drops the upper bits of a number that is too large, without a word.
    if not -(2**31) <= value < 2**31:
        raise ValueError(f"{name} cannot be {value}")
    return int(value)


def _log_message(_opaque: int | None, level: int, message: bytes) -> None:
    _log.log(_LEVELS.get(level, logging.INFO), "%s", _text(message))


_log_callback = _LogCallback(_log_message)


@dataclass(frozen=True)
class Score:
    """The score of one clip; None where the model has no means to tell."""

    score: float
    logit: float
    logit_spread: float | None
    probability: float | None
    percentile_generated: float | None
    percentile_proxy: float | None
    start_seconds: float | None
    end_seconds: float | None
    first_frame: int
    last_frame: int
    unfamiliar: float | None = None
    degenerate: str | None = None


@dataclass(frozen=True)
class FilterSettings:
    """How a filter makes clips, with the model's choices filled in."""

    kind: Kind
    sampling: Sampling
    frames: int
    stride: int
    hop: int
    clip_rate: float


@dataclass(frozen=True)
class _Plane:
    """Of a format: an n-th of the width and height, rounded up, and samples that lie together."""

    columns: int = 1
    rows: int = 1
    samples: int = 1


_FULL, _HALF, _QUARTER = _Plane(), _Plane(2), _Plane(2, 2)
_PLANES: dict[Format, tuple[_Plane, ...]] = {
    Format.RGB24: (_Plane(samples=3),),
    Format.RGBA: (_Plane(samples=4),),
    Format.GBRP: (_FULL,) * 3,
    Format.GRAY8: (_FULL,),
    Format.YUV420P: (_FULL, _QUARTER, _QUARTER),
    Format.YUV422P: (_FULL, _HALF, _HALF),
    Format.YUV444P: (_FULL,) * 3,
    Format.YUV420P10: (_FULL, _QUARTER, _QUARTER),
    Format.YUV422P10: (_FULL, _HALF, _HALF),
    Format.YUV444P10: (_FULL,) * 3,
    Format.NV12: (_FULL, _Plane(2, 2, 2)),
    Format.P010: (_FULL, _Plane(2, 2, 2)),
}
_WIDE = {Format.YUV420P10, Format.YUV422P10, Format.YUV444P10, Format.P010}


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame in any of the library's formats.

    `planes` are those of the format, `[height, width]` (`[height, width, samples]` or
    `[height, width · samples]` where samples lie together), uint8, or uint16 with 10 bits. Chroma
    planes are the smaller ones that the format asks for.
    """

    format: Format
    planes: tuple[Array, ...]
    matrix: int = Matrix.UNKNOWN
    range: Range = Range.UNKNOWN

    @classmethod
    def rgb(cls, array: Array) -> Picture:
        """Of uint8 `[height, width, 3 or 4]`, whose alpha is ignored."""
        if array.ndim != 3 or array.shape[2] not in (3, 4):
            raise ValueError(f"RGB is [height, width, 3 or 4], not {list(array.shape)}")
        if not _has_rows(array) and _has_rows(array[..., 0]):
            # What lies in memory as planes, a tensor's `permute` say, goes in as planes.
            return cls.rgb_planes(np.moveaxis(array, 2, 0)[:3])
        return cls(Format.RGB24 if array.shape[2] == 3 else Format.RGBA, (array,))

    @classmethod
    def rgb_planes(cls, array: Array) -> Picture:
        """Of uint8 `[3, height, width]`, as tensors of generators are."""
        if array.ndim != 3 or array.shape[0] != 3:
            raise ValueError(f"planes of RGB are [3, height, width], not {list(array.shape)}")
        if not _has_rows(array[0]) and _has_rows(packed := np.moveaxis(array, 0, 2)):
            return cls(Format.RGB24, (packed,))
        return cls(Format.GBRP, (array[1], array[2], array[0]))

    @classmethod
    def gray(cls, array: Array) -> Picture:
        """Of uint8 `[height, width]` from black, 0, to white, 255.

        Luma of limited range is `Picture(Format.GRAY8, (array,))`.
        """
        if array.ndim != 2:
            raise ValueError(f"gray is [height, width], not {list(array.shape)}")
        return cls(Format.GBRP, (array, array, array))

    @classmethod
    def of(cls, array: Array) -> Picture:
        """What the array's shape says; 3 or 4 at its end are RGB, before 3 at its beginning."""
        if array.ndim == 2:
            return cls.gray(array)
        if array.ndim == 3 and array.shape[2] in (3, 4):
            return cls.rgb(array)
        if array.ndim == 3 and array.shape[0] == 3:
            return cls.rgb_planes(array)
        raise ValueError(
            "a frame is [height, width, 3 or 4], [3, height, width] or [height, width], "
            f"not {list(array.shape)}"
        )

    def _fill(self, frame: _Frame) -> list[Array]:
        """Points the struct at the pixels; returns what must live as long."""
        planes = _PLANES[self.format]
        if len(self.planes) != len(planes):
            raise ValueError(f"{self.format.name} has {len(planes)} planes, not {len(self.planes)}")
        dtype = np.dtype(np.uint16 if self.format in _WIDE else np.uint8)
        for array in self.planes:
            if array.dtype != dtype:
                hint = "; floats from 0 to 1: (255 * x).round().astype('uint8')"
                raise TypeError(
                    f"samples of {self.format.name} are {dtype}, not {array.dtype}"
                    + (hint if array.dtype.kind == "f" else "")
                )
        height, width = self.planes[0].shape[0], math.prod(self.planes[0].shape[1:])
        width //= planes[0].samples
        frame.width, frame.height = _int("width", width), _int("height", height)
        frame.format, frame.range = self.format, self.range
        frame.matrix = _int("matrix", self.matrix)
        kept: list[Array] = []
        for index, (array, plane) in enumerate(zip(self.planes, planes, strict=True)):
            rows, columns = -(-height // plane.rows), -(-width // plane.columns)
            shapes = [(rows, columns * plane.samples), (rows, columns, plane.samples)]
            if array.shape not in shapes or array.size == 0:
                expected = shapes[0] if plane.samples == 1 else shapes[1]
                raise ValueError(
                    f"plane {index} of {width} × {height} {self.format.name} is {list(expected)}, "
                    f"not {list(array.shape)}"
                )
            rowwise = array if _has_rows(array) else np.ascontiguousarray(array)
            kept.append(rowwise)
            frame.planes[index] = rowwise.ctypes.data
            # NumPy gives an axis of one row any stride.
            frame.strides[index] = rowwise.strides[0] if rows > 1 else rowwise.nbytes
        return kept


def _has_rows(array: Array) -> bool:
    """Whether the library can read it where it lies: rows in one piece, any distance apart."""
    if array.size == 0 or not array[0].flags.c_contiguous:
        return False
    return len(array) == 1 or int(array[0].nbytes) <= abs(array.strides[0]) < 2**31


class _Closing:
    """What owns a handle of the library, until `close`, the end of `with` or its own end."""

    def __init__(self, handle: ctypes.c_void_p, close: Callable[[Any], None]) -> None:
        self._handle = handle
        self._close = weakref.finalize(self, _close_handle, close, handle)

    def close(self) -> None:
        """Frees it; any use after that raises `GanrmError`."""
        self._close()

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()


def _close_handle(close: Callable[[Any], None], handle: ctypes.c_void_p) -> None:
    close(ctypes.byref(handle))


class Model(_Closing):
    """A reward model and its encoders, for any number of filters and threads.

    Args:
        model: File or folder of a reward model; None: the default model.
        encoder: Name, or a JSON file that describes it; None: the model's own.
        weights: Weight file of the encoder; None: from the cache of models.
        precision: How the encoder computes; AUTO is BF16 where the processor has it, else F32.
        threads: Worker threads, 1 to 1024; 0: one per processor.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        encoder: str | os.PathLike[str] | None = None,
        weights: str | os.PathLike[str] | None = None,
        precision: Precision = Precision.AUTO,
        threads: int = 0,
    ) -> None:
        settings = _ModelSettings()
        _library.ganrm_model_settings_init(ctypes.byref(settings), ctypes.sizeof(settings))
        settings.model = _path(model)
        settings.encoder = _path(encoder)
        settings.weights = _path(weights)
        settings.precision = _int("precision", precision)
        settings.threads = _int("threads", threads)
        settings.log = _log_callback
        handle = _Handle()
        _checked(_library.ganrm_model_open(ctypes.byref(handle), ctypes.byref(settings)))
        super().__init__(handle, _library.ganrm_model_close)

    def __enter__(self) -> Model:
        return self

    @property
    def name(self) -> str:
        """ "default", or the path."""
        return _text(_library.ganrm_model_name(self._handle))

    @property
    def fingerprint(self) -> str:
        """What tells one reward model from another, as rows of `ganrm score` have it."""
        return _text(_library.ganrm_model_fingerprint(self._handle))

    def score_clip(self, frames: Iterable[Array | Picture], fps: float | None = None) -> Score:
        """One score for a whole video, of frames spread evenly over it.

        Args:
            frames: An array of them, `[time, height, width, 3]` or `[time, 3, height, width]`, or
                anything that gives what `Filter.push` takes.
            fps: Frames per second; None: the score has no times.
        """
        with Filter(self, sampling=Sampling.UNIFORM) as clip:
            for index, frame in enumerate(frames):
                seconds, duration = (index / fps, 1 / fps) if fps else (None, None)
                clip.push(frame, seconds, duration)
            clip.flush()
            score = clip.pull()
        if score is None:
            raise ValueError("a clip has at least one frame")
        return score


class Filter(_Closing):
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
    ) -> None:
        settings = _FilterSettings()
        _library.ganrm_filter_settings_init(ctypes.byref(settings), ctypes.sizeof(settings))
        settings.kind = _int("kind", kind)
        settings.sampling = _int("sampling", sampling)
        settings.frames = _int("frames", frames)
        settings.stride = _int("stride", stride)
        settings.hop = _int("hop", hop)
        settings.clip_rate = clip_rate
        handle = _Handle()
        _checked(
            _library.ganrm_filter_open(
                ctypes.byref(handle), model._handle, ctypes.byref(settings)
            )
        )
        super().__init__(handle, _library.ganrm_filter_close)
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
        struct = _Frame()
        _library.ganrm_frame_init(ctypes.byref(struct), ctypes.sizeof(struct))
        kept = picture._fill(struct)
        if seconds is not None:
            struct.seconds = seconds
        if duration is not None:
            struct.duration = duration
        struct.sar_width, struct.sar_height = sample_aspect_ratio
        with self._lock:
            _checked(_library.ganrm_filter_push(self._handle, ctypes.byref(struct)))
        del kept

    def pull(self) -> Score | None:
        """The oldest score that was not yet pulled; None: push more frames, or flush."""
        score = _Score()
        with self._lock:
            code = _library.ganrm_filter_pull(self._handle, ctypes.byref(score))
        if code in (Code.AGAIN, Code.END):
            return None
        _checked(code)
        return Score(
            score=score.score,
            logit=score.logit,
            logit_spread=_known(score.logit_spread),
            probability=_known(score.probability),
            percentile_generated=_known(score.percentile_generated),
            percentile_proxy=_known(score.percentile_proxy),
            start_seconds=_known(score.start_seconds),
            end_seconds=_known(score.end_seconds),
            first_frame=score.first_frame,
            last_frame=score.last_frame,
            unfamiliar=_known(score.unfamiliar),
            degenerate=_text(_library.ganrm_degeneracy(score.degenerate)) or None,
        )

    def __iter__(self) -> Iterator[Score]:
        """The scores that are there."""
        while (score := self.pull()) is not None:
            yield score

    def embedding(self) -> npt.NDArray[np.float32]:
        """What the score that was pulled last was made of, `[2 · width · taps]` and motion; empty if none was."""
        values, count = _Floats(), ctypes.c_size_t()
        with self._lock:
            _checked(
                _library.ganrm_filter_embedding(
                    self._handle, ctypes.byref(values), ctypes.byref(count)
                )
            )
            if count.value == 0:
                return np.empty(0, np.float32)
            return np.ctypeslib.as_array(values, (count.value,)).astype(np.float32, copy=True)

    def flush(self) -> None:
        """Ends the stream and scores what is left of it; the next push begins a new stream."""
        with self._lock:
            _checked(_library.ganrm_filter_flush(self._handle))

    def reset(self) -> None:
        """Forgets the stream and the scores that nobody pulled."""
        with self._lock:
            _checked(_library.ganrm_filter_reset(self._handle))

    def close(self) -> None:
        """Frees it; any use after that raises `GanrmError`."""
        with self._lock:
            super().close()

    @property
    def pending(self) -> int:
        """The number of the oldest frame that may still belong to a clip without a score."""
        with self._lock:
            frame: int = _library.ganrm_filter_pending(self._handle)
        _checked(min(frame, 0))
        return frame

    @property
    def settings(self) -> FilterSettings:
        """How the filter makes clips."""
        found = _FilterSettings()
        _library.ganrm_filter_settings_init(ctypes.byref(found), ctypes.sizeof(found))
        with self._lock:
            _checked(_library.ganrm_filter_get_settings(self._handle, ctypes.byref(found)))
        return FilterSettings(
            kind=Kind(found.kind),
            sampling=Sampling(found.sampling),
            frames=found.frames,
            stride=found.stride,
            hop=found.hop,
            clip_rate=found.clip_rate,
        )


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
