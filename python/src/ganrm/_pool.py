from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import threading
import weakref
from typing import Any

from ganrm._enums import Code
from ganrm._errors import GanrmError, IdleDeath, MediaError, WorkerDeath
from ganrm._guard import Guard
from ganrm._worker import Worker

_pools: weakref.WeakSet[Pool] = weakref.WeakSet()
_is_exiting = False


class Pool:
    """Worker processes for files, started when they are needed and replaced when they are gone.

    Any number of threads may use it; as many as there are workers score at a time.
    """

    def __init__(self, size: int, command: list[str]) -> None:
        self._command = command
        self._size = size
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(None)
        self._workers: set[Worker] = set()
        self._guard = Guard()
        self._lock = threading.Lock()
        self._is_closed = False
        self._owner = os.getpid()
        self._finalizer = weakref.finalize(self, _kill, self._workers, self._guard, self._owner)
        self._finalizer.atexit = False  # `_close_all` is, which knows of daemon threads.
        _pools.add(self)

    def ask(
        self, request: dict[str, Any], name: str, timeout: float | None, retries: int = 0
    ) -> dict[str, Any]:
        """The row of a request; see `Worker.ask`.

        Waits for an idle worker, which the timeout does not count.

        Args:
            retries: How often another worker is asked after one that died of it.
        """
        while True:
            try:
                return self._ask(request, name, timeout)
            except WorkerDeath:
                if retries == 0:
                    raise
                retries -= 1

    def _ask(self, request: dict[str, Any], name: str, timeout: float | None) -> dict[str, Any]:
        worker = self._idle.get()
        try:
            while True:
                if worker is None:
                    worker = self._start()
                try:
                    return worker.ask(request, name, timeout)
                except IdleDeath as death:
                    if self._is_closed:
                        raise
                    logging.getLogger("ganrm").warning("%s; another one takes its place", death)
                    self._remove(worker)
                    worker = None
        except MediaError:
            if _is_exiting:
                # A daemon thread, whose worker `_close_all` has ended: it stops here instead of
                # printing an error while the interpreter ends.
                threading.Event().wait()
            if self._is_closed:
                raise closed() from None
            raise
        finally:
            if worker is not None and not worker.is_alive:
                self._remove(worker)
                worker = None
            self._idle.put(worker)

    def close(self) -> None:
        """Ends all workers; calls that wait for one of them fail."""
        with self._lock:
            self._is_closed = True
            for worker in self._workers:
                worker.interrupt()
            for worker in self._workers:
                worker.wait()
            self._guard.close()
        idle: list[Worker] = []
        with contextlib.suppress(queue.Empty):
            while True:
                if taken := self._idle.get_nowait():
                    idle.append(taken)
        for unused in idle:
            self._remove(unused)
        for _ in range(self._size):  # For those who wait, to be told.
            self._idle.put(None)

    @property
    def is_owned(self) -> bool:
        """Whether this process has started the workers, not the parent of which it is a fork."""
        return self._owner == os.getpid()

    def forget(self) -> None:
        """In a forked child, whose copies of the pipes would keep workers of a dead parent alive."""
        self._finalizer.detach()
        for worker in self._workers:
            worker.forget()
        self._guard.forget()

    @property
    def process_ids(self) -> list[int]:
        """Of the workers that run."""
        with self._lock:
            return sorted(worker.process_id for worker in self._workers)

    def _start(self) -> Worker:
        with self._lock:
            if self._is_closed:
                raise closed()
            worker = Worker(self._command)
            self._workers.add(worker)
            self._tell_guard()
            return worker

    def _remove(self, worker: Worker | None) -> None:
        if worker is None:
            return
        worker.interrupt()
        with self._lock:
            self._workers.discard(worker)
            # Before its number can be that of another process.
            self._tell_guard()
        worker.kill()

    def _tell_guard(self) -> None:
        if not self._is_closed:
            self._guard.watch([worker.process_id for worker in self._workers])


def closed() -> GanrmError:
    return GanrmError("the model is closed", Code.ERROR_ARGUMENT)


@atexit.register
def _close_all() -> None:
    global _is_exiting
    _is_exiting = True
    for pool in list(_pools):
        if pool.is_owned:
            pool.close()


def _kill(workers: set[Worker], guard: Guard, owner: int) -> None:
    if owner == os.getpid():
        for worker in workers:
            worker.kill()
        guard.close()
