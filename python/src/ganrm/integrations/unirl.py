"""A reward backend of UniRL that scores in its process, without the losses of its mp4 over HTTP.

    reward:
      _target_: unirl.reward.service.RewardService
      backend:
        _target_: ganrm.integrations.unirl.GanrmBackend
        fps: 16

Source: UniRL, unirl/reward/base.py (RewardBackend) and unirl/types/reward.py.
"""

from __future__ import annotations

import importlib
import math
import time
from typing import TYPE_CHECKING, Any, Literal

from ganrm._arrays import Rounding
from ganrm._model import Model, Path
from ganrm._shared_models import LoadOptions
from ganrm.integrations._reward import Reward, Value

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["GanrmBackend"]


class GanrmBackend:
    """Has the methods of `RewardBackend`; UniRL does not ask for its class.

    Args:
        model: See `ganrm.integrations`, as for `value`, `fps` and `options`.
        input_kind: Which of the decoded media are scored.
        rounding: How floats become 8 bits; "truncate" as in UniRL's own scorers.
        base_device: Not read: scoring is on the processor.
    """

    def __init__(
        self,
        model: Model | Path | None = None,
        *,
        input_kind: Literal["video", "image"] = "video",
        value: Value = "logit",
        fps: float | None = None,
        rounding: Rounding = "round",
        base_device: Any = None,
        **options: Unpack[LoadOptions],
    ) -> None:
        if input_kind not in ("video", "image"):
            raise ValueError(f"input_kind is 'video' or 'image', not '{input_kind}'")
        self.model_name = "ganrm"
        self.input_kind = input_kind
        self._reward = Reward(model, value, fps, rounding, **options)

    @property
    def preferred_input_kind(self) -> str:
        return self.input_kind

    def get_model_name(self) -> str:
        return self.model_name

    def compute_rewards(self, request: Any) -> Any:
        """A `RewardResponse`; UniRL stops at a sample that is no success, whose reward is NaN.

        Args:
            request: A `RewardRequest`, of whose videos `[channels, time, height, width]` or images
                `[batch, channels, height, width]`, from 0 to 1, each gets a reward.
        """
        start = time.monotonic()
        results = list(self._reward.score_many(*self._media(request), errors="return"))
        components: dict[str, list[float]] = {
            "logit": [result.logit for result in results],
            "score": [result.score for result in results],
            "degenerate": [
                math.nan if result.value is None else float(result.value.degenerate is not None)
                for result in results
            ],
        }
        response: Any = importlib.import_module("unirl.types.reward").RewardResponse
        return response(
            rewards=[
                math.nan if result.value is None else self._reward.of(result.value)
                for result in results
            ],
            component_rewards=components,
            successes=[bool(result) for result in results],
            errors=[result.error for result in results],
            compute_time=time.monotonic() - start,
        )

    def _media(self, request: Any) -> tuple[Any, str]:
        if self.input_kind == "video":
            media, layout = request.videos, "CTHW"
        else:
            # Not `request.images`, which UniRL has already made 8 bits.
            images = request.generated.get("image")
            media, layout = None if images is None else images.pixels, "CHW"
        if media is None:
            raise ValueError(f"the request has no {self.input_kind}")
        return media, layout

    def is_available(self) -> bool:
        return True

    def offload(self) -> None:
        """Does nothing: no memory of a GPU is used."""

    def onload(self) -> None:
        """Does nothing, as `offload`."""

    def dispose(self) -> None:
        """Does nothing: the model may be in use by others."""
