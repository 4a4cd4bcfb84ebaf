from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ganrm._score import Score


@dataclass(frozen=True)
class Result:
    """What became of one input of `Model.score_many`: a score, or the reason why there is none.

    It is false if the input failed, so that `[result for result in results if result]` are scores.

    Attributes:
        id: That of `ids`, else the path, or the position from 0 of what is in memory.
        value: The score; None if the input failed.
        error: Why it failed, in one sentence; None if it did not.
    """

    id: Any
    value: Score | None = None
    error: str | None = None

    def __bool__(self) -> bool:
        return self.value is not None

    @property
    def score(self) -> float:
        """σ(logit), 0 to 1; NaN if the input failed, so that it cannot pass for a low score."""
        return math.nan if self.value is None else self.value.score

    @property
    def logit(self) -> float:
        """NaN if the input failed."""
        return math.nan if self.value is None else self.value.logit

    def row(self) -> dict[str, Any]:
        """The values of a table's row; None where there is none."""
        columns: dict[str, Any] = {"id": self.id}
        for name in _COLUMNS:
            columns[name] = None if self.value is None else getattr(self.value, name)
        parts = None if self.value is None else self.value.parts
        columns["realism"] = None if parts is None else parts.realism
        columns["damage"] = None if parts is None else parts.damage
        columns["error"] = self.error
        return columns


_COLUMNS = (
    "score",
    "logit",
    "logit_spread",
    "probability",
    "percentile_generated",
    "percentile_proxy",
    "unfamiliar",
    "degenerate",
    "frames",
    "precision",
    "fingerprint",
)
