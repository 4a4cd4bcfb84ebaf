#!/usr/bin/env python3
"""Milliseconds that the Python package takes beyond the command, by path of a medium: overhead.py [COUNT]

Needs the package ganrm and ffmpeg. It scores one clip of 16 frames COUNT times (default 300) with a tiny model,
of which a score takes about a millisecond: by the command itself, asked line by line as the package asks it,
and by each path of the package, which take turns. Prints a line of JSON with the medians and minima of the time
over that of the command, and with the processor time that this process spends on a score: for files it is all
that the package adds, and on a machine that is busy otherwise the only number to go by.
"""

from __future__ import annotations

import json
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import ganrm
from ganrm._installed import command_path

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, RATE = 88, 72, 8
BATCH = 10
"""Files of a call of `score_many`."""


def ffmpeg(*arguments: Any) -> bytes:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def tiny_model(folder: pathlib.Path) -> tuple[dict[str, Any], pathlib.Path]:
    """Arguments of `ganrm.load`, and a clip."""
    subprocess.run([sys.executable, ROOT / "Tests/Library/tiny-encoder.py", folder], check=True)
    size = f"size={WIDTH}x{HEIGHT}:rate={RATE}:duration=2"
    clips = [folder / f"{pattern}.mkv" for pattern in ("testsrc2", "mandelbrot")]
    ffmpeg("-f", "lavfi", "-i", f"testsrc2={size}", "-c:v", "ffv1", clips[0])
    ffmpeg("-f", "lavfi", "-i", f"mandelbrot=size={WIDTH}x{HEIGHT}:rate={RATE}", "-t", 2, clips[1])
    encoder = {"encoder": folder / "tiny.json", "weights": folder / "tiny.safetensors"}
    head = folder / "head.safetensors"
    ganrm.train(
        proxy=clips[0], generated=clips[1], output=head, steps=20, warm_up_steps=5, sanity=False,
        no_store=True, progress=False, **encoder,
    )  # fmt: skip
    return {"model": head, **encoder, "precision": "f32", "threads": 1}, clips[0]


@contextmanager
def asked_command(arguments: dict[str, Any]) -> Iterator[Callable[[pathlib.Path], Any]]:
    words = [f"--{name}={value}" for name, value in arguments.items()]
    command = [command_path(), "score", "--list", "-", "--no-store", "--quiet", *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdin is not None and process.stdout is not None

        def ask(path: pathlib.Path) -> Any:
            process.stdin.write(json.dumps({"path": str(path)}).encode() + b"\n")
            return process.stdout.readline()

        yield ask
        process.stdin.close()


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        arguments, clip = tiny_model(pathlib.Path(name))
        raw = ffmpeg("-i", clip, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
        frames = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)
        floats = frames.transpose(0, 3, 1, 2) / np.float32(255)
        content = clip.read_bytes()
        with asked_command(arguments) as ask, ganrm.load(**arguments) as model:
            ways: dict[str, Callable[[], Any]] = {
                "command": lambda: ask(clip),
                "path": lambda: model.score(clip),
                "bytes": lambda: model.score(content),
                "score_many": lambda: list(model.score_many([clip] * BATCH, progress=False)),
                "frames": lambda: model.score(frames, fps=RATE),
                "floats": lambda: model.score(floats, layout="TCHW", fps=RATE),
            }
            times: dict[str, list[float]] = {way: [] for way in ways}
            spent: dict[str, list[float]] = {way: [] for way in ways}
            for turn in range(count + 20):
                for way, score in ways.items():
                    begin, cpu = time.perf_counter(), time.process_time()
                    score()
                    if turn >= 20:
                        unit = 1000 / (BATCH if way == "score_many" else 1)
                        times[way].append(unit * (time.perf_counter() - begin))
                        spent[way].append(unit * (time.process_time() - cpu))
    command = times.pop("command")
    row: dict[str, Any] = {"processor": processor(), "python": platform.python_version()}
    row |= {"version": ganrm.version(), "count": count}
    row |= {"command_ms": rounded(command)}
    row |= {
        f"{way}_over_command_ms": [
            round(mine - theirs, 2)
            for mine, theirs in zip(rounded(found), rounded(command), strict=True)
        ]
        for way, found in times.items()
    }
    row["processor_ms"] = {way: rounded(found) for way, found in spent.items()}
    print(json.dumps(row))


def rounded(times: list[float]) -> list[float]:
    """Median and minimum, in ms."""
    return [round(statistics.median(times), 3), round(min(times), 3)]


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
