"""The structs of ganrm.h; the project's tests compare their layout with the header's."""

from __future__ import annotations

import ctypes

# The type alone makes no closure: libffi's closures do not survive a fork everywhere
# (https://github.com/joblib/threadpoolctl/issues/225).
LogCallback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)


class ModelSettings(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("model", ctypes.c_char_p),
        ("encoder", ctypes.c_char_p),
        ("weights", ctypes.c_char_p),
        ("precision", ctypes.c_int),
        ("threads", ctypes.c_int),
        ("log", LogCallback),
        ("log_opaque", ctypes.c_void_p),
    ]


class FilterSettings(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("kind", ctypes.c_int),
        ("sampling", ctypes.c_int),
        ("frames", ctypes.c_int),
        ("stride", ctypes.c_int),
        ("hop", ctypes.c_int),
        ("clip_rate", ctypes.c_double),
        ("length", ctypes.c_int64),
        ("frame_rate", ctypes.c_double),
    ]


class Frame(ctypes.Structure):
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


class Score(ctypes.Structure):
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
        ("realism", ctypes.c_double),
        ("damage", ctypes.c_double),
        ("reserved", ctypes.c_int64 * 2),
    ]
