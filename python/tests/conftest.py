"""A tiny encoder, a head that the command trained for it, and clips that ffmpeg made.

The command, the library and ffmpeg are those of the installed package, or of the environment
(GANRM_COMMAND, GANRM_LIBRARY, PATH).
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import ganrm
from ganrm._installed import command_path

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, RATE = 88, 72, 8


def ffmpeg(*arguments: str | os.PathLike[str]) -> bytes:
    done = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True, stdout=subprocess.PIPE
    )
    return done.stdout


def source(pattern: str, seconds: float) -> list[str]:
    return ["-f", "lavfi", "-i", f"{pattern}=size={WIDTH}x{HEIGHT}:rate={RATE}:duration={seconds}"]


def decoded(path: pathlib.Path) -> npt.NDArray[np.uint8]:
    """The frames of a clip by ffmpeg, uint8 `[time, height, width, 3]`."""
    raw = ffmpeg("-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)


@dataclass(frozen=True)
class Tiny:
    """A model that scores a clip in a millisecond.

    Attributes:
        arguments: Of `ganrm.load`.
        options: The same, of the command.
        clips: Videos of different content and codecs.
        image: A PNG.
    """

    folder: pathlib.Path
    arguments: dict[str, Any]
    options: list[str]
    clips: list[pathlib.Path]
    image: pathlib.Path

    def load(self, **arguments: Any) -> ganrm.Model:
        return ganrm.load(**{**self.arguments, **arguments})

    def rows(self, *inputs: str | os.PathLike[str], command: str = "score") -> list[dict[str, Any]]:
        """Rows of the command, which fails if an input does."""
        done = subprocess.run(
            [command_path(), command, "--no-store", "-q", *self.options, *inputs],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    folder = tmp_path_factory.mktemp("tiny")
    subprocess.run([sys.executable, ROOT / "Tests/Library/tiny-encoder.py", folder], check=True)
    clips: list[pathlib.Path] = []
    for index, (pattern, codec) in enumerate(
        [
            ("testsrc2", ["-c:v", "ffv1"]),
            ("mandelbrot", ["-c:v", "libx264", "-pix_fmt", "yuv420p"]),
            ("life=mold=10:ratio=0.2:random_seed=3", ["-c:v", "ffv1", "-pix_fmt", "bgr0"]),
            ("smptebars", ["-c:v", "mpeg4", "-q:v", "2"]),
        ]
    ):
        name, _, options = pattern.partition("=")
        size = f"size={WIDTH}x{HEIGHT}:rate={RATE}" + (f":{options}" if options else "")
        path = folder / f"clip-{index}.mkv"
        ffmpeg("-f", "lavfi", "-i", f"{name}={size}", "-t", str(2 + index / 2), *codec, path)
        clips.append(path)
    image = folder / "image.png"
    ffmpeg("-i", clips[1], "-frames:v", "1", image)
    head = folder / "head.safetensors"
    encoder = [
        "--encoder",
        str(folder / "tiny.json"),
        "--weights",
        str(folder / "tiny.safetensors"),
    ]
    subprocess.run(
        [
            command_path(),
            "train",
            "--proxy",
            clips[0],
            clips[1],
            "--generated",
            clips[2],
            clips[3],
            *encoder,
            "--precision",
            "f32",
            "--steps",
            "20",
            "--warm-up-steps",
            "5",
            "--no-store",
            "-q",
            "-o",
            head,
        ],
        check=True,
    )
    return Tiny(
        folder,
        {
            "model": head,
            "encoder": folder / "tiny.json",
            "weights": folder / "tiny.safetensors",
            "precision": "f32",
            "threads": 1,
        },
        ["--model", str(head), *encoder, "--precision", "f32"],
        clips,
        image,
    )


@pytest.fixture
def model(tiny: Tiny) -> Iterator[ganrm.Model]:
    with tiny.load(workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def tiny_with_parts(tiny: Tiny) -> Tiny:
    """The same with a head that has a damage part, which takes more samples to train."""
    for index in range(12):
        for label, pattern in [
            ("proxy", f"mandelbrot=size={WIDTH}x{HEIGHT}:rate={RATE}:start_scale={index + 1}"),
            ("generated", f"life=size={WIDTH}x{HEIGHT}:rate={RATE}:mold=10:random_seed={index}"),
        ]:
            folder = tiny.folder / label
            folder.mkdir(exist_ok=True)
            ffmpeg("-f", "lavfi", "-i", pattern, "-t", "1", "-c:v", "ffv1", folder / f"{index}.mkv")
    head = tiny.folder / "parts.safetensors"
    ganrm.train(
        proxy=tiny.folder / "proxy",
        generated=tiny.folder / "generated",
        output=head,
        encoder=tiny.arguments["encoder"],
        weights=tiny.arguments["weights"],
        perturb=2,
        parts=True,
        sanity=False,
        steps=20,
        warm_up_steps=5,
        no_store=True,
        progress=False,
    )
    options = [str(head) if word == str(tiny.arguments["model"]) else word for word in tiny.options]
    return replace(tiny, arguments={**tiny.arguments, "model": head}, options=options)
