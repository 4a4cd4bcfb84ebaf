"""Scores are those of the command, for files and for the frames that ffmpeg decodes of them."""

from __future__ import annotations

import asyncio
import json
import math
import os
import pathlib
import shutil
import struct
import subprocess
from collections.abc import Iterator

import numpy as np
import pytest

import ganrm
from ganrm._installed import command_path

from conftest import HEIGHT, RATE, WIDTH, Tiny, decoded, ffmpeg


def assert_row(score: ganrm.Score, row: dict, *, has_times: bool = True) -> None:
    for name in [
        "score",
        "logit",
        "logit_spread",
        "probability",
        "percentile_generated",
        "percentile_proxy",
        "unfamiliar",
        "degenerate",
        "frames",
        "precision",
    ]:
        assert getattr(score, name) == row.get(name), name
    assert score.fingerprint == row["model"]["fingerprint"]
    first, last = row["clips"][0], row["clips"][-1]
    assert (score.first_frame, score.last_frame) == (first["indices"][0], last["indices"][-1])
    if has_times:
        assert (score.start_seconds, score.end_seconds) == (first.get("start"), last.get("end"))
    assert [clip.logit for clip in score.clips] == [clip["logit"] for clip in row["clips"]]


def test_files_have_the_scores_of_the_command(model: ganrm.Model, tiny: Tiny) -> None:
    inputs = [*tiny.clips, tiny.image]
    rows = tiny.rows(*inputs)
    assert len(rows) == len(inputs)
    for path, row in zip(inputs, rows, strict=True):
        assert_row(model.score(path), row)
        assert_row(model.score(str(path)), row)
        assert_row(model.score(path.read_bytes()), row)
        assert_row(model.score(path.as_uri()), row)


def test_parts_are_those_of_the_command(tiny_with_parts: Tiny) -> None:
    tiny = tiny_with_parts
    with tiny.load() as model:
        for path, row in zip(tiny.clips, tiny.rows(*tiny.clips), strict=True):
            score = model.score(path)
            assert_row(score, row)
            assert score.parts == ganrm.Parts(**row["parts"])
            assert score.parts.realism - score.parts.damage == pytest.approx(score.logit, abs=1e-5)
            parts = [ganrm.Parts(**clip["parts"]) for clip in row["clips"]]
            assert [clip.parts for clip in score.clips] == parts
            assert f"{score.parts.damage:.3f}" in score._repr_html_()
            frames = model.score(decoded(path), fps=RATE)
            assert (frames.logit, frames.parts) == (row["logit"], score.parts)
            assert [clip.parts for clip in frames.clips] == parts
        (row,) = model.score_many([tiny.clips[0]]).rows()
        expected = tiny.rows(tiny.clips[0])[0]["parts"]
        assert {"realism": row["realism"], "damage": row["damage"]} == expected


def test_frames_have_the_scores_of_their_file(model: ganrm.Model, tiny: Tiny) -> None:
    for path, row in zip(tiny.clips, tiny.rows(*tiny.clips), strict=True):
        assert_row(model.score(decoded(path), fps=RATE), row)
        untimed = model.score(decoded(path))
        assert (untimed.logit, untimed.start_seconds) == (row["logit"], None)
    image = decoded(tiny.image)[0]
    assert_row(model.score(image), tiny.rows(tiny.image)[0], has_times=False)


