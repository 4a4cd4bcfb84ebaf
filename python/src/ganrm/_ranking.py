from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np

from ganrm._html import ranking_html
from ganrm._result import Result
from ganrm._score import Score
from ganrm._table import Table

MAX_UNFAMILIAR = 99.7
"""The percentile above which a candidate never wins, as `ganrm rank --max-unfamiliar` has it."""


@dataclass(frozen=True)
class Ranked:
    """A candidate of a group, as a row of `ganrm rank`.

    Attributes:
        group: The name of the group, such as the prompt.
        id: The path, or the position from 0 in the group.
        rank: From 1; None without a score.
        score: None if the candidate failed.
        margin: Logit minus that of the next candidate; σ(margin) is the probability that it is
            preferred. None for the last one, and for excluded and failed ones.
        excluded: Why it ranks behind all others whatever its score; None if it may win.
        error: Why it has no score; None if it has one.
        media: What was scored.
    """

    group: str
    id: Any
    rank: int | None
    score: Score | None
    margin: float | None = None
    excluded: str | None = None
    error: str | None = None
    media: Any = field(default=None, repr=False, compare=False)


class Ranking(Table, Sequence[Ranked]):
    """Candidates group by group, best first; excluded and then failed ones at the end of a group."""

    def __init__(self, ranked: Iterable[Ranked]) -> None:
        self._ranked = tuple(ranked)

    def __len__(self) -> int:
        return len(self._ranked)

    @overload
    def __getitem__(self, index: int) -> Ranked: ...
    @overload
    def __getitem__(self, index: slice) -> Ranking: ...
    def __getitem__(self, index: int | slice) -> Ranked | Ranking:
        return Ranking(self._ranked[index]) if isinstance(index, slice) else self._ranked[index]

    def __repr__(self) -> str:
        return f"Ranking({list(self._ranked)!r})"

    @property
    def best(self) -> dict[str, Ranked]:
        """The winner of each group that has one."""
        return {row.group: row for row in self._ranked if row.rank == 1 and row.excluded is None}

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "group": row.group,
                **Result(row.id, row.score, row.error).row(),
                "rank": row.rank,
                "margin": row.margin,
                "excluded": row.excluded,
            }
            for row in self._ranked
        ]

    def _repr_html_(self) -> str:
        return ranking_html(self._ranked)


def ranked(group: str, results: Sequence[Result], media: Sequence[Any]) -> list[Ranked]:
    """Ranks a group as `ganrm rank` does; ties are in the order of the candidates."""
    candidates = list(zip(results, media, strict=True))
    scored = [(result, result.value, medium) for result, medium in candidates if result.value]
    scored.sort(key=lambda candidate: -candidate[1].logit)
    eligible = [candidate for candidate in scored if _exclusion(candidate[1]) is None]
    excluded = [candidate for candidate in scored if _exclusion(candidate[1]) is not None]
    rows: list[Ranked] = []
    for index, (result, score, medium) in enumerate(eligible):
        margin = None
        if index + 1 < len(eligible):
            # Single precision, in the digits of a row.
            margin = float(str(np.float32(score.logit - eligible[index + 1][1].logit)))
        rows.append(Ranked(group, result.id, index + 1, score, margin, media=medium))
    for index, (result, score, medium) in enumerate(excluded, len(eligible) + 1):
        rows.append(
            Ranked(group, result.id, index, score, excluded=_exclusion(score), media=medium)
        )
    return rows + [
        Ranked(group, result.id, None, None, error=result.error, media=medium)
        for result, medium in candidates
        if not result
    ]


def _exclusion(score: Score) -> str | None:
    if score.degenerate is not None:
        return score.degenerate
    if score.unfamiliar is not None and score.unfamiliar > MAX_UNFAMILIAR:
        return f"unfamiliar: {score.unfamiliar:.2f} % of the samples of the training are more usual"
    return None
