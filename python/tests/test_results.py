"""Many inputs: order, bounds, failures, tables, ranks."""

from __future__ import annotations

import io
import itertools
import json
import math
import pathlib
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ganrm
from ganrm._installed import command_path
from ganrm._progress import Progress

from conftest import HEIGHT, RATE, WIDTH, Tiny, decoded, ffmpeg


def test_results_are_in_the_order_of_the_inputs(model: ganrm.Model, tiny: Tiny) -> None:
    inputs = [*tiny.clips, "/nowhere.mp4", tiny.image] * 3
    logits = [row.get("logit", math.nan) for row in tiny.rows(*inputs)]
    results = list(model.score_many(inputs))
    assert [result.id for result in results] == [str(path) for path in inputs]
    np.testing.assert_array_equal([result.logit for result in results], logits)
    assert [bool(result) for result in results] == [path != "/nowhere.mp4" for path in inputs]
    failed = results[4]
    assert failed.error == "'/nowhere.mp4' does not exist; check the path"
    assert failed.value is None and math.isnan(failed.score) and math.isnan(failed.logit)


def test_results_may_come_as_they_are_known(model: ganrm.Model, tiny: Tiny) -> None:
    inputs = tiny.clips * 5
    ids = [f"sample {index}" for index in range(len(inputs))]
    found = {result.id: result.logit for result in model.score_many(inputs, ids=ids, ordered=False)}
    logits = [row["logit"] for row in tiny.rows(*tiny.clips)] * 5
    assert found == dict(zip(ids, logits, strict=True))


def test_files_and_frames_may_be_mixed(model: ganrm.Model, tiny: Tiny) -> None:
    clip = tiny.clips[0]
    media = [clip, clip.read_bytes(), decoded(clip)]
    results = list(model.score_many(media, fps=RATE))
    assert [result.id for result in results] == [str(clip), 1, 2]
    assert len({result.logit for result in results}) == 1


def test_an_endless_iterable_is_read_as_results_are_taken(model: ganrm.Model, tiny: Tiny) -> None:
    read = itertools.count()

    def endless() -> Iterator[Any]:
        for clip in itertools.cycle(tiny.clips):
            next(read)
            yield clip

    results = model.score_many(endless(), max_in_flight=3)
    taken = list(itertools.islice(results, 7))
    results.close()
    assert len(taken) == 7 and all(taken)
    assert next(read) <= 7 + 3


def test_an_error_of_the_iterable_reaches_the_caller(model: ganrm.Model, tiny: Tiny) -> None:
    def broken() -> Iterator[Any]:
        yield tiny.clips[0]
        raise KeyError("of the caller")

    with pytest.raises(KeyError, match="of the caller"):
        list(model.score_many(broken()))
    assert model.score(tiny.clips[0])


def test_errors_can_end_the_run(model: ganrm.Model, tiny: Tiny) -> None:
    with pytest.raises(ganrm.MediaError, match="nowhere"):
        list(model.score_many([tiny.clips[0], "/nowhere"], errors="raise"))
    with pytest.raises(TypeError, match="not int"):
        list(model.score_many([7], errors="raise"))
    with pytest.raises(ValueError, match="'return' or 'raise'"):
        model.score_many([], errors="ignore")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1"):
        model.score_many([], max_in_flight=0)


def test_ids_are_as_many_as_inputs(model: ganrm.Model, tiny: Tiny) -> None:
    with pytest.raises(ValueError, match="zip"):
        list(model.score_many(tiny.clips, ids=["one"]))


@pytest.mark.parametrize("package", ["pandas", "polars", "arrow", "datasets"])
def test_results_become_tables(model: ganrm.Model, tiny: Tiny, package: str) -> None:
    pytest.importorskip("pyarrow" if package == "arrow" else package)
    media = [tiny.clips[0], "/nowhere", decoded(tiny.clips[0])]
    table = getattr(model.score_many(media, fps=RATE), f"to_{package}")()
    columns = {
        name: column.to_pylist() if hasattr(column := table[name], "to_pylist") else list(column)
        for name in ["id", "logit", "error"]
    }
    assert columns["id"] == [str(tiny.clips[0]), "/nowhere", "2"]
    logit = tiny.rows(tiny.clips[0])[0]["logit"]
    assert [columns["logit"][0], columns["logit"][2]] == [logit, logit]
    missing = columns["logit"][1]
    assert missing is None or math.isnan(missing)
    assert columns["error"][1] == "'/nowhere' does not exist; check the path"


