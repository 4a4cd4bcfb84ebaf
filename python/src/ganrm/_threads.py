from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Threads(Generic[Value]):
    """Threads that call a function, in the order of the calls.

    Unlike those of `concurrent.futures`, the interpreter does not wait for them at its end: after
    Ctrl-C nobody waits for a long video.
    """

    def __init__(self, count: int, function: Callable[[Any], Value]) -> None:
        self._jobs: SimpleQueue[tuple[Future[Value], Any] | None] = SimpleQueue()
        self._count = count
        for _ in range(count):
            threading.Thread(
                target=_work, args=(self._jobs, function), name="ganrm", daemon=True
            ).start()

    def submit(self, argument: Any) -> Future[Value]:
        future: Future[Value] = Future()
        self._jobs.put((future, argument))
        return future

    def close(self) -> None:
        """Ends each thread after its call."""
        for _ in range(self._count):
            self._jobs.put(None)


def _work(
    jobs: SimpleQueue[tuple[Future[Value], Any] | None], function: Callable[[Any], Value]
) -> None:
    while (job := jobs.get()) is not None:
        future, argument = job
        del job
        if not future.set_running_or_notify_cancel():
            continue
        try:
            value = function(argument)
        except BaseException as problem:
            future.set_exception(problem)
        else:
            future.set_result(value)
        # Held no longer than needed: an argument may be a video.
        del future, argument
