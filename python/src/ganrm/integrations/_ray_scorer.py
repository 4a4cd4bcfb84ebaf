from __future__ import annotations

import hashlib
import importlib
import os
from typing import TYPE_CHECKING, Any

from ganrm._enums import Code
from ganrm._errors import GanrmError
from ganrm._model import load
from ganrm._opening import Path
from ganrm._result import Result

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ganrm._shared_models import LoadOptions

NUMBERS = ("score", "logit", "unfamiliar")
COLUMNS = (*NUMBERS, "degenerate", "error", "fingerprint", "precision")


class Scorer:
    """A callable class for `Dataset.map_batches` with `batch_format="pyarrow"`.

    Each actor has one worker process, which ends with it. Rows keep their columns and get `score`,
    `logit` and `unfamiliar` (float64), `degenerate`, `error`, `fingerprint` and `precision` (strings),
    as `Score` has them. Where there is an error, the others are null, and where there is none, it is.

    Args:
        column: Has the files: paths, URLs, or the bytes of files.
        id_column: Gets the SHA-256 of the path, or of the bytes, unless the batch has it.
        timeout: Seconds that a file may take, the start of its worker included; None: no limit.
        retries: How often a file that ended its worker, or took too long, is tried again.
        fingerprint: That of the reward model, as rows have it, which all actors must have; None: any.
        model, options: As for `ganrm.load`. `threads` are what Ray has as `num_cpus`.
    """

    def __init__(
        self,
        column: str = "path",
        *,
        id_column: str = "id",
        timeout: float | None = 600,
        retries: int = 1,
        fingerprint: str | None = None,
        model: Path | None = None,
        **options: Unpack[LoadOptions],
    ) -> None:
        self._column = column
        self._id_column = id_column
        self._timeout = timeout
        self._retries = retries
        self._fingerprint = fingerprint
        self._model = load(model, **options)

    def __call__(self, batch: Any) -> Any:
        """The batch, a `pyarrow.Table`, with more columns.

        Raises:
            GanrmError: The model cannot be opened, or is another one than `fingerprint` says.
            ValueError: The batch lacks the column of files, or has one that a score would have.
        """
        arrow: Any = importlib.import_module("pyarrow")
        names = batch.column_names
        if self._column not in names:
            raise ValueError(f"there is no column '{self._column}', but: {', '.join(names)}")
        if taken := [name for name in COLUMNS if name in names]:
            raise ValueError(f"the rows already have {', '.join(taken)}; rename or drop them")
        media = batch[self._column].to_pylist()
        if self._id_column not in names:
            ids = arrow.array([content_id(medium) for medium in media], arrow.string())
            batch = batch.append_column(self._id_column, ids)
        rows = [self._row(result) for result in self._results(media)]
        for name in COLUMNS:
            kind = arrow.float64() if name in NUMBERS else arrow.string()
            batch = batch.append_column(name, arrow.array([row[name] for row in rows], kind))
        return batch

    def _results(self, media: list[Any]) -> list[Result]:
        return list(
            self._model.score_many(
                media, timeout=self._timeout, retries=self._retries, progress=False
            )
        )

    def _row(self, result: Result) -> dict[str, Any]:
        row = result.row()
        found = row["fingerprint"]
        if self._fingerprint is not None and found not in (None, self._fingerprint):
            raise GanrmError(
                f"the reward model here is {found}, that of the job {self._fingerprint}; "
                "give all machines the same file",
                Code.ERROR_MODEL,
            )
        return row


def content_id(medium: Any) -> str | None:
    """The SHA-256 of a path or of the bytes of a file, in hexadecimal; None for None."""
    if medium is None:
        return None
    return hashlib.sha256(os.fsencode(medium) if isinstance(medium, str) else medium).hexdigest()
