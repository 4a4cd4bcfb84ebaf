"""The reward of verl-omni, `reward.custom_reward_function` or one of `reward.reward_functions`.

    reward:
      custom_reward_function:
        path: pkg://ganrm.integrations.verl_omni
        name: compute_score
        reward_kwargs: {fps: 16}

Source: verl-omni, verl_omni/reward_loop/reward_manager/visual.py and multi.py. Of
`reward.reward_functions`, one that raises counts as 0 unless it has `required: true`: set that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ganrm._arrays import Rounding
from ganrm._model import Model, Path
from ganrm._shared_models import LoadOptions
from ganrm.integrations._reward import Reward, Value

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["compute_score"]


def compute_score(
    data_source: str | None = None,
    solution_image: Any = None,
    ground_truth: Any = None,
    extra_info: Any = None,
    *,
    model: Model | Path | None = None,
    value: Value = "logit",
    fps: float | None = None,
    rounding: Rounding = "round",
    reward_router_address: Any = None,
    reward_model_tokenizer: Any = None,
    model_name: Any = None,
    **options: Unpack[LoadOptions],
) -> dict[str, float]:
    """The reward of a response.

    Args:
        data_source, ground_truth, extra_info: Not read, nor what belongs to verl's own reward models.
        solution_image: An image `[channels, height, width]`, or a whole video
            `[time, channels, height, width]`, uint8. As in verl-omni's `video_tensor_to_pil_frames`,
            `[3, time, height, width]` is taken as channels first if the second axis is not 3 as well.
        model, value, fps, rounding, options: See `ganrm.integrations`.

    Returns:
        `score`, the reward; `ganrm_logit`, `ganrm_score`, and `ganrm_degenerate`, 1 for media that
        show nothing, such as black frames, else 0.

    Raises:
        GanrmError, TypeError, ValueError: As `ganrm.Model.score`.
    """
    reward = Reward(model, value, fps, rounding, **options)
    score = reward.score(solution_image, _layout(solution_image))
    return {
        "score": reward.of(score),
        "ganrm_logit": score.logit,
        "ganrm_score": score.score,
        "ganrm_degenerate": 0.0 if score.degenerate is None else 1.0,
    }


def _layout(response: Any) -> str:
    shape = tuple(getattr(response, "shape", ()))
    if len(shape) == 3:
        return "CHW"
    if len(shape) != 4:
        raise TypeError(
            f"a response has the axes CHW or TCHW, not {list(shape)} of {type(response).__name__}"
        )
    return "CTHW" if shape[0] == 3 and shape[1] != 3 else "TCHW"
