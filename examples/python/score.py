#!/usr/bin/env python3
"""Scores a video clip by clip, from NumPy frames that ffmpeg decodes: a line of JSON per clip.

    python3 score.py VIDEO [MODEL]

It needs the package ganrm and the commands ffmpeg and ffprobe. It shows a stream; a whole file is
scored by `ganrm.load().score(VIDEO)`.
The scores are those of `ganrm score VIDEO --sampling window --per clip` if the frame rate is constant.
"""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

import ganrm


def frame_rate(path: str) -> Fraction:
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0"]
    command += ["-show_entries", "stream=r_frame_rate", "-of", "json", path]
    done = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    streams = json.loads(done.stdout)["streams"]
    if not streams:
        raise ValueError(f"'{path}' has no video stream")
    return Fraction(streams[0]["r_frame_rate"])


def frames(path: str, rate: Fraction) -> Iterator[npt.NDArray[np.uint8]]:
    """RGB images with square pixels, `[height, width, 3]`.

    As PPM: unlike rawvideo, it says how large each one is.
    """
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-map", "0:v:0", "-r", str(rate)]
    command += ["-vf", "scale=iw*sar:ih,setsar=1"]
    command += ["-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "-"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as ffmpeg:
        assert ffmpeg.stdout
        while ffmpeg.stdout.readline() == b"P6\n":
            width, height = map(int, ffmpeg.stdout.readline().split())
            ffmpeg.stdout.readline()  # 255, white.
            pixels = ffmpeg.stdout.read(height * width * 3)
            if len(pixels) < height * width * 3:
                break
            yield np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
    if ffmpeg.returncode:
        raise subprocess.CalledProcessError(ffmpeg.returncode, command)


def print_scores(stream: ganrm.Filter) -> None:
    for score in stream:
        row: dict[str, Any] = dataclasses.asdict(score)
        print(json.dumps({key: row[key] for key in row if row[key] not in (None, ())}), flush=True)


def main(path: str, model: str | None = None) -> None:
    rate = frame_rate(path)
    with ganrm.Model(model) as opened, ganrm.Filter(opened) as stream:
        for index, frame in enumerate(frames(path, rate)):
            stream.push(frame, seconds=float(index / rate), duration=float(1 / rate))
            print_scores(stream)
        stream.flush()
        print_scores(stream)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: score.py VIDEO [MODEL]")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # As other commands end when nobody reads on.
    try:
        main(*sys.argv[1:])
    except (ganrm.GanrmError, ValueError, subprocess.CalledProcessError) as problem:
        sys.exit(f"score: {problem}")
