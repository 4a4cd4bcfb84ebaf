"""Times the whole job: 200 short videos in, scores out; and one video from the start of the process.

ganrm with the default reward model against `score_video.py`, in turn. The videos are pieces of real footage as
generators write them: 16 frames of 512 x 320, H.264. Both read them from the page cache; ganrm without its store.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np
import run
from score_video import export_model

root, folder, ganrm = run.root, run.folder, run.ganrm
# Of the default reward model.
FRAMES, TAPS = 8, (6, 11)


def make_videos(footage, count):
    target = folder / "videos"
    target.mkdir(exist_ok=True)
    sources = [footage / name for name in ["bikes.mp4", "bigbuckbunny.mp4", "carphone_pristine.mp4",
                                           "carphone_distorted.mp4"]]
    paths = []
    for number in range(count):
        path = target / f"{number:03}.mp4"
        paths.append(str(path))
        if path.exists():
            continue
        source = sources[number % len(sources)]
        start = number // len(sources) * 0.07
        fit = "fps=8,scale=512:320,setsar=1,trim=end_frame=16"
        words = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", f"{start:.2f}", "-i", str(source), "-vf", fit]
        words += ["-an", "-c:v", "libx264", "-crf", "20", "-pix_fmt", "yuv420p", str(path)]
        subprocess.run(words, check=True)
    return paths


def timed(words):
    """Wall and processor seconds, and the rows."""
    before = os.times()
    start = time.perf_counter()
    output = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    seconds = time.perf_counter() - start
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, processor, [json.loads(line) for line in output.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--footage", type=pathlib.Path, required=True)
    parser.add_argument("--default-weights", required=True)
    parser.add_argument("--videos", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    videos = make_videos(options.footage, options.videos)
    model = folder / "exported/default.xml"
    model.parent.mkdir(exist_ok=True)
    if not model.exists():
        export_model(options.default_weights, TAPS, FRAMES, model)
    head = root / "models/default.safetensors"
    script = str(pathlib.Path(__file__).with_name("score_video.py"))
    python = [sys.executable, script, str(model), str(head), str(FRAMES), str(folder / "cache")]
    score = [str(ganrm), "score", "--no-store", "-q", "--frames", str(FRAMES), "--precision"]
    sides = {"ganrm": [*score, "bf16"], "ganrm int8": [*score, "int8"], "python": python}
    bench = [str(ganrm), "bench", "--precision", "bf16", "--frames", str(FRAMES), "--runs", "5", "--json"]
    # OpenVINO compiles the model and keeps it; the page cache holds the rest.
    for words in sides.values():
        timed([*words, videos[0]])

    wall, processor, first = ({side: [] for side in sides} for _ in range(3))
    alone = []
    rows = {}
    for round in range(options.rounds):
        for side, words in sides.items():
            seconds, spent, rows[side] = timed([*words, *videos])
            wall[side].append(seconds)
            processor[side].append(spent)
            for _ in range(3):
                first[side].append(timed([*words, videos[0]])[0])
        [report] = timed(bench)[2]
        alone.append(report["encode"]["median_seconds_per_clip"] * len(videos))
        print(f"round {round + 1}: encoder alone {alone[-1]:.2f} s; " + "; ".join(
            f"{side} {wall[side][-1]:.2f} s, first score {first[side][-1]:.3f} s" for side in sides), file=sys.stderr)
    ranks = {side: np.argsort(np.argsort([row["logit"] for row in rows[side]])) for side in sides}
    result = {
        "videos": len(videos), **run.surroundings(),
        "wall": wall, "processor": processor, "first": first, "encoder_alone": alone,
        # To Python's not 1: OpenCV's bicubic filter is not the one that the encoder was trained with.
        "rank_correlation": {
            side: float(np.corrcoef(ranks["ganrm"], ranks[side])[0, 1]) for side in ["ganrm int8", "python"]},
    }
    print({key: statistics.median(value) for key, value in wall.items()}, result["rank_correlation"],
          file=sys.stderr)
    target = folder / "results/end-to-end.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
