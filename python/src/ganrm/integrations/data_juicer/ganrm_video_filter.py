"""An operator file of data-juicer; see `ganrm.integrations.data_juicer`."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable
from typing import Any, Literal, get_args

from ganrm._model import load

Value = Literal["logit", "score"]

_base: Any = importlib.import_module("data_juicer.ops.base_op")
_fields: Any = importlib.import_module("data_juicer.utils.constant").Fields


@_base.OPERATORS.register_module("ganrm_video_filter")
class GanrmVideoFilter(_base.Filter):  # type: ignore[misc]  # data-juicer has no types.
    """Keeps samples whose videos have a reward within a range.

    Stats are `ganrm_logit` (or `ganrm_score`), a number for each video, NaN if it has none, and
    `ganrm_error`, the reasons in lines, empty if there are none. Nothing is raised for a video: with
    `skip_op_error`, data-juicer drops the whole batch of an exception.

    Args:
        min_value, max_value: The range; None: no limit.
        value: Which number: "logit" does not saturate, "score" is from 0 to 1.
        any_or_all: Whether one video within the range is enough.
        keep_failed: Whether a video without a reward counts as within.
        timeout: Seconds for each video; None: no limit.
        model, encoder, weights, precision, threads: As for `ganrm.load`.
    """

    _batched_op = True

    def __init__(
        self,
        min_value: float | None = None,
        max_value: float | None = None,
        value: Value = "logit",
        any_or_all: Literal["any", "all"] = "any",
        keep_failed: bool = False,
        timeout: float | None = 600,
        model: str | None = None,
        encoder: str | None = None,
        weights: str | None = None,
        precision: Literal["auto", "f32", "bf16", "int8"] = "auto",
        threads: int = 1,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        if value not in get_args(Value):
            raise ValueError(f"value is 'logit' or 'score', not '{value}'")
        if any_or_all not in ("any", "all"):
            raise ValueError(f"any_or_all is 'any' or 'all', not '{any_or_all}'")
        self.min_value = min_value
        self.max_value = max_value
        self.value = value
        self.any_or_all = any_or_all
        self.keep_failed = keep_failed
        self.timeout = timeout
        # Its worker starts at the first video, in each process of `num_proc` its own.
        self.model = load(
            model, encoder=encoder, weights=weights, precision=precision, threads=threads
        )

    def compute_stats_batched(
        self, samples: dict[str, Any], *_args: Any, **_kwargs: Any
    ) -> dict[str, Any]:
        stats: list[dict[str, Any]] = samples[_fields.stats]
        videos: Iterable[list[Any] | None] = samples.get(self.video_key, [None] * len(stats))
        key = f"ganrm_{self.value}"
        for stat, paths in zip(stats, videos, strict=True):
            if key in stat:
                continue
            results = list(
                self.model.score_many(paths or [], timeout=self.timeout, retries=1, progress=False)
            )
            stat[key] = [float(getattr(result, self.value)) for result in results]
            stat["ganrm_error"] = "\n".join(result.error for result in results if result.error)
        return samples

    def process_batched(self, samples: dict[str, Any]) -> list[bool]:
        return [self._keeps(stat[f"ganrm_{self.value}"]) for stat in samples[_fields.stats]]

    def _keeps(self, values: Iterable[float | None]) -> bool:
        """As data-juicer's own filters, it keeps samples without a video."""
        within = [
            self.keep_failed
            if value is None or math.isnan(value)  # data-juicer makes null of NaN.
            else bool(self.get_keep_boolean(value, self.min_value, self.max_value))
            for value in values
        ]
        return not within or (any(within) if self.any_or_all == "any" else all(within))
