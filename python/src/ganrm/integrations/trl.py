"""A reward function of TRL's trainers (GRPO, RLOO): `reward_funcs=[reward(render)]`.

Source: TRL, trl/trainer/grpo_trainer.py (_calculate_rewards).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ganrm._arrays import Rounding
from ganrm._model import Model, Path
from ganrm._shared_models import LoadOptions
from ganrm.integrations._completions import Render, media_of
from ganrm.integrations._reward import Reward, Value

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["reward"]


def reward(
    render: Render | None = None,
    *,
    column: str | None = None,
    errors: Literal["raise", "return"] = "raise",
    model: Model | Path | None = None,
    value: Value = "logit",
    fps: float | None = None,
    layout: str | None = None,
    rounding: Rounding = "round",
    **options: Unpack[LoadOptions],
) -> Callable[..., list[float | None]]:
    """A function that gives each completion the reward of its video or image.

    Args:
        render: Makes a medium, as `ganrm.Model.score` takes it, of a completion: calls a generator
            with the prompt that the completion is, or draws its code. None: the completion is a path
            or a medium; of a conversation, the content of its last message.
        column: The column of the data that has the media, instead of the completions.
        errors: "raise", or "return" None for what cannot be scored. TRL leaves out a completion all
            of whose rewards are None; older versions count it as 0.
        layout: Axes of arrays, as for `ganrm.Model.score`.
        model, value, fps, rounding, options: See `ganrm.integrations`.
    """
    if errors not in ("return", "raise"):
        raise ValueError(f"errors are 'return' or 'raise', not '{errors}'")
    scorer = Reward(model, value, fps, rounding, **options)

    def ganrm(*, completions: Sequence[Any], **columns: Any) -> list[float | None]:
        media = media_of(completions, columns, column, render)
        return [
            None if result.value is None else scorer.of(result.value)
            for result in scorer.score_many(media, layout, errors)
        ]

    return ganrm
