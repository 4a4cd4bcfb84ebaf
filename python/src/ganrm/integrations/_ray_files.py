from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ganrm._enums import Code
from ganrm._errors import GanrmError
from ganrm._opening import Path
from ganrm.integrations._ray_score import absolute, model_fingerprint, score
from ganrm.integrations._ray_scorer import content_id

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ganrm._shared_models import LoadOptions


def score_files(
    inputs: Iterable[Path] | Mapping[str, Path],
    output: Path,
    *,
    cpus: int = 1,
    actors: int | None = None,
    rows_per_block: int = 256,
    timeout: float | None = 600,
    retries: int = 1,
    fingerprint: str | None = None,
    model: Path | None = None,
    **options: Unpack[LoadOptions],
) -> None:
    """Scores files into a folder; called again, it goes on where it was.

    The folder has `inputs.parquet`, `rows/` with a Parquet file for each block, and `checkpoint/`, where
    Ray keeps the ids of the rows that are written.

    Args:
        inputs: Paths or URLs, whose ids are their SHA-256; or a mapping from ids to them. Paths of files
            that are here are made absolute.
        output: A folder that all machines have, or a URL of a file system of pyarrow's, as `s3://bucket/scores`.
        cpus, actors, rows_per_block, timeout, retries, fingerprint, model, options: See `score`.

    Raises:
        GanrmError: The folder has other inputs, or scores of another model.
        ValueError: An input is there twice, an argument is out of range, or the URL is of another file system.
    """
    data: Any = importlib.import_module("ray.data")
    checkpoints: Any = importlib.import_module("ray.data.checkpoint")
    if fingerprint is None:
        fingerprint = model_fingerprint(model)
    folder = _Folder(output)
    folder.begin(_table(inputs), fingerprint, options.get("precision", "auto"))
    # Without CPUs: those that are left after a machine is gone may all be taken by actors.
    ds = data.read_parquet(folder.url("inputs.parquet"), num_cpus=0)
    ds.context.checkpoint_config = checkpoints.CheckpointConfig(
        "id", folder.url("checkpoint"), delete_checkpoint_on_success=False
    )
    scored = score(
        ds,
        cpus=cpus,
        actors=actors,
        rows_per_block=rows_per_block,
        timeout=timeout,
        retries=retries,
        fingerprint=fingerprint,
        model=model,
        **options,
    )
    scored.write_parquet(folder.url("rows"), ray_remote_args={"num_cpus": 0})


def results(output: Path) -> Any:
    """The rows of `score_files` in the order of its inputs, as a `pyarrow.Table`.

    A machine that was lost and is back may have written rows that another has written since. Of such
    rows one is taken, and rather one without an error.

    Raises:
        GanrmError: Inputs have no row yet, rows of one input differ, or they are of several models or
            precisions.
    """
    return _Folder(output).rows()


def write_rows(output: Path, path: Path) -> None:
    """Writes the rows of `score_files` as JSON lines, for `ganrm rank`, `select` and `pairs` with `--scores`.

    They have the keys of `ganrm score` that these commands read, and an `id` if the inputs were given ids.

    Args:
        output: The folder of `score_files`.
        path: The file to write.

    Raises:
        GanrmError: As `results`.
    """
    table = results(output)
    with open(path, "w", encoding="utf-8") as file:
        for batch in table.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                file.write(json.dumps(_row(row), ensure_ascii=False) + "\n")