def test_ranks_are_those_of_the_command(model: ganrm.Model, tiny: Tiny) -> None:
    black = tiny.folder / "black.mkv"
    ffmpeg("-f", "lavfi", "-i", f"color=black:size={WIDTH}x{HEIGHT}:rate={RATE}:duration=2", black)
    groups = {
        "a cat": [str(tiny.clips[0]), str(tiny.clips[1]), str(black), str(tiny.clips[2])],
        "a dog": [str(tiny.clips[3]), "/nowhere", str(tiny.clips[1])],
    }
    manifest = tiny.folder / "manifest.jsonl"
    manifest.write_text(
        "".join(
            json.dumps({"prompt": name, "candidates": media}) + "\n"
            for name, media in groups.items()
        )
    )
    done = subprocess.run(
        [command_path(), "rank", "--no-store", "-q", *tiny.options, manifest],
        stdout=subprocess.PIPE,
        text=True,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 7
    ranking = model.rank(groups)
    assert len(ranking) == 7
    for mine, row in zip(ranking, rows, strict=True):
        score = mine.score
        assert (mine.group, mine.id) == (row["group"], row["input"])
        assert (mine.rank, mine.margin, mine.excluded) == (
            row.get("rank"),
            row.get("margin"),
            row.get("excluded"),
        )
        assert (score.logit if score else None) == row.get("logit")
        assert mine.error == row.get("error")
    assert ranking.best["a cat"].id == rows[0]["input"]
    shown = ranking._repr_html_()
    assert shown.count("<tr>") == 8 and "one colour" in shown


def test_notebooks_show_scores_and_ranks(model: ganrm.Model, tiny: Tiny) -> None:
    score = model.score(tiny.clips[0])
    assert f"{score.score:.4f}" in score._repr_html_()
    pytest.importorskip("PIL.Image")
    ranking = model.rank({"<b>": [decoded(clip) for clip in tiny.clips]})
    shown = ranking._repr_html_()
    assert "&lt;b&gt;" in shown and "<b>" not in shown
    assert shown.count("data:image/png;base64,") == 4
    pandas = pytest.importorskip("pandas")
    frame = ranking.to_pandas()
    assert isinstance(frame, pandas.DataFrame) and list(frame["rank"]) == [1, 2, 3, 4]


def test_rankings_become_datasets(model: ganrm.Model, tiny: Tiny, tmp_path: pathlib.Path) -> None:
    datasets = pytest.importorskip("datasets")
    ranking = model.rank({"a cat": [*tiny.clips[:2], "/nowhere"]})
    data = ranking.to_datasets()
    assert isinstance(data, datasets.Dataset) and data.num_rows == 3
    assert data.to_list() == ranking.rows()
    data.to_parquet(tmp_path / "ranks.parquet")
    data.save_to_disk(tmp_path / "ranks")
    assert datasets.load_from_disk(tmp_path / "ranks")["rank"][:] == [1, 2, None]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_only() -> None:
    for stream in Terminal(), io.StringIO():
        with Progress(3, stream=stream) as line:
            for failed in False, True, False:
                line.count(failed=failed)
        assert ("3/3 scored" in stream.getvalue()) == stream.isatty()
        assert ("1 failed" in stream.getvalue()) == stream.isatty()


def test_a_run_prints_nothing(
    model: ganrm.Model, tiny: Tiny, capfd: pytest.CaptureFixture[str]
) -> None:
    list(model.score_many([*tiny.clips, "/nowhere", decoded(tiny.clips[0])]))
    assert capfd.readouterr() == ("", "")
