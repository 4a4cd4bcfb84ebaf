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
        self._threads = [
            threading.Thread(target=_work, args=(self._jobs, function), name="ganrm", daemon=True)
            for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, argument: Any) -> Future[Value]:
        future: Future[Value] = Future()
        self._jobs.put((future, argument))
        return future

    def close(self, waits: bool = False) -> None:
        """Ends each thread after its call.

        Args:
            waits: For the threads, which have no call left. One that frees a tensor of PyTorch while
                the interpreter ends would end the process by `std::terminate`.
        """
        for _ in self._threads:
            self._jobs.put(None)
        if waits:
            for thread in self._threads:
                thread.join()


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
