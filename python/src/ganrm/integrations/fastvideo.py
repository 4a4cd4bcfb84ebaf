"""FastVideo: a metric of its evaluation, and a scorer of its reinforcement learning.

    from ganrm.integrations import fastvideo

    fastvideo.register()
    evaluator = create_evaluator(["ganrm"])

    build_multi_reward_scorer({"ganrm": 1.0}, scorers={"ganrm": fastvideo.Scorer(fps=16)})

Source: FastVideo, fastvideo/eval/metrics/base.py and registry.py, which finds only metrics of its own
package by itself, and fastvideo/train/methods/rl/rewards/media.py, which has no registry.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ganrm._arrays import Rounding
from ganrm._enums import Code
from ganrm._errors import GanrmError
from ganrm._model import Model, Path
from ganrm._shared_models import LoadOptions
from ganrm.integrations._reward import Reward, Value

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Scorer", "register"]


def register(
    name: str = "ganrm",
    *,
    model: Model | Path | None = None,
    value: Value = "logit",
    fps: float | None = None,
    rounding: Rounding = "round",
    **options: Unpack[LoadOptions],
) -> None:
    """Registers the metric; call it before `create_evaluator`.

    A video that cannot be scored, or is missing, has no score, and `details["skipped"]` says why.

    Args:
        name: That of the metric.
        fps: Of samples that do not say their own.
        model, value, rounding, options: See `ganrm.integrations`.
    """
    base: Any = importlib.import_module("fastvideo.eval.metrics.base").BaseMetric
    result: Any = importlib.import_module("fastvideo.eval.types").MetricResult
    registry: Any = importlib.import_module("fastvideo.eval.registry")
    reward = Reward(model, value, fps, rounding, **options)

    def compute(self: Any, sample: dict[str, Any]) -> Any:
        video = sample.get("video")
        if video is None:
            return self._skip(sample, "there is no video")
        try:
            score = reward.score(video, "TCHW", sample.get("fps"))
        except (GanrmError, TypeError, ValueError) as problem:
            # A model that cannot be opened fails for every sample.
            if isinstance(problem, GanrmError) and problem.code != Code.ERROR_FAILED:
                raise
            return self._skip(sample, str(problem))
        details = {
            "logit": score.logit,
            "score": score.score,
            "degenerate": score.degenerate,
            "fingerprint": score.fingerprint,
        }
        return result(name=name, score=reward.of(score), details=details)

    attributes: dict[str, Any] = {
        "name": name,
        "requires_reference": False,
        "higher_is_better": True,
        "dependencies": [],
        "needs_gpu": False,
        "compute": compute,
    }
    registry.register(name)(type("GanrmMetric", (base,), attributes))


class Scorer:
    """A `RewardScorer`: rewards of whole videos, float32 `[batch]` on the device of the media.

    Args:
        model, value, fps, rounding, options: See `ganrm.integrations`.
    """

    def __init__(
        self,
        model: Model | Path | None = None,
        *,
        value: Value = "logit",
        fps: float | None = None,
        rounding: Rounding = "round",
        **options: Unpack[LoadOptions],
    ) -> None:
        self._reward = Reward(model, value, fps, rounding, **options)

    def __call__(self, media: Any, prompts: Sequence[str]) -> Any:
        """The rewards.

        Args:
            media: Tensor of PyTorch `[batch, channels, time, height, width]`, or without time images,
                from 0 to 1.
            prompts: Not read.

        Raises:
            GanrmError, TypeError, ValueError: As `ganrm.Model.score`.
        """
        axes = len(media.shape)
        if axes not in (4, 5):
            raise ValueError(f"media have the axes BCHW or BCTHW, not {list(media.shape)}")
        rewards = self._reward.many(media, "CTHW" if axes == 5 else "CHW")
        torch: Any = importlib.import_module("torch")
        return torch.tensor(rewards, dtype=torch.float32, device=media.device)
