from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO


class Progress:
    """A line on standard error that is rewritten as inputs are done; nothing if that is no terminal.

    Args:
        total: Inputs; None: unknown.
        is_shown: Whether there is one; None: on a terminal.
    """

    def __init__(
        self, total: int | None, is_shown: bool | None = None, stream: TextIO | None = None
    ) -> None:
        self._total = total
        self._stream = stream if stream is not None else sys.stderr
        self._is_shown = self._is_terminal() if is_shown is None else is_shown
        self._begin = self._last = time.monotonic()
        self._done = self._failed = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._is_shown and self._done:
            self._show("\n")

    def count(self, *, failed: bool) -> None:
        self._done += 1
        self._failed += failed
        now = time.monotonic()
        if self._is_shown and now - self._last >= 0.1:
            self._last = now
            self._show("")

    def _show(self, end: str) -> None:
        rate = self._done / max(time.monotonic() - self._begin, 1e-9)
        known = "" if self._total is None else f"/{self._total}"
        words = [f"{self._done}{known} scored", f"{rate:.1f}/s"]
        if self._failed:
            words.append(f"{self._failed} failed")
        if self._total is not None and self._done < self._total:
            words.append(f"{(self._total - self._done) / rate:.0f} s left")
        print("\r\x1b[K" + ", ".join(words), end=end, file=self._stream, flush=True)

    def _is_terminal(self) -> bool:
        try:
            return self._stream.isatty()
        except (AttributeError, ValueError):  # Closed, or a notebook's.
            return False
