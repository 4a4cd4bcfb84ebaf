from __future__ import annotations

import ctypes
import logging
import os

from ganrm import _structs as structs
from ganrm._handle import Handle
from ganrm._library import checked, int32, library, log_callback, path_bytes, text


class NativeModel(Handle):
    """A reward model that libganrm has opened; its encoders are loaded by the first filter."""

    def __init__(
        self,
        model: str | os.PathLike[str] | None,
        encoder: str | os.PathLike[str] | None,
        weights: str | os.PathLike[str] | None,
        precision: int,
        threads: int,
    ) -> None:
        settings = structs.ModelSettings()
        library().ganrm_model_settings_init(ctypes.byref(settings), ctypes.sizeof(settings))
        settings.model = path_bytes(model)
        settings.encoder = path_bytes(encoder)
        settings.weights = path_bytes(weights)
        settings.precision = int32("precision", precision)
        settings.threads = int32("threads", threads)
        if logging.getLogger("ganrm").hasHandlers():
            settings.log = log_callback()
        handle = ctypes.c_void_p()
        checked(library().ganrm_model_open(ctypes.byref(handle), ctypes.byref(settings)))
        super().__init__(handle, library().ganrm_model_close)
        self.name = text(library().ganrm_model_name(handle))
        self.fingerprint = text(library().ganrm_model_fingerprint(handle))
