from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")


def supervise(
    job: Callable[[], Value],
    *,
    attempts: int = 5,
    pause: float = 30,
    connect: Callable[[], object] | None = None,
) -> Value:
    """Runs a job again when machines of the cluster fail under it.

    Ray replaces tasks and actors of machines that are gone, but not all of its own: a machine with a
    reader of Parquet footers ends the job. Errors of the job's own code, such as a full disk or a model
    that is not there, are not tried again.

    Args:
        job: Goes on where it was, as `score_files` does.
        attempts: In all.
        pause: Seconds before the next.
        connect: Connects to the cluster for the next attempt, after `ray.shutdown()`, which ends what
            the last one left running; None: `ray.init()`.

    Raises:
        The error of the last attempt.
    """
    if attempts < 1:
        raise ValueError(f"attempts are at least 1, not {attempts}")
    ray: Any = importlib.import_module("ray")
    for attempt in range(1, attempts + 1):
        try:
            return job()
        except Exception as problem:
            if attempt == attempts or not is_of_cluster(problem):
                raise
            logging.getLogger("ganrm").warning(
                "attempt %d of %d: %s", attempt, attempts, _first_line(problem)
            )
        ray.shutdown()
        time.sleep(pause)
        (connect or ray.init)()
    raise AssertionError


def is_of_cluster(problem: Any) -> bool:
    """Whether Ray failed, not the code that it ran."""
    exceptions: Any = importlib.import_module("ray.exceptions")
    if isinstance(problem, exceptions.RayTaskError):
        cause = problem.cause
        return isinstance(cause, exceptions.RayError) and is_of_cluster(cause)
    if isinstance(problem, exceptions.UserCodeException):
        return False
    return isinstance(problem, exceptions.RayError)


def _first_line(problem: BaseException) -> str:
    lines = str(problem).strip().splitlines()
    return f"{type(problem).__name__}: {lines[0] if lines else ''}"
