"""The constants of ganrm.h, under its names."""

from __future__ import annotations

import enum


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
