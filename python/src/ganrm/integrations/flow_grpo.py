"""A reward function of flow_grpo and its descendants, also those of DDPO's form.

    from ganrm.integrations.flow_grpo import ganrm_score    # in flow_grpo/rewards.py

    score_functions = {"ganrm": ganrm_score, …}             # in multi_score

Source: flow_grpo, flow_grpo/rewards.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ganrm._arrays import Rounding
from ganrm._model import Model, Path
from ganrm._shared_models import LoadOptions
from ganrm.integrations._reward import Reward, Value

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["ganrm_score"]

RewardFunction = Callable[[Any, Any, Any], tuple[list[float], dict[str, Any]]]


def ganrm_score(
    model: Model | Path | None = None,
    *,
    value: Value = "logit",
    fps: float | None = None,
    rounding: Rounding = "round",
    **options: Unpack[LoadOptions],
) -> RewardFunction:
    """A function `(images, prompts, metadata)` that returns rewards and an empty dictionary.

    Its images are tensors `[batch, channels, height, width]` or videos
    `[batch, time, channels, height, width]` from 0 to 1; arrays of NumPy with channels last, uint8;
    or a sequence of images of Pillow, or of videos, each a sequence of them. The first that fails
    raises.

    Args:
        model, value, fps, rounding, options: See `ganrm.integrations`.
    """
    reward = Reward(model, value, fps, rounding, **options)

    def score(
        images: Any, prompts: Any = None, metadata: Any = None
    ) -> tuple[list[float], dict[str, Any]]:
        return reward.many(images, _layout(images)), {}

    return score


def _layout(images: Any) -> str | None:
    """The axes of one of a batch; None: it is a sequence."""
    if not hasattr(images, "shape"):
        return None
    axes = len(images.shape)
    if axes not in (4, 5):
        raise ValueError(f"a batch has 4 axes, or of videos 5, not {list(images.shape)}")
    layout = "HWC" if isinstance(images, np.ndarray) else "CHW"
    return layout if axes == 4 else "T" + layout
