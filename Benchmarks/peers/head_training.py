"""Times `ganrm train` against the same loop in PyTorch, alternating, on the same cores.

Both sides train one head of width 1536 on 1,000 embeddings with the paper's settings: batch 8, accumulation 2, AdamW,
dropout 0.2, 500 warm-up steps. The time of `ganrm train` includes start-up, reading the embeddings, set-up, evaluation
and writing the head; that of PyTorch includes the steps only. PyTorch draws its own dropout masks. Each round runs one
process per side and variant, alternating, pinned to as many cores as it has threads. `--samples` also prints the time
of `ganrm train` by number of samples; the time per step is the difference between a long and a short training.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import levels
import numpy
import results
import torch
from safetensors.numpy import load_file, save_file

sys.path.insert(0, str(results.root / "fixtures/training"))

PACKAGES = ["torch"]
WIDTH, BATCH, ACCUMULATION, WARM_UP, RATE, DROPOUT = 1536, 8, 2, 500, 1e-4, 0.2
# PyTorch's AdamW in a loop over tensors, with foreach, fused, and fused with a compiled model.
VARIANTS = ["loop", "foreach", "fused", "compiled"]


def write_embeddings(folder: pathlib.Path, count: int):
    """Writes two files of embeddings in the format of `ganrm encode`, with half of the samples in each."""
    generator = numpy.random.default_rng(count)
    encoder = {
        "name": "made-up", "fingerprint": "0" * 64, "taps": [12], "embeddingWidth": WIDTH,
        "preprocessing": {
            "resize": "squash", "size": 224, "filter": "pillow_bicubic", "crop": 224,
            "mean": [0, 0, 0], "deviation": [1, 1, 1],
        },
    }
    for side, shift in (("proxy", 0.05), ("generated", -0.05)):
        rows = count // 2
        numbers = generator.standard_normal((rows, WIDTH), numpy.float32) + numpy.float32(shift)
        inputs = [{"input": f"{side}/{i}.mp4", "kind": "video"} for i in range(rows)]
        save_file(
            {"embeddings": numbers},
            folder / f"{side}-{count}.safetensors",
            {
                "inputs": json.dumps(inputs), "encoders": json.dumps({"video": encoder}),
                "sampling": json.dumps({"uniform": {"frameCount": 8}}), "version": "0",
            },
        )


def pin(threads: int):
    """Pins this process and its children to the first available cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def time_ours(folder: pathlib.Path, count: int, steps: int, threads: int, held, program) -> float:
    command = [
        program, "train", "--quiet", "--no-store", "--validation-share", "0",
        "--proxy", folder / f"proxy-{count}.safetensors",
        "--generated", folder / f"generated-{count}.safetensors",
        "--steps", str(steps), "-o", folder / "head.safetensors",
    ]
    start = time.perf_counter()
    subprocess.run(
        [str(word) for word in command], check=True, stderr=subprocess.DEVNULL, env=held.environment,
        preexec_fn=lambda: pin(threads),
    )
    return time.perf_counter() - start


def time_torch(variant: str, folder: pathlib.Path, count: int, steps: int, threads: int):
    """Runs one round of PyTorch and prints the seconds of its steps."""
    from training import RPL, Order

    pin(threads)
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    sides = [load_file(folder / f"{side}-{count}.safetensors")["embeddings"] for side in ("proxy", "generated")]
    x = torch.from_numpy(numpy.concatenate(sides))
    y = torch.cat([torch.ones(len(sides[0])), torch.zeros(len(sides[1]))])
    model = RPL(WIDTH)
    order = Order(list(range(len(sides[0]))), list(range(len(sides[0]), len(x))), [], 0)
    options = {"foreach": {"foreach": True}, "loop": {"foreach": False}}.get(variant, {"fused": True})
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01, **options)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / WARM_UP))
    keep = torch.full((BATCH, WIDTH * 3 // 2), 1 - DROPOUT)

    def loss_of(batch, labels, mask):
        model.mask = mask
        logits = model(batch)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, 1] - logits[:, 0], labels)
        return loss / ACCUMULATION

    if variant == "compiled":
        loss_of = torch.compile(loss_of)

    def step() -> float:
        optimizer.zero_grad()
        total = 0.0
        for _ in range(ACCUMULATION):
            indices = order.draw(BATCH, 0)
            loss = loss_of(x[indices], y[indices], torch.bernoulli(keep).div_(1 - DROPOUT))
            loss.backward()
            total += loss.item()
        optimizer.step()
        schedule.step()
        return total

    if variant == "compiled":
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    print(time.perf_counter() - start)


def round_of_torch(variant: str, folder: pathlib.Path, count: int, steps: int, threads: int, held) -> float | None:
    """Seconds of a round in a process of its own; None if PyTorch does not support the variant here."""
    words = [variant, folder, count, steps, threads]
    run = subprocess.run(
        [sys.executable, __file__, "--torch", *map(str, words)], capture_output=True, text=True, env=held.environment
    )
    return float(run.stdout.splitlines()[-1]) if run.returncode == 0 else None


def measure(folder: pathlib.Path, held, threads: int, options):
    seconds = {"ganrm": [], **{variant: [] for variant in VARIANTS}}
    for _ in range(options.rounds):
        seconds["ganrm"].append(time_ours(folder, 1000, options.steps, threads, held, options.ganrm))
        for variant in VARIANTS:
            of_round = round_of_torch(variant, folder, 1000, options.steps, threads, held)
            if of_round is not None:
                seconds[variant].append(of_round)
    entry = {
        "level": held.level, "held_by": held.means, "threads": threads, "steps": options.steps,
        "seconds": {side: results.seconds_of(runs) for side, runs in seconds.items() if runs},
    }
    medians = {side: round(times["median"], 2) for side, times in entry["seconds"].items()}
    print(f"{held.level}, {threads} threads: {medians}", file=sys.stderr)
    results.keep("training", entry, options)


def measure_samples(folder: pathlib.Path, held, options):
    print(f"{'samples':>7} {'whole s':>8} {'ms per step':>12} {'rest s':>8}")
    for count in options.samples:
        write_embeddings(folder, count)
        long, short = [], []
        for _ in range(options.rounds):
            for seconds, steps in [(long, options.steps), (short, 1)]:
                seconds.append(time_ours(folder, count, steps, max(options.threads), held, options.ganrm))
        whole, rest = statistics.median(long), statistics.median(short)
        print(f"{count:7} {whole:8.2f} {1e3 * (whole - rest) / (options.steps - 1):12.3f} {rest:8.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    results.add_options(parser, PACKAGES)
    levels.add_option(parser)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--samples", type=int, nargs="*", default=[])
    parser.add_argument("--torch", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.torch:
        variant, folder, count, steps, threads = options.torch
        return time_torch(variant, pathlib.Path(folder), int(count), int(steps), int(threads))
    peers = results.root / ".build/peers"
    peers.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_embeddings(folder, 1000)
        for held in levels.chosen(options.levels, peers):
            for threads in options.threads:
                measure(folder, held, threads, options)
            if options.samples:
                measure_samples(folder, held, options)


if __name__ == "__main__":
    main()
