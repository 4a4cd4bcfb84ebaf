"""Scores of a column of media, for engines that call a function with batches of rows."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ganrm._arrays import Rounding
from ganrm._model import KindName, Model, Path
from ganrm._result import Result
from ganrm._shared_models import LoadOptions, shared_model

if TYPE_CHECKING:
    from typing_extensions import Unpack

_NUMBERS = ("score", "logit", "unfamiliar")
_TEXTS = ("degenerate", "precision", "fingerprint")


def score_column(
    batch: Any,
    column: str = "video",
    *,
    prefix: str = "",
    model: Model | Path | None = None,
    layout: str | None = None,
    fps: float | None = None,
    kind: KindName | None = None,
    rounding: Rounding = "round",
    timeout: float | None = None,
    **options: Unpack[LoadOptions],
) -> Any:
    """A batch with the scores of one of its columns.

        dataset.map(ganrm.score_column, batched=True)             # Hugging Face datasets
        dataset.map_batches(ganrm.score_column)                   # Ray
        frame.mapInPandas(lambda frames: map(ganrm.score_column, frames), schema)  # Spark

    The new columns are `score`, `logit` and `unfamiliar`, double precision, NaN where there is none, and
    `degenerate`, `precision`, `fingerprint` and `error`, texts, empty where there is none. None of them
    is null: a column that is null in one batch would have another type there than in the next.

    Args:
        batch: Columns by name, lists or arrays, or a table of pandas, pyarrow or polars.
        column: That of the media: paths, URLs, bytes, frames as `Model.score` takes them, or
            `{"bytes": …, "path": …}`, as columns of datasets that are not decoded have them.
        prefix: Of the names of the new columns.
        model: A model, or what `ganrm.load` takes together with `options`; the same arguments give the
            same model in a process.
        layout, fps, kind, rounding, timeout: As for `Model.score_many`.

    Returns:
        What was given, with columns more. Of a mapping that is no `dict`, as datasets' `map` passes one,
        only the new columns, to which `map` adds the others without encoding them anew.

    Raises:
        KeyError: There is no such column.
        TypeError: The batch is neither a mapping nor a table.
        ValueError: A new column is there already.
        GanrmError: The model cannot be opened. A medium that cannot be scored has an `error`.
    """
    names = _column_names(batch)
    if column not in names:
        raise KeyError(f"there is no column '{column}'; there are {', '.join(map(str, names))}")
    added = [prefix + name for name in (*_NUMBERS, *_TEXTS, "error")]
    if known := [name for name in added if name in names]:
        raise ValueError(
            f"there is a column '{known[0]}' already; name the new ones by prefix=, as 'ganrm_'"
        )
    results = shared_model(model, options).score_many(
        map(_medium, _values(batch, column)),
        layout=layout,
        fps=fps,
        kind=kind,
        rounding=rounding,
        timeout=timeout,
        progress=False,
    )
    return _with_columns(batch, dict(zip(added, _columns(list(results)), strict=True)))


def _column_names(batch: Any) -> list[Any]:
    if isinstance(batch, Mapping):
        return list(cast(Mapping[str, Any], batch))
    for attribute in ("column_names", "columns"):  # pyarrow; pandas, polars
        if hasattr(batch, attribute):
            return list(getattr(batch, attribute))
    schema = getattr(batch, "schema", None)  # A RecordBatch of older versions of pyarrow.
    if schema is None:
        raise TypeError(
            "a batch is a mapping of columns, or a table of pandas, pyarrow or polars, not "
            f"{type(batch).__name__}"
        )
    return list(schema.names)


def _values(batch: Any, column: str) -> Iterable[Any]:
    values = batch[column]
    return cast(Iterable[Any], values.to_pylist() if hasattr(values, "to_pylist") else values)


def _medium(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    encoded = cast(Mapping[str, Any], value)
    content = encoded.get("bytes")
    return encoded.get("path") if content is None else content


def _columns(results: list[Result]) -> list[Any]:
    """Those of `_NUMBERS`, of `_TEXTS`, and the errors."""
    columns: list[Any] = []
    for name in _NUMBERS:
        values = [getattr(result.value, name, None) for result in results]
        columns.append(np.array([np.nan if value is None else value for value in values], float))
    for name in _TEXTS:
        columns.append([getattr(result.value, name, None) or "" for result in results])
    return [*columns, [result.error or "" for result in results]]


def _with_columns(batch: Any, columns: dict[str, Any]) -> Any:
    if isinstance(batch, dict):
        return {**cast(dict[str, Any], batch), **columns}
    if isinstance(batch, Mapping):
        return columns
    if hasattr(batch, "assign"):  # pandas
        return batch.assign(**columns)
    if hasattr(batch, "with_columns"):  # polars
        polars: Any = importlib.import_module("polars")
        return batch.with_columns(
            polars.Series(name, values, polars.Float64 if _are_numbers(values) else polars.String)
            for name, values in columns.items()
        )
    arrow: Any = importlib.import_module("pyarrow")
    for name, values in columns.items():
        kind = arrow.float64() if _are_numbers(values) else arrow.string()
        batch = batch.append_column(name, arrow.array(values, kind))
    return batch


def _are_numbers(values: Any) -> bool:
    """For the type of an empty column."""
    return isinstance(values, np.ndarray)
