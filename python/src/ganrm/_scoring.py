from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sized
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from ganrm._enums import Code
from ganrm._errors import GanrmError, MediaError
from ganrm._media import file_name, is_file
from ganrm._progress import Progress
from ganrm._result import Result
from ganrm._score import Score
from ganrm._threads import Threads


@dataclass(frozen=True)
class Job:
    """How many inputs are scored.

    Attributes:
        score: Scores one, in one of the threads.
        workers: Threads.
        in_flight: Inputs between the first that is not yielded and the last that was read.
        raises: Whether the error of an input ends the run.
        is_ordered: Whether results are in the order of the inputs.
        end: Ends what the threads wait for.
    """

    score: Callable[[Any], Score]
    workers: int
    in_flight: int
    raises: bool
    is_ordered: bool
    end: Callable[[], None]


def results(
    job: Job, media: Iterable[Any], ids: Iterable[Any] | None, progress: bool | None
) -> Generator[Result, None, None]:
    """Yields the results of inputs; inputs are read in the caller's thread, and only as needed."""
    total = len(media) if isinstance(media, Sized) else None
    pending: deque[tuple[Any, Future[Score]]] = deque()
    owner = os.getpid()
    threads = Threads(job.workers, job.score)
    inputs = _named(media, ids)
    try:
        with Progress(total, progress) as line:
            while True:
                while len(pending) < job.in_flight and (taken := next(inputs, None)):
                    name, medium = taken
                    pending.append((name, threads.submit(medium)))
                    del taken, medium
                if not pending:
                    threads.close(waits=os.getpid() == owner)
                    return
                if os.getpid() != owner:
                    raise GanrmError(f"these are results of process {owner}, whose threads score")
                name, future = _next(pending, job.is_ordered)
                result = _result(name, future, job.raises)
                del future
                line.count(failed=not result)
                yield result
    except (KeyboardInterrupt, SystemExit):
        # Nobody waits for what the workers are at.
        if pending:
            job.end()
        raise
    finally:
        for _, future in pending:
            future.cancel()
        threads.close()


def _named(media: Iterable[Any], ids: Iterable[Any] | None) -> Iterator[tuple[Any, Any]]:
    if ids is not None:
        yield from zip(ids, media, strict=True)
        return
    for index, medium in zip(itertools.count(), media):
        is_path = is_file(medium) and not isinstance(medium, bytes | bytearray | memoryview)
        yield (file_name(medium) if is_path else index), medium


def _next(pending: deque[tuple[Any, Future[Score]]], is_ordered: bool) -> tuple[Any, Future[Score]]:
    if is_ordered:
        return pending.popleft()
    done, _ = wait([future for _, future in pending], return_when=FIRST_COMPLETED)
    index = next(index for index, (_, future) in enumerate(pending) if future in done)
    found = pending[index]
    del pending[index]
    return found


def _result(name: Any, future: Future[Score], raises: bool) -> Result:
    try:
        return Result(name, future.result())
    except (MediaError, TypeError, ValueError) as problem:
        if raises:
            raise
        return Result(name, error=str(problem))
    except GanrmError as problem:
        # A model that cannot be opened fails for every input.
        if raises or problem.code != Code.ERROR_FAILED:
            raise
        return Result(name, error=str(problem))
