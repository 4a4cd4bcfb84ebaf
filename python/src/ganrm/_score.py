from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganrm import _structs as structs
from ganrm._html import score_html
from ganrm._library import library, text
from ganrm._parts import Parts, parts_of_row


@dataclass(frozen=True)
class Score:
    """The score of a video, an image or a clip; None where the model has no means to tell.

    Numbers are those of a row of `ganrm score`, digit for digit: `score`, `logit`, `logit_spread` and
    `probability` have single precision.

    Attributes:
        score: σ(logit), 0 (like generated samples) to 1 (like proxy data).
        logit: Proxy against generated; rank by it, it does not saturate.
        logit_spread: Standard deviation of the logits of an ensemble's heads.
        probability: Calibrated probability of proxy against generated, 0 to 1.
        percentile_generated: Percentage of generated samples with a lower logit, 0 to 100.
        percentile_proxy: Percentage of proxy samples with a lower logit, 0 to 100.
        start_seconds: Start of the first frame of the first clip; None for frames without times.
        end_seconds: End of the last frame of the last clip.
        first_frame: Index of the first frame of the first clip, from 0.
        last_frame: Index of the last frame of the last clip.
        unfamiliar: Percentile of the distance from the training data, 0 to 100.
        degenerate: Why there is no content to judge, as "one colour", "noise" or "frozen".
        clips: Scores of the clips of an input; empty for a clip.
        frames: Frames of the input; None for a clip of a stream.
        precision: In which the encoder computed: "f32", "bf16" or "int8".
        fingerprint: Of the reward model; compare only scores of the same one.
        parts: Terms of the logit of a model with a damage part.
    """

    score: float
    logit: float
    logit_spread: float | None = None
    probability: float | None = None
    percentile_generated: float | None = None
    percentile_proxy: float | None = None
    start_seconds: float | None = None
    end_seconds: float | None = None
    first_frame: int | None = None
    last_frame: int | None = None
    unfamiliar: float | None = None
    degenerate: str | None = None
    clips: tuple[Score, ...] = ()
    frames: int | None = None
    precision: str | None = None
    fingerprint: str | None = None
    parts: Parts | None = None

    def _repr_html_(self) -> str:
        return score_html(self)


def score_of_struct(score: structs.Score, precision: str, fingerprint: str) -> Score:
    """The score of a clip of the library, rounded as rows of the command are."""
    return Score(
        score=_single(score.score),
        logit=_single(score.logit),
        logit_spread=_known(_single(score.logit_spread)),
        probability=_known(_single(score.probability)),
        percentile_generated=_rounded(score.percentile_generated, 10),
        percentile_proxy=_rounded(score.percentile_proxy, 10),
        start_seconds=_known(score.start_seconds),
        end_seconds=_known(score.end_seconds),
        first_frame=score.first_frame,
        last_frame=score.last_frame,
        unfamiliar=_rounded(score.unfamiliar, 10_000),
        degenerate=text(library().ganrm_degeneracy(score.degenerate)) or None,
        precision=precision,
        fingerprint=fingerprint,
        parts=None
        if math.isnan(score.damage)
        else Parts(_single(score.realism), _single(score.damage)),
    )


def score_of_row(row: Mapping[str, Any]) -> Score:
    """The score of a row of `ganrm score`, or of one of its clips."""
    model: Mapping[str, Any] = row.get("model") or {}
    indices: Sequence[int] = row.get("indices") or ()
    score = Score(
        score=row["score"],
        logit=row["logit"],
        logit_spread=row.get("logit_spread"),
        probability=row.get("probability"),
        percentile_generated=row.get("percentile_generated"),
        percentile_proxy=row.get("percentile_proxy"),
        start_seconds=row.get("start"),
        end_seconds=row.get("end"),
        first_frame=indices[0] if indices else None,
        last_frame=indices[-1] if indices else None,
        unfamiliar=row.get("unfamiliar"),
        degenerate=row.get("degenerate"),
        frames=row.get("frames"),
        precision=row.get("precision"),
        fingerprint=model.get("fingerprint"),
        parts=parts_of_row(row),
    )
    clips = tuple(
        replace(score_of_row(clip), precision=score.precision, fingerprint=score.fingerprint)
        for clip in row.get("clips") or ()
    )
    return with_clips(score, clips, score.frames) if clips else score


def with_clips(score: Score, clips: tuple[Score, ...], frames: int | None) -> Score:
    """A score as that of a whole input, which lasts from its first clip to its last."""
    first, last = clips[0], clips[-1]
    return replace(
        score,
        clips=clips,
        frames=frames,
        first_frame=first.first_frame,
        last_frame=last.last_frame,
        start_seconds=first.start_seconds,
        end_seconds=last.end_seconds,
    )


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _single(number: float) -> float:
    """The number that the shortest text of its single precision stands for, as in a row."""
    return float(str(np.float32(number)))


def _rounded(number: float, units: int) -> float | None:
    # Half away from zero, as Swift rounds; percentiles are not negative.
    return None if math.isnan(number) else math.floor(number * units + 0.5) / units
