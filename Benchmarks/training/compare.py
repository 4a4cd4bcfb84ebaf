"""Times `ganrm train` against the same loop in PyTorch, alternating, on the same cores.

    swift build -c release --product ganrm
    python Benchmarks/training/compare.py

Needs torch, numpy and safetensors from PyPI. Both sides train one head of width 1536 on 1,000 embeddings for
2,000 optimiser steps with the paper's settings: batch 8, accumulation 2, AdamW, dropout 0.2, 500
warm-up steps. The time of `ganrm train` includes start-up, reading the embeddings, set-up, evaluation and
writing the head; that of PyTorch includes the steps only. PyTorch draws its own dropout masks. Each round
runs one process per side and variant, alternating, pinned to as many cores as it has threads. A row shows the
median, fastest and slowest round, and compares with PyTorch's fastest variant. The second table shows the time
of `ganrm train` by number of samples; the time per step is the difference between a long and a short training.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import torch
from safetensors.numpy import load_file, save_file

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "fixtures/training"))

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


def time_ours(folder: pathlib.Path, count: int, steps: int, threads: int) -> float:
    command = [
        root / ".build/release/ganrm", "train", "--quiet", "--no-store", "--validation-share", "0",
        "--proxy", folder / f"proxy-{count}.safetensors",
        "--generated", folder / f"generated-{count}.safetensors",
        "--steps", str(steps), "-o", folder / "head.safetensors",
    ]
    start = time.perf_counter()
    subprocess.run(
        [str(word) for word in command], check=True, stderr=subprocess.DEVNULL,
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


def round_of_torch(variant: str, folder: pathlib.Path, count: int, steps: int, threads: int) -> float | None:
    """Seconds of a round in a process of its own; None if PyTorch does not support the variant here."""
    words = [variant, folder, count, steps, threads]
    run = subprocess.run(
        [sys.executable, __file__, "--torch", *map(str, words)], capture_output=True, text=True
    )
    return float(run.stdout.splitlines()[-1]) if run.returncode == 0 else None


def spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f}-{max(seconds):.2f})"


def compare(arguments):
    def output(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    cpu = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
        platform.processor(),
    )
    commit = output("git", "-C", root, "describe", "--always", "--dirty")
    version = output(root / ".build/release/ganrm", "--version")
    print(f"{cpu}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, commit {commit}, ", end="")
    print(f"ganrm {version}, PyTorch {torch.__version__}, {arguments.rounds} rounds of {arguments.steps} steps")
    steps = arguments.steps
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_embeddings(folder, 1000)
        print(f"{'threads':7} {'ours s':>20} " + " ".join(f"{v:>20}" for v in VARIANTS) + "  best PyTorch / ours")
        for threads in arguments.threads:
            ours, theirs = [], {variant: [] for variant in VARIANTS}
            for _ in range(arguments.rounds):
                ours.append(time_ours(folder, 1000, steps, threads))
                for variant, seconds in theirs.items():
                    second = round_of_torch(variant, folder, 1000, steps, threads)
                    if second is not None:
                        seconds.append(second)
            best = min(statistics.median(seconds) for seconds in theirs.values() if seconds)
            cells = [spread(seconds) if seconds else "-" for seconds in theirs.values()]
            print(
                f"{threads:7} {spread(ours):>20} " + " ".join(f"{cell:>20}" for cell in cells)
                + f"  {best / statistics.median(ours):.2f}", flush=True,
            )
        print(f"{'samples':>7} {'whole s':>20} {'ms per step':>20} {'rest s':>20}")
        for count in arguments.samples:
            if count != 1000:
                write_embeddings(folder, count)
            long, short = [], []
            for _ in range(arguments.rounds):
                long.append(time_ours(folder, count, steps, max(arguments.threads)))
                short.append(time_ours(folder, count, 1, max(arguments.threads)))
            per_step = [1e3 * (a - b) / (steps - 1) for a, b in zip(long, short)]
            print(f"{count:7} {spread(long):>20} {spread(per_step):>20} {spread(short):>20}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--samples", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--torch", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.torch:
        variant, folder, count, steps, threads = arguments.torch
        time_torch(variant, pathlib.Path(folder), int(count), int(steps), int(threads))
    else:
        compare(arguments)