def test_paths_may_have_any_name(
    model: ganrm.Model, tiny: Tiny, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logit = tiny.rows(tiny.clips[0])[0]["logit"]
    monkeypatch.chdir(tmp_path)
    for name in [
        "-",
        "two words.mkv",
        "line\nbreak",
        "ünï.mkv",
        "{.mkv",
        '"quoted"',
        "%05d",
        "a*?[b",
    ]:
        shutil.copy(tiny.clips[0], name)
        assert model.score(name).logit == logit, name
    raw = b"latin-\xe9.mkv"
    shutil.copy(tiny.clips[0], os.fsdecode(raw))
    assert model.score(os.fsdecode(raw)).logit == logit


def test_urls_of_fsspec_are_read(model: ganrm.Model, tiny: Tiny) -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://clips/one.mkv", "wb") as file:
        file.write(tiny.clips[0].read_bytes())
    assert model.score("memory://clips/one.mkv") == model.score(tiny.clips[0])
    with pytest.raises(ganrm.MediaError, match=r"memory://nowhere"):
        model.score("memory://nowhere")
    with pytest.raises(ganrm.MediaError, match="no-such-scheme"):
        model.score("no-such-scheme://a/b")


def test_failures_are_errors_that_name_the_input(
    model: ganrm.Model, tiny: Tiny, tmp_path: pathlib.Path
) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no video")
    for media, words in [
        (text, "notes.mp4"),
        ("/nowhere.mp4", "'/nowhere.mp4' does not exist"),
        (b"", "<0 bytes>"),
        (b"\0" * 1000, "<1000 bytes>"),
        (tmp_path, "is a folder"),
        ("a\0b", "zero byte"),
    ]:
        with pytest.raises(ganrm.MediaError, match=words) as caught:
            model.score(media)
        assert "/proc/" not in str(caught.value)
        assert caught.value.reason == str(caught.value)
    assert model.score(tiny.clips[0]).frames == 16


def test_a_file_has_no_layout(model: ganrm.Model, tiny: Tiny) -> None:
    for options in [{"layout": "TCHW"}, {"fps": 8}, {"kind": "image"}]:
        with pytest.raises(ValueError, match="a file has its own"):
            model.score(tiny.clips[0], **options)


def test_a_model_that_cannot_be_opened_says_why(tiny: Tiny) -> None:
    for media in tiny.clips[0], np.zeros((16, HEIGHT, WIDTH, 3), np.uint8):
        with ganrm.load("/nowhere.safetensors") as model:
            with pytest.raises(ganrm.GanrmError, match=r"/nowhere\.safetensors") as caught:
                model.score(media)
            assert caught.value.code == ganrm.Code.ERROR_MODEL
            assert not isinstance(caught.value, ganrm.MediaError)
            with pytest.raises(ganrm.GanrmError, match="nowhere"):
                list(model.score_many([media]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"precision": "f16"}, "precision is one of auto, f32, bf16, int8, not 'f16'"),
        ({"threads": 0}, "threads are 1 to 1024, not 0"),
        ({"workers": 0}, "workers are 1 to 1024, not 0"),
        ({"model": "a\0b"}, "NUL"),
    ],
)
def test_arguments_are_checked_at_once(arguments: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ganrm.load(**arguments)


def test_a_closed_model_is_refused(tiny: Tiny) -> None:
    model = tiny.load()
    model.score(tiny.clips[0])
    model.close()
    model.close()
    for use in [
        lambda: model.score(tiny.clips[0]),
        lambda: model.score(decoded(tiny.clips[0])),
        lambda: model.fingerprint,
        lambda: list(model.score_many(tiny.clips)),
    ]:
        with pytest.raises(ganrm.GanrmError, match="the model is closed"):
            use()


def test_the_model_says_what_it_is(model: ganrm.Model, tiny: Tiny) -> None:
    row = tiny.rows(tiny.clips[0])[0]
    assert model.name == str(tiny.arguments["model"])
    assert model.fingerprint == row["model"]["fingerprint"]
    assert model.precision == "f32"
    assert ganrm.version() == row["version"]


def test_ascore_scores_beside_the_event_loop(model: ganrm.Model, tiny: Tiny) -> None:
    async def scores() -> list[ganrm.Score]:
        return await asyncio.gather(*(model.ascore(clip) for clip in tiny.clips * 3))

    logits = [row["logit"] for row in tiny.rows(*tiny.clips)]
    assert [score.logit for score in asyncio.run(scores())] == logits * 3


def test_streams_have_the_scores_of_windows(model: ganrm.Model, tiny: Tiny) -> None:
    rows = tiny.rows(
        tiny.clips[3], "--per", "clip", "--sampling", "window", "--frames", "4", "--hop", "2"
    )
    scores = list(model.score_stream(decoded(tiny.clips[3]), fps=RATE, sample_frames=4, hop=2))
    assert len(scores) == len(rows) > 3
    for score, row in zip(scores, rows, strict=True):
        assert (score.logit, score.start_seconds, score.end_seconds, score.unfamiliar) == (
            row["logit"],
            row["start"],
            row["end"],
            row.get("unfamiliar"),
        )


def test_embeddings_are_those_of_the_command(
    model: ganrm.Model, tiny: Tiny, tmp_path: pathlib.Path
) -> None:
    for clip in [*tiny.clips, tiny.image]:
        path = tmp_path / "embeddings.safetensors"
        subprocess.run(
            [command_path(), "encode", *tiny.options[2:], "--no-store", "-q", "-o", path, clip],
            check=True,
        )
        content = path.read_bytes()
        path.unlink()
        (length,) = struct.unpack("<Q", content[:8])
        begin, end = json.loads(content[8 : 8 + length])["embeddings"]["data_offsets"]
        expected = np.frombuffer(content[8 + length + begin : 8 + length + end], np.float32)
        frames = decoded(clip)
        for media in clip, clip.read_bytes(), frames if clip != tiny.image else frames[0]:
            options = (
                {} if isinstance(media, bytes | pathlib.Path) or media.ndim == 3 else {"fps": RATE}
            )
            embedding = model.embed(media, **options)
            assert embedding.dtype == np.float32
            np.testing.assert_array_equal(embedding, expected)
    with pytest.raises(ganrm.MediaError, match="'/nowhere' does not exist"):
        model.embed("/nowhere")
    with pytest.raises(ganrm.MediaError, match="<3 bytes>"):
        model.embed(b"abc")


def test_scores_are_finite(model: ganrm.Model, tiny: Tiny) -> None:
    assert all(math.isfinite(model.score(clip).logit) for clip in tiny.clips)


@pytest.fixture(scope="module")
def default() -> Iterator[ganrm.Model]:
    """The default model, whose weights `make demo` fetches."""
    found = subprocess.run(
        [command_path(), "models", "path", "dinov2-small-imgfocus"],
        stdout=subprocess.PIPE,
        text=True,
    )
    if not pathlib.Path(found.stdout.strip() or "/nowhere").is_file():
        pytest.skip("the weights of the default model are not here")
    with ganrm.load() as model:
        yield model


def test_the_default_model_scores_files_and_frames_as_the_command(
    default: ganrm.Model, tiny: Tiny, tmp_path: pathlib.Path
) -> None:
    # 24 frames per second, at which frames of a burst are three apart.
    path = tmp_path / "clip.mkv"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        f"mandelbrot=size={WIDTH}x{HEIGHT}:rate=24",
        "-t",
        "4",
        "-c:v",
        "ffv1",
        path,
    )
    inputs = [path, tiny.clips[2], tiny.image]
    done = subprocess.run(
        [command_path(), "score", "--no-store", "-q", *inputs], check=True, stdout=subprocess.PIPE
    )
    for clip, line in zip(inputs, done.stdout.splitlines(), strict=True):
        row = json.loads(line)
        assert row["percentile_proxy"] is not None and row["logit_spread"] > 0
        assert_row(default.score(clip), row)
        if clip == tiny.image:
            assert_row(default.score(decoded(clip)[0]), row, has_times=False)
        else:
            frames, fps = decoded(clip), 24 if clip == path else RATE
            assert_row(default.score(frames, fps=fps), row, has_times=False)
            assert_row(
                default.score(frames.transpose(3, 0, 1, 2) / np.float32(255), fps=fps),
                row,
                has_times=False,
            )
    np.testing.assert_array_equal(default.embed(path), default.embed(decoded(path), fps=24))
