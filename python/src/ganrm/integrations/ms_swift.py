"""A reward of ms-swift's GRPO, in a file of `--external_plugins`:

    from swift.rewards import orms
    from ganrm.integrations.ms_swift import orm

    orms["ganrm"] = orm(render)     # --reward_funcs ganrm

Source: ms-swift, swift/rewards/orm.py (ORM) and swift/rl_core/grpo_algorithm.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ganrm._arrays import Rounding
from ganrm._model import Model, Path
from ganrm._shared_models import LoadOptions
from ganrm.integrations._completions import Render, media_of
from ganrm.integrations._reward import Reward, Value

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["GanrmORM", "orm"]


class GanrmORM:
    """Called as an `ORM`: `(completions, **columns)`, a reward for each. The first failure raises.

    None, which ms-swift has for it, would count as 0 where there is no other reward.
    """

    def __init__(
        self, reward: Reward, render: Render | None, column: str | None, layout: str | None
    ) -> None:
        self._reward = reward
        self._render = render
        self._column = column
        self._layout = layout

    def __call__(self, completions: Sequence[Any], **columns: Any) -> list[float]:
        media = media_of(completions, columns, self._column, self._render)
        return self._reward.many(media, self._layout)


def orm(
    render: Render | None = None,
    *,
    column: str | None = None,
    model: Model | Path | None = None,
    value: Value = "logit",
    fps: float | None = None,
    layout: str | None = None,
    rounding: Rounding = "round",
    **options: Unpack[LoadOptions],
) -> Callable[..., GanrmORM]:
    """What `orms` has for a name: called with the arguments of a training, it gives the reward.

    Args:
        render: Makes a medium, as `ganrm.Model.score` takes it, of a completion; None: the completion
            is a path.
        column: The column of the data that has the media, instead of the completions.
        layout: Axes of arrays, as for `ganrm.Model.score`.
        model, value, fps, rounding, options: See `ganrm.integrations`.
    """
    reward = Reward(model, value, fps, rounding, **options)

    def made(args: Any = None, **_others: Any) -> GanrmORM:
        return GanrmORM(reward, render, column, layout)

    return made
