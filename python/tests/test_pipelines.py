"""Frameworks that process data run the operator file, the stage and the snippets, with the scores of the command."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import uuid
from typing import Any

import pytest

from ganrm._installed import command_path
from ganrm.integrations import data_juicer

from conftest import Tiny

# Of the frameworks.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def options(tiny: Tiny) -> dict[str, str]:
    names = ("model", "encoder", "weights", "precision")
    return {name: str(tiny.arguments[name]) for name in names}


@pytest.fixture
def logits(tiny: Tiny) -> list[float]:
    return [row["logit"] for row in tiny.rows(*tiny.clips)]


def test_data_juicer(
    tiny: Tiny, options: dict[str, str], logits: list[float], tmp_path: pathlib.Path
) -> None:
    pytest.importorskip("data_juicer")
    bad = str(tiny.folder / "tiny.json")
    samples: list[list[str]] = [[str(clip)] for clip in tiny.clips]
    samples += [[], [bad], [str(tiny.clips[0]), bad]]
    lines = [json.dumps({"text": f"{n}", "videos": videos}) for n, videos in enumerate(samples)]
    (tmp_path / "samples.jsonl").write_text("\n".join(lines) + "\n")
    middle = sorted(logits)[1]
    recipe = {
        "project_name": "ganrm",
        "dataset_path": str(tmp_path / "samples.jsonl"),
        "export_path": str(tmp_path / "out" / "kept.jsonl"),
        "keep_stats_in_res_ds": True,
        "np": 2,
        "use_cache": False,
        "skip_op_error": True,
        "custom_operator_paths": [data_juicer.operator_file()],
        "process": [{"ganrm_video_filter": {"min_value": middle, **options}}],
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))  # JSON is YAML.
    command = [sys.executable, "-m", "data_juicer.tools.process_data", "--config"]
    found = subprocess.run(
        [*command, tmp_path / "recipe.yaml"], capture_output=True, text=True, cwd=tmp_path
    )
    assert found.returncode == 0, found.stderr[-3000:]
    kept = [json.loads(line) for line in (tmp_path / "out/kept.jsonl").read_text().splitlines()]
    expected = [str(n) for n, logit in enumerate(logits) if logit >= middle] + ["4"]
    if logits[0] >= middle:
        expected.append("6")
    assert [row["text"] for row in kept] == expected
    for row in kept:
        stats = row["__dj__stats__"]
        values = [
            logits[[str(clip) for clip in tiny.clips].index(video)]
            for video in row["videos"]
            if video != bad
        ]
        assert stats["ganrm_logit"][: len(values)] == values
        assert bool(stats["ganrm_error"]) == (bad in row["videos"])


def test_nemo_curator(tiny: Tiny, options: dict[str, str], logits: list[float]) -> None:
    pytest.importorskip("nemo_curator")
    from nemo_curator.tasks.video import Clip, Video, VideoTask

    from ganrm.integrations.nemo_curator import GanrmFilterStage

    buffers = [path.read_bytes() for path in tiny.clips] + [b"no video", None]
    clips = [
        Clip(uuid=uuid.uuid4(), source_video="v", span=(0.0, 2.0), buffer=buffer)
        for buffer in buffers
    ]
    task = VideoTask(dataset_name="d", data=Video(pathlib.Path("v.mp4"), clips=list(clips)))
    middle = sorted(logits)[1]
    stage = GanrmFilterStage(min_logit=middle, **options)
    assert stage.validate_input(task)
    assert stage.resources.cpus == 1
    stage.setup()
    (found,) = stage.process_batch([task])
    stage.teardown()
    assert [clip.ganrm_logit for clip in clips] == [*logits, None, None]
    assert [clip in found.data.clips for clip in clips] == [x >= middle for x in logits] + [
        False
    ] * 2
    assert len(found.data.clips) + len(found.data.filtered_clips) == len(clips)
    assert "no video" not in clips[0].errors and "ganrm" in clips[4].errors
    assert clips[5].errors == {"ganrm": "there is no buffer"}


def test_daft(tiny: Tiny, options: dict[str, str], logits: list[float]) -> None:
    daft = pytest.importorskip("daft")
    import ganrm

    fields = {"logit": daft.DataType.float64(), "error": daft.DataType.string()}

    @daft.cls(cpus=1, max_concurrency=1)
    class Reward:
        def __init__(self, options: dict[str, Any]) -> None:
            self.model = ganrm.load(**options, threads=1)

        @daft.method.batch(return_dtype=daft.DataType.struct(fields), batch_size=64)
        def score(self, paths: Any) -> list[dict[str, Any]]:
            results = self.model.score_many(paths.to_pylist(), retries=1, progress=False)
            return [{"logit": r.row()["logit"], "error": r.error} for r in results]

    paths = [str(clip) for clip in tiny.clips] + [str(tiny.folder / "tiny.json")]
    frame = daft.from_pydict({"path": paths})
    frame = frame.with_column("reward", Reward(options).score(daft.col("path")))
    rows = frame.to_pydict()["reward"]
    assert [row["logit"] for row in rows] == [*logits, None]
    assert [row["error"] is None for row in rows] == [True] * 4 + [False]


def test_spark(
    tiny: Tiny, options: dict[str, str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyspark = pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    paths = [*map(str, tiny.clips), str(tiny.folder / "tiny.json")] * 4
    (tmp_path / "clips.txt").write_text("\n".join(paths) + "\n")
    # The tiny model instead of the default one, as the command of docs/scale.md.
    command = tmp_path / "ganrm"
    words = " ".join(f"--{name} {value}" for name, value in options.items())
    command.write_text(f'#!/bin/sh\nexec {command_path()} "$@" {words}\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    conf = pyspark.SparkConf().setMaster("local[2]").set("spark.ui.enabled", "false")
    with pyspark.SparkContext(conf=conf) as spark:
        score = "sh -c 'ganrm score --list - --threads 1 --no-store --offline -q || [ $? = 1 ]'"
        rows = spark.textFile(str(tmp_path / "clips.txt"), 3).pipe(
            score, dict(os.environ), checkCode=True
        )
        rows.saveAsTextFile(str(tmp_path / "scores"))
    parts = sorted((tmp_path / "scores").glob("part-*"))
    assert len(parts) >= 3
    found = [json.loads(line) for part in parts for line in part.read_text().splitlines()]
    assert found == tiny.rows(*paths)
