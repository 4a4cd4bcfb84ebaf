"""Times the whole job: many short videos in, scores out; and one video from the start of the process.

ganrm against `score_video.py`, in turn, with one reward model of the default encoder: two blocks, eight frames, a
linear head. The videos are pieces of real footage as generators write them: 16 frames of 512 x 320, H.264. Both read
them from the page cache; ganrm without its store.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import encoders
import footage
import levels
import numpy as np
import results
from models import ARCHITECTURES
from score_video import export_model

PACKAGES = ["openvino", "nncf", "decord", "opencv-python-headless"]
ENCODER, FRAMES, TAPS = "dinov2-small-imgfocus", 8, (6, 11)
folder = encoders.folder


def make_videos(source_folder, count):
    target = folder / "videos"
    target.mkdir(exist_ok=True)
    paths = []
    for number in range(count):
        path = target / f"{number:03}.mp4"
        paths.append(str(path))
        if path.exists():
            continue
        source = source_folder / footage.VIDEOS[number % len(footage.VIDEOS)]
        start = number // len(footage.VIDEOS) * 0.07
        fit = "fps=8,scale=512:320,setsar=1,trim=end_frame=16"
        words = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", f"{start:.2f}", "-i", str(source), "-vf", fit]
        words += ["-an", "-c:v", "libx264", "-crf", "20", "-pix_fmt", "yuv420p", str(path)]
        subprocess.run(words, check=True)
    return paths


def make_head(options):
    """A reward model that ganrm and the script both can compute. What it has learnt does not matter."""
    head = folder / "end-to-end.safetensors"
    if not head.exists():
        proxy, generated = [[str(options.footage / name) for name in footage.VIDEOS[part::2]] for part in (0, 1)]
        words = [str(options.ganrm), "train", "-q", "--proxy", *proxy, "--generated", *generated]
        words += ["--encoder", ENCODER, "--weights", options.default_weights]
        words += ["--taps", ",".join(map(str, TAPS)), "--frames", str(FRAMES)]
        words += ["--architecture", "linear", "--steps", "200", "--learning-rate", "0.01", "--standardize"]
        subprocess.run([*words, "--validation-share", "0", "--no-sanity", "-o", str(head)], check=True)
    return head


def make_models(options):
    """OpenVINO's models, by side."""
    of = ARCHITECTURES[ENCODER]
    frames = footage.clips(options.footage, of, options.calibration, is_calibration=True)
    pixels = footage.normalized(of, frames)
    models = {}
    for kind, calibration in [("full", None), ("int8", pixels)]:
        models[kind] = folder / f"exported/end-to-end-{kind}.xml"
        models[kind].parent.mkdir(exist_ok=True)
        if not models[kind].exists():
            export_model(options.default_weights, TAPS, FRAMES, calibration, models[kind])
    return models


def timed(words, held):
    """Wall and processor seconds, and the rows."""
    before = os.times()
    start = time.perf_counter()
    output = subprocess.run(words, check=True, capture_output=True, text=True, env=held.environment).stdout
    seconds = time.perf_counter() - start
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, processor, [json.loads(line) for line in output.splitlines()]


def measure(held, videos, head, models, options):
    full = "bf16" if held.level in levels.HAVE_BF16 else "f32"
    script = [sys.executable, str(pathlib.Path(__file__).with_name("score_video.py"))]
    cache = str(folder / f"cache-{held.level}")
    score = [str(options.ganrm), "score", "--no-store", "-q", "--model", str(head), "--precision"]
    sides = {f"ganrm {full}": [*score, full], "ganrm int8": [*score, "int8"]}
    for kind, name in [("full", full), ("int8", "int8")]:
        sides[f"python {name}"] = [*script, str(models[kind]), str(head), str(FRAMES), cache, full]
    bench = [str(options.ganrm), "bench", "--model", str(head), "--precision", full, "--runs", "5", "--json"]
    # OpenVINO compiles the model and keeps it; the page cache holds the rest.
    for words in sides.values():
        timed([*words, videos[0]], held)

    wall, processor, first = ({side: [] for side in sides} for _ in range(3))
    alone = []
    rows = {}
    for round in range(options.rounds):
        for side, words in sides.items():
            seconds, spent, rows[side] = timed([*words, *videos], held)
            wall[side].append(seconds)
            processor[side].append(spent)
            for _ in range(3):
                first[side].append(timed([*words, videos[0]], held)[0])
        [report] = timed(bench, held)[2]
        alone.append(report["encode"]["median_seconds_per_clip"] * len(videos))
        print(f"round {round + 1}: encoder alone {alone[-1]:.2f} s; " + "; ".join(
            f"{side} {wall[side][-1]:.2f} s, first score {first[side][-1]:.3f} s" for side in sides), file=sys.stderr)
    reference = f"ganrm {full}"
    ranks = {side: np.argsort(np.argsort([row["logit"] for row in rows[side]])) for side in sides}

    def by_side(seconds):
        return {side: results.seconds_of(runs) for side, runs in seconds.items()}

    entry = {
        "level": held.level, "held_by": held.means, "videos": len(videos), "precision": full,
        "wall": by_side(wall), "processor": by_side(processor), "first": by_side(first),
        "encoder_alone": results.seconds_of(alone),
        # With Python not 1: OpenCV's bicubic filter is not the one that the encoder was trained with.
        "rank_correlation": {
            side: float(np.corrcoef(ranks[reference], ranks[side])[0, 1]) for side in sides if side != reference},
    }
    results.keep("end_to_end", entry, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    results.add_options(parser, PACKAGES)
    levels.add_option(parser)
    parser.add_argument("--footage", type=pathlib.Path, required=True)
    parser.add_argument("--default-weights", required=True)
    parser.add_argument("--videos", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calibration", type=int, default=128, help="frames to calibrate int8 with")
    options = parser.parse_args()
    folder.mkdir(parents=True, exist_ok=True)
    videos = make_videos(options.footage, options.videos)
    head, models = make_head(options), make_models(options)
    for held in levels.chosen(options.levels, folder):
        print(held.level, file=sys.stderr)
        measure(held, videos, head, models, options)


if __name__ == "__main__":
    main()
