"""Models of a process by their arguments, for callers that keep none: rewards of trainers, columns."""

from __future__ import annotations

import os
import threading
from typing import TypedDict

from ganrm._model import Model, Path, PrecisionName, load


class LoadOptions(TypedDict, total=False):
    """The keywords of `ganrm.load`."""

    encoder: Path | None
    weights: Path | None
    precision: PrecisionName
    threads: int | None
    workers: int
    download: bool


_lock = threading.Lock()
models: dict[tuple[object, ...], Model] = {}


def shared_model(model: Model | Path | None, options: LoadOptions) -> Model:
    """The model of these arguments, the same for all callers: a trainer's threads call at once.

    Args:
        model: A model, which is returned, or what `ganrm.load` takes together with `options`.

    Raises:
        ValueError: A model was given options, or one of `ganrm.load` is out of range.
    """
    if isinstance(model, Model):
        if options:
            raise ValueError(f"{', '.join(options)}: a model that is open has its own")
        return model
    key = (model, *sorted(options.items()))
    with _lock:
        if key not in models:
            models[key] = load(model, **options)
        return models[key]


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
