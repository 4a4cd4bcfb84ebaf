from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganrm._enums import Format, Matrix, Range
from ganrm._library import int32
from ganrm._structs import Frame

Array = npt.NDArray[Any]


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


def fill(picture: Picture, frame: Frame) -> list[Array]:
    """Points the struct at the pixels; returns what must live as long."""
    planes = _PLANES[picture.format]
    if len(picture.planes) != len(planes):
        raise ValueError(
            f"{picture.format.name} has {len(planes)} planes, not {len(picture.planes)}"
        )
    dtype = np.dtype(np.uint16 if picture.format in _WIDE else np.uint8)
    for array in picture.planes:
        if array.dtype != dtype:
            hint = "; floats from 0 to 1: (255 * x).round().astype('uint8')"
            raise TypeError(
                f"samples of {picture.format.name} are {dtype}, not {array.dtype}"
                + (hint if array.dtype.kind == "f" else "")
            )
    height, width = picture.planes[0].shape[0], math.prod(picture.planes[0].shape[1:])
    width //= planes[0].samples
    frame.width, frame.height = int32("width", width), int32("height", height)
    frame.format, frame.range = picture.format, picture.range
    frame.matrix = int32("matrix", picture.matrix)
    kept: list[Array] = []
    for index, (array, plane) in enumerate(zip(picture.planes, planes, strict=True)):
        rows, columns = -(-height // plane.rows), -(-width // plane.columns)
        shapes = [(rows, columns * plane.samples), (rows, columns, plane.samples)]
        if array.shape not in shapes or array.size == 0:
            expected = shapes[0] if plane.samples == 1 else shapes[1]
            raise ValueError(
                f"plane {index} of {width} × {height} {picture.format.name} is {list(expected)}, "
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