class _Folder:
    """The files of a job."""

    def __init__(self, output: Path) -> None:
        arrow_files: Any = importlib.import_module("pyarrow.fs")
        name = os.fsdecode(output)
        self._name = name
        self._root = name if "://" in name else os.path.abspath(name)
        try:
            self._system, self._path = arrow_files.FileSystem.from_uri(self._root)
        except ValueError as problem:  # Of pyarrow's kinds, too.
            raise ValueError(
                f"'{name}' is no folder and no URL that pyarrow writes to, as s3:// and gs://: {problem}"
            ) from None

    def url(self, name: str) -> str:
        return f"{self._root}/{name}"

    def begin(self, table: Any, fingerprint: str, precision: str) -> None:
        """Writes the inputs, or compares them with those of an earlier run."""
        parquet: Any = importlib.import_module("pyarrow.parquet")
        table = table.replace_schema_metadata({"fingerprint": fingerprint, "precision": precision})
        path = f"{self._path}/inputs.parquet"
        if self._exists(path):
            self._compare(parquet.read_table(path, filesystem=self._system), table)
            return
        self._system.create_dir(f"{self._path}/rows", recursive=True)
        # At another name first: a file of which a half is there would be taken for all inputs.
        parquet.write_table(table, path + ".part", filesystem=self._system)
        self._system.move(path + ".part", path)

    def rows(self) -> Any:
        arrow: Any = importlib.import_module("pyarrow")
        dataset: Any = importlib.import_module("pyarrow.dataset")
        compute: Any = importlib.import_module("pyarrow.compute")
        parquet: Any = importlib.import_module("pyarrow.parquet")
        inputs = parquet.read_table(f"{self._path}/inputs.parquet", filesystem=self._system)
        files = dataset.dataset(f"{self._path}/rows", filesystem=self._system, format="parquet")
        if not files.files:
            raise self._error(f"has no rows yet for {len(inputs)} of {len(inputs)} inputs")
        found = files.to_table()
        has_score = compute.is_null(found["error"])
        # By every column: rows that differ remain, and are an id that is there twice.
        scored = found.filter(has_score)
        scored = scored.group_by(scored.column_names, use_threads=False).aggregate([])
        positions = {name: position for position, name in enumerate(scored["id"].to_pylist())}
        if len(positions) < len(scored):
            raise self._error("has several rows for an input, with different scores")
        found = arrow.concat_tables([scored, found.filter(compute.invert(has_score))])
        for position, name in enumerate(found["id"].to_pylist()):
            positions.setdefault(name, position)
        wanted = inputs["id"].to_pylist()
        if missing := sum(name not in positions for name in wanted):
            raise self._error(f"has no rows yet for {missing} of {len(wanted)} inputs")
        for name in ("fingerprint", "precision"):
            kinds = sorted(value for value in set(found[name].to_pylist()) if value is not None)
            if len(kinds) > 1:
                raise self._error(f"has rows of different {name}s: {', '.join(kinds)}")
        return found.take(arrow.array([positions[name] for name in wanted], arrow.int64()))

    def _compare(self, earlier: Any, table: Any) -> None:
        if not earlier.equals(table):
            raise self._error("has scores of other inputs; give these another folder")
        for name, words in [(b"fingerprint", "of the model"), (b"precision", "in precision")]:
            before, now = (x.schema.metadata.get(name, b"").decode() for x in (earlier, table))
            if before != now:
                raise self._error(f"has scores {words} {before}, not {now}; use another folder")

    def _exists(self, path: str) -> bool:
        return bool(self._system.get_file_info(path).is_file)

    def _error(self, words: str) -> GanrmError:
        return GanrmError(f"'{self._name}' {words}", Code.ERROR_ARGUMENT)


def _row(columns: dict[str, Any]) -> dict[str, Any]:
    row = {"input": columns["path"]}
    if columns["id"] != content_id(columns["path"]):
        row["id"] = columns["id"]
    for name in ("score", "logit", "unfamiliar", "degenerate", "error", "precision"):
        if columns[name] is not None:
            row[name] = columns[name]
    if columns["fingerprint"] is not None:
        row["model"] = {"fingerprint": columns["fingerprint"]}
    return row


def _table(inputs: Iterable[Path] | Mapping[str, Path]) -> Any:
    arrow: Any = importlib.import_module("pyarrow")
    if isinstance(inputs, Mapping):
        given = cast(Mapping[str, Path], inputs)
        ids: list[str | None] = [str(name) for name in given]
        paths = [absolute(path) for path in given.values()]
    else:
        paths = [absolute(path) for path in inputs]
        ids = [content_id(path) for path in paths]
    if len(set(ids)) < len(ids):
        raise ValueError("an input is there twice")
    return arrow.table(
        {"id": ids, "path": paths}, arrow.schema([("id", "string"), ("path", "string")])
    )
