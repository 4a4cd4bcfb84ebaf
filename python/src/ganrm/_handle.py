from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ganrm._errors import GanrmError


class Handle:
    """Owns a handle of the library, until `close`, the end of `with` or its own end.

    After a fork the child has a copy of the memory but none of the threads: there a handle is
    neither used nor closed.
    """

    def __init__(self, handle: ctypes.c_void_p, close: Callable[[Any], None]) -> None:
        self._handle = handle
        self._owner = os.getpid()
        self._finalizer = weakref.finalize(self, _close_handle, close, handle, self._owner)
        # At exit a daemon thread may be inside the library.
        self._finalizer.atexit = False

    @property
    def handle(self) -> ctypes.c_void_p:
        """The pointer, NULL after `close`.

        Raises:
            GanrmError: This process is a fork of the one that opened it.
        """
        if self._owner != os.getpid():
            raise GanrmError(
                f"this was opened in process {self._owner}; open it here, or start processes by "
                "spawn or forkserver"
            )
        return self._handle

    def close(self) -> None:
        """Frees it; any use after that raises `GanrmError`."""
        self._finalizer()

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()


def _close_handle(close: Callable[[Any], None], handle: ctypes.c_void_p, owner: int) -> None:
    if owner == os.getpid():
        close(ctypes.byref(handle))
