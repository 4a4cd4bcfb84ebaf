from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ganrm._command import options, run

if TYPE_CHECKING:
    from ganrm._model import Model

Path = str | os.PathLike[str]
Paths = Path | Sequence[Path]


@dataclass(frozen=True)
class Head:
    """A trained reward model in a file."""

    path: str

    @property
    def info(self) -> dict[str, Any]:
        """What `ganrm head info --format json` prints: settings, metrics and statistics."""
        return model_info(self.path)

    def load(self, **arguments: Any) -> Model:
        """The model of the file; see `ganrm.load`."""
        from ganrm._model import load

        return load(self.path, **arguments)


def train(
    *, proxy: Paths, generated: Paths, output: Path, progress: bool | None = None, **settings: Any
) -> Head:
    """Trains a head as `ganrm train` does: proxy data against raw generator outputs.

    Args:
        proxy: Samples that people like: folders, files or a list.
        generated: Raw outputs of the generator.
        output: The file to write; one that is there is replaced, an interrupted training resumed.
        progress: Whether progress is shown on standard error; None: if that is a terminal.
        settings: Options of the command with underscores: `steps=400`, `taps=[6, 8, 11]`,
            `parts=True`, `sanity=False`.

    Raises:
        GanrmError: The training failed.
    """
    sides = {"proxy": _list(proxy), "generated": _list(generated), "output": output}
    run(["train", *options({**sides, **settings})], progress)
    return Head(os.fsdecode(output))


def evaluate(
    *,
    model: Path | None = None,
    proxy: Paths = (),
    generated: Paths = (),
    folder: Path | None = None,
    progress: bool | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Evaluates a reward model against labels, preferences or ratings: `ganrm eval --format json`.

    Args:
        model: None: the default model.
        proxy: Samples of the label 1.
        generated: Samples of the label 0.
        folder: Files of a `benchmark`.
        progress: Whether progress is shown on standard error; None: if that is a terminal.
        settings: Options of the command with underscores: `pairs="pairs.jsonl"`, `resamples=100`.

    Raises:
        GanrmError: The evaluation failed.
    """
    sides = {"model": model, "proxy": _list(proxy), "generated": _list(generated)}
    words = ["eval", "--format=json", *options({**sides, **settings})]
    if folder is not None:
        words.append(os.fsdecode(folder))
    report: dict[str, Any] = json.loads(run(words, progress))
    return report


def model_info(model: Path | None) -> dict[str, Any]:
    """The JSON of `ganrm head info`."""
    name = "default" if model is None else os.fsdecode(model)
    info: dict[str, Any] = json.loads(run(["head", "info", "--format=json", name], False))
    return info


def pull_encoders(model: Path | None, encoder: Path | None) -> None:
    """Fetches the weights that a model needs, unless they are in the cache."""
    if encoder is not None:
        names = [] if os.path.exists(encoder) else [os.fsdecode(encoder)]
    else:
        names = sorted({kind["name"] for kind in model_info(model)["encoders"].values()})
    for name in names:
        run(["models", "pull", name])


def _list(paths: Paths) -> list[str]:
    if isinstance(paths, str | os.PathLike):
        return [os.fsdecode(paths)]
    return [os.fsdecode(path) for path in paths]
