"""NeMo Curator: a stage that filters clips by their reward.

    from ganrm.integrations.nemo_curator import GanrmFilterStage

    pipeline.add_stage(GanrmFilterStage(min_logit=0.5))     # after the clips are transcoded

Source: NeMo Curator 1.4, nemo_curator/stages/base.py (ProcessingStage) and
nemo_curator/stages/video/filtering/clip_aesthetic_filter.py, after which it is written.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from ganrm._model import Model, PrecisionName, load

__all__ = ["GanrmFilterStage"]

_base: Any = importlib.import_module("nemo_curator.stages.base").ProcessingStage
_resources: Any = importlib.import_module("nemo_curator.stages.resources").Resources


@dataclass
class GanrmFilterStage(_base):  # type: ignore[misc]  # NeMo Curator's classes are unknown here.
    """Scores the `buffer` of each clip of a `VideoTask`.

    A clip gets the attributes `ganrm_logit`, `ganrm_score` and `ganrm_fingerprint`; one without a score
    has None there, and the reason in `errors["ganrm"]`. Clips below `min_logit` go to
    `video.filtered_clips`.

    Attributes:
        min_logit: None: all clips with a score stay.
        keep_failed: Whether clips without a score stay.
        cpus: Whole CPUs of a worker, and threads of its encoder.
        timeout: Seconds for each clip; None: no limit.
        model, encoder, weights, precision: As for `ganrm.load`.
    """

    min_logit: float | None = None
    keep_failed: bool = False
    cpus: int = 1
    timeout: float | None = 600
    model: str | None = None
    encoder: str | None = None
    weights: str | None = None
    precision: PrecisionName = "auto"
    name: str = "ganrm_filter"

    def __post_init__(self) -> None:
        self.resources = _resources(cpus=float(self.cpus))
        self._model: Model | None = None

    def inputs(self) -> tuple[list[str], list[str]]:
        return ["data"], ["clips"]

    def outputs(self) -> tuple[list[str], list[str]]:
        return ["data"], ["clips"]

    def setup(self, worker_metadata: Any = None) -> None:
        self._model = load(
            self.model,
            encoder=self.encoder,
            weights=self.weights,
            precision=self.precision,
            threads=self.cpus,
        )

    def teardown(self) -> None:
        if self._model is not None:
            self._model.close()

    def process(self, task: Any) -> Any:
        if self._model is None:
            self.setup()
        assert self._model is not None
        video = task.data
        media = [clip.buffer for clip in video.clips]
        results = self._model.score_many(media, timeout=self.timeout, retries=1, progress=False)
        passed: list[Any] = []
        for clip, result in zip(video.clips, results, strict=True):
            found = result.value
            clip.ganrm_logit = found.logit if found else None
            clip.ganrm_score = found.score if found else None
            clip.ganrm_fingerprint = found.fingerprint if found else None
            if found is None:
                clip.errors["ganrm"] = "there is no buffer" if clip.buffer is None else result.error
                keeps = self.keep_failed
            else:
                keeps = self.min_logit is None or found.logit >= self.min_logit
            (passed if keeps else video.filtered_clips).append(clip)
        video.clips = passed
        return task
