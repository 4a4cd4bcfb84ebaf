"""libganrm through ctypes: found and loaded at the first call, not by `import ganrm`.

ctypes releases the interpreter's lock while the library works.
"""

from __future__ import annotations

import ctypes
import functools
import logging
import os
from typing import Any

from ganrm._enums import Log
from ganrm._errors import GanrmError
from ganrm._installed import native_file
from ganrm._structs import FilterSettings, Frame, LogCallback, ModelSettings, Score

Handle = ctypes.c_void_p
HandlePointer = ctypes.POINTER(Handle)
Floats = ctypes.POINTER(ctypes.c_float)

# Name: what it returns, what it takes.
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "ganrm_version": (ctypes.c_char_p, []),
    "ganrm_strerror": (ctypes.c_char_p, [ctypes.c_int]),
    "ganrm_degeneracy": (ctypes.c_char_p, [ctypes.c_int64]),
    "ganrm_message": (ctypes.c_char_p, []),
    "ganrm_model_settings_init": (None, [ctypes.POINTER(ModelSettings), ctypes.c_size_t]),
    "ganrm_model_open": (ctypes.c_int, [HandlePointer, ctypes.POINTER(ModelSettings)]),
    "ganrm_model_close": (None, [HandlePointer]),
    "ganrm_model_name": (ctypes.c_char_p, [Handle]),
    "ganrm_model_fingerprint": (ctypes.c_char_p, [Handle]),
    "ganrm_filter_settings_init": (None, [ctypes.POINTER(FilterSettings), ctypes.c_size_t]),
    "ganrm_filter_open": (ctypes.c_int, [HandlePointer, Handle, ctypes.POINTER(FilterSettings)]),
    "ganrm_filter_get_settings": (ctypes.c_int, [Handle, ctypes.POINTER(FilterSettings)]),
    "ganrm_frame_init": (None, [ctypes.POINTER(Frame), ctypes.c_size_t]),
    "ganrm_filter_push": (ctypes.c_int, [Handle, ctypes.POINTER(Frame)]),
    "ganrm_filter_wants": (ctypes.c_int, [Handle, ctypes.c_double]),
    "ganrm_filter_pull": (ctypes.c_int, [Handle, ctypes.POINTER(Score)]),
    "ganrm_filter_pending": (ctypes.c_int64, [Handle]),
    "ganrm_filter_embedding": (
        ctypes.c_int,
        [Handle, ctypes.POINTER(Floats), ctypes.POINTER(ctypes.c_size_t)],
    ),
    "ganrm_filter_precision": (ctypes.c_char_p, [Handle]),
    "ganrm_filter_flush": (ctypes.c_int, [Handle]),
    "ganrm_filter_reset": (ctypes.c_int, [Handle]),
    "ganrm_filter_close": (None, [HandlePointer]),
}

_LEVELS: dict[int, int] = {
    Log.ERROR: logging.ERROR,
    Log.WARNING: logging.WARNING,
    Log.INFO: logging.INFO,
}


@functools.cache
def library() -> ctypes.CDLL:
    """The library of this package, else that of the system, which GANRM_LIBRARY replaces.

    Raises:
        GanrmError: There is none, or it is older than this package.
    """
    # By its soname, as a compiled program would ask for it: another major version is another library.
    bundled = native_file("lib/libganrm.so.1")
    name = os.environ.get("GANRM_LIBRARY") or bundled or "libganrm.so.1"
    try:
        loaded = ctypes.CDLL(name)
        for function, (result, arguments) in FUNCTIONS.items():
            symbol = getattr(loaded, function)
            symbol.restype, symbol.argtypes = result, arguments
    except (OSError, AttributeError) as problem:
        raise GanrmError(
            f"cannot use libganrm ({problem}); install ganrm, or set GANRM_LIBRARY to its libganrm.so.1"
        ) from problem
    return loaded


def version() -> str:
    """The library's "major.minor.patch"."""
    return text(library().ganrm_version())


def checked(code: int) -> None:
    """Raises the error of a call that failed in this thread."""
    if code < 0:
        message = text(library().ganrm_message()) or text(library().ganrm_strerror(code))
        raise GanrmError(message, code)


def text(characters: bytes | None) -> str:
    return (characters or b"").decode(errors="replace")


def path_bytes(value: str | os.PathLike[str] | None) -> bytes | None:
    if value is None:
        return None
    characters = os.fsencode(value)
    if b"\0" in characters:
        raise ValueError("a path has no NUL characters")
    return characters


def int32(name: str, value: int) -> int:
    # ctypes drops the upper bits of a number that is too large, without a word.
    if not -(2**31) <= value < 2**31:
        raise ValueError(f"{name} cannot be {value}")
    return int(value)


@functools.cache
def log_callback() -> Any:
    """Passes messages of the library to the logger "ganrm"."""
    log = logging.getLogger("ganrm")

    def write(_opaque: int | None, level: int, message: bytes) -> None:
        log.log(_LEVELS.get(level, logging.INFO), "%s", text(message))

    callback = LogCallback(write)
    # Never freed: a forked child that frees it at its end may abort.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(callback))
    return callback
