"""A stand-in for VideoAlign in DanceGRPO's trainings of video generators.

    from ganrm.integrations.dancegrpo import Inferencer

    inferencer = Inferencer()       # in train_grpo_hunyuan.py, train_grpo_skyreels_i2v.py

Source: DanceGRPO, fastvideo/models/videoalign/inference.py and fastvideo/train_grpo_hunyuan.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ganrm._errors import GanrmError
from ganrm._model import Model, Path
from ganrm._shared_models import LoadOptions
from ganrm.integrations._reward import Reward, Value

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Inferencer", "RewardFailure"]


class RewardFailure(BaseException):
    """A video has no reward.

    No `Exception`, since DanceGRPO makes a reward of −1 of every exception.
    """


class Inferencer:
    """Has `reward` of `VideoVLMRewardInference`.

    Args:
        model, value, options: See `ganrm.integrations`.
    """

    def __init__(
        self,
        model: Model | Path | None = None,
        *,
        value: Value = "logit",
        **options: Unpack[LoadOptions],
    ) -> None:
        self._reward = Reward(model, value, **options)

    def reward(
        self,
        video_paths: Sequence[Path],
        prompts: Sequence[str],
        fps: float | None = None,
        num_frames: int | None = None,
        max_pixels: int | None = None,
        use_norm: bool = True,
    ) -> list[dict[str, float]]:
        """The rewards of files: `VQ`, `MQ` and `Overall`, all three the same number.

        There is no `TA`, the alignment with the prompt, which is not judged.

        Args:
            video_paths: Files.
            prompts: Not read.
            fps, num_frames, max_pixels: None: the model has its own sampling.
            use_norm: Not read: DanceGRPO normalizes the rewards of a group.

        Raises:
            RewardFailure: A video cannot be scored.
        """
        if (fps, num_frames, max_pixels) != (None, None, None):
            raise RewardFailure("fps, num_frames and max_pixels are None: the model has its own")
        try:
            rewards = self._reward.many(video_paths)
        except (GanrmError, TypeError, ValueError) as problem:
            raise RewardFailure(str(problem)) from problem
        return [{"VQ": reward, "MQ": reward, "Overall": reward} for reward in rewards]
