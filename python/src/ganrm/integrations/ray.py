"""Ray Data: scores of files by one worker process per actor, in jobs that can be interrupted.

    from ganrm.integrations import ray as scoring

    scoring.supervise(lambda: scoring.score_files(paths, "/shared/scores", precision="bf16"))
    table = scoring.results("/shared/scores")

    ds = scoring.score(ray.data.read_parquet("clips/"), column="path")   # a step of another pipeline

Rows get the columns of `Scorer`. A file that cannot be
scored is a row with an `error`, not an exception: Ray ends a job at the first exception, or drops the
whole block (`max_errored_blocks`).

Source: Ray 2.60, ray/data/dataset.py (map_batches) and ray/data/checkpoint.
"""

from __future__ import annotations

from ganrm.integrations._ray_files import results, score_files, write_rows
from ganrm.integrations._ray_score import score
from ganrm.integrations._ray_scorer import Scorer
from ganrm.integrations._ray_supervision import supervise

__all__ = ["Scorer", "results", "score", "score_files", "supervise", "write_rows"]
