from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Parts:
    """The terms of the logit of a model with a damage part: `realism` − `damage`.

    Attributes:
        realism: The logit of the head, which is trained without damaged samples.
        damage: How damaged the clip looks; about 0 for undamaged clips, slightly negative for the
            cleanest.
    """

    realism: float
    damage: float


def parts_of_row(row: Mapping[str, Any]) -> Parts | None:
    """The parts of a row of `ganrm score`, or of one of its clips; None if its model has none."""
    parts: Mapping[str, float] | None = row.get("parts")
    return None if parts is None else Parts(parts["realism"], parts["damage"])
