from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, get_args

from ganrm._arrays import Rounding
from ganrm._model import Model, Path
from ganrm._results import Results
from ganrm._score import Score
from ganrm._shared_models import LoadOptions, shared_model

if TYPE_CHECKING:
    from typing_extensions import Unpack

Value = Literal["logit", "score"]


class Reward:
    """A model whose scores a trainer takes as rewards.

    Args:
        model: A model, or what `ganrm.load` takes together with `options`.
        value: Which number of a score is the reward.
        fps: Frames per second of videos in memory; None: unknown.
        rounding: How floats become 8 bits, as for `Model.score`.

    Raises:
        ValueError: There is no such value, or an option of `ganrm.load` is out of range.
    """

    def __init__(
        self,
        model: Model | Path | None,
        value: Value,
        fps: float | None = None,
        rounding: Rounding = "round",
        **options: Unpack[LoadOptions],
    ) -> None:
        if value not in get_args(Value):
            raise ValueError(f"value is 'logit' or 'score', not '{value}'")
        self.model = shared_model(model, options)
        self.fps = fps
        self._value = value
        self._rounding: Rounding = rounding
        _say_that_prompts_are_ignored()

    def of(self, score: Score) -> float:
        """The reward of what has this score."""
        return score.logit if self._value == "logit" else score.score

    def score(self, media: Any, layout: str, fps: float | None = None) -> Score:
        """The score of frames in memory; see `Model.score`."""
        return self.model.score(
            media,
            layout=layout,
            fps=self.fps if fps is None else fps,
            rounding=self._rounding,
        )

    def score_many(
        self,
        media: Iterable[Any],
        layout: str | None = None,
        errors: Literal["return", "raise"] = "raise",
    ) -> Results:
        """The results of files and of frames in memory; see `Model.score_many`."""
        return self.model.score_many(
            media,
            errors=errors,
            layout=layout,
            fps=self.fps,
            rounding=self._rounding,
            progress=False,
        )

    def many(self, media: Iterable[Any], layout: str | None = None) -> list[float]:
        """A reward for each input; the first that fails raises."""
        return [self.of(result.value) for result in self.score_many(media, layout) if result.value]


_has_said = False


def _say_that_prompts_are_ignored() -> None:
    global _has_said
    if not _has_said:
        _has_said = True
        logging.getLogger("ganrm").warning(
            "the reward of ganrm is of what is seen; prompts are not judged"
        )
