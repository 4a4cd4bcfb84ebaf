from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections.abc import Generator

from ganrm._encoding import recipe, text
from ganrm._enums import Precision
from ganrm._installed import command_path
from ganrm._native_model import NativeModel
from ganrm._pool import Pool, closed
from ganrm._processors import thread_count
from ganrm._training import model_info, pull_encoders

Path = str | os.PathLike[str]

_openings: weakref.WeakSet[Opening] = weakref.WeakSet()


class Opening:
    """What a `Model` has open in this process, each at its first use: the library's model, the workers.

    A forked child starts without either: a lock of the parent's may be held for ever there, and what
    the parent has open stays the parent's.
    """

    def __init__(
        self,
        model: Path | None,
        encoder: Path | None,
        weights: Path | None,
        precision: str,
        threads: int | None,
        workers: int,
        download: bool,
    ) -> None:
        self._model = model
        self._encoder = encoder
        self._weights = weights
        self._precision = precision
        self._threads = threads
        self._workers = workers
        self._downloads = download and weights is None
        self._is_closed = False
        self._lock = threading.RLock()
        self._native: NativeModel | None = None
        self._pool: Pool | None = None
        self._recipe: dict[str, object] | None = None
        _openings.add(self)

    @contextlib.contextmanager
    def native(self) -> Generator[NativeModel, None, None]:
        """Lends the library's model, which no other thread closes meanwhile."""
        with self._lock:
            self._check()
            if self._native is None:
                self._native = NativeModel(
                    self._model,
                    self._encoder,
                    self._weights,
                    Precision[self._precision.upper()],
                    self._threads or thread_count(),
                )
            yield self._native

    def pool(self) -> Pool:
        """The workers for files; none of them runs yet."""
        with self._lock:
            self._check()
            if self._pool is None:
                self._pool = Pool(self._workers, self._command())
            return self._pool

    def recipe(self) -> dict[str, object]:
        """Options of `ganrm encode` with which it embeds as the model does."""
        with self._lock:
            self._check()
            if self._recipe is None:
                known = recipe(model_info(self._model), text(self._encoder), text(self._weights))
                threads = self._threads or thread_count()
                self._recipe = {**known, "precision": self._precision, "threads": threads}
            return self._recipe

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            native, self._native = self._native, None
        self.end_workers()
        if native is not None:
            native.close()

    def end_workers(self) -> None:
        """Gives up what the workers are at; the next file has new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def after_fork(self) -> None:
        pool = self._pool
        self._lock = threading.RLock()
        self._native = self._pool = None
        if pool is not None:
            pool.forget()

    def _check(self) -> None:
        if self._is_closed:
            raise closed()
        if self._downloads:
            pull_encoders(self._model, self._encoder)
            self._downloads = False

    def _command(self) -> list[str]:
        threads = self._threads or max(1, thread_count() // self._workers)
        # No store: what a generator makes is scored once.
        command = [command_path(), "score", "--list", "-", "--no-store", "--quiet", "--offline"]
        command += [f"--precision={self._precision}", f"--threads={threads}"]
        for option, value in [
            ("model", self._model),
            ("encoder", self._encoder),
            ("weights", self._weights),
        ]:
            if value is not None:
                command.append(f"--{option}={os.fsdecode(value)}")
        return command


def _after_fork() -> None:
    for opening in list(_openings):
        opening.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
