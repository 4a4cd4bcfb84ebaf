#!/usr/bin/env python3
"""How long the last workers of a sharded job hold up its end: tail.py [FIGURE.svg]

Simulates `ganrm score --shard I/N` on an array of jobs: 1,000,000 clips, every N-th in one shard, 64 workers of
which each takes the next shard when it has done one. Writes the figure and prints the table of docs/scale.md; both come from
the seeds below. Before that it compares the simulation with cases that can be computed by hand.
"""

import heapq
import sys

import numpy as np

CLIPS, WORKERS, SECONDS, START, SEEDS = 1_000_000, 64, 0.2, 2.0, range(20)
SHARDS = [1, 2, 4, 8, 16, 32, 64]  # For each worker.
NAMES = {
    "equal": "clips of equal length",
    "log-normal": "log-normal lengths (σ = 1)",
    "heavy": "Pareto lengths (α = 1.2, up to 1,000 means)",
    "slow": "equal lengths, half of the machines 1.5 times slower",
    "lost": "equal lengths, a shard in 20 begun anew half-way",
}
COLORS = {"equal": "#1f77b4", "log-normal": "#2ca02c", "heavy": "#d62728", "slow": "#9467bd", "lost": "#8c564b"}


def lengths(name, clips, random):
    """Seconds of each clip on a fast machine, with the mean `SECONDS`."""
    if name == "log-normal":
        values = random.lognormal(0, 1, clips)
    elif name == "heavy":
        values = np.minimum(1 + random.pareto(1.2, clips), 1000)
    else:
        values = np.ones(clips)
    return values * (SECONDS / values.mean())


def makespan(shards, speeds, start, lost=None):
    """Seconds until all shards are done.

    Args:
        shards: Seconds of each shard, in the order in which they are taken.
        speeds: Of each worker.
        start: Seconds at the beginning of a shard, of any worker.
        lost: For each shard, whether its first half is done twice; None: of none.
    """
    free = [(0.0, worker) for worker in range(len(speeds))]
    heapq.heapify(free)
    end = 0.0
    for number, seconds in enumerate(shards):
        begin, worker = heapq.heappop(free)
        again = lost is not None and lost[number]
        done = begin + start * (1 + again) + seconds * (1.5 if again else 1) / speeds[worker]
        heapq.heappush(free, (done, worker))
        end = max(end, done)
    return end


def excess(name, per_worker, seed):
    """Percent by which a job lasts longer than if all workers were busy to its end, with no start-up."""
    random = np.random.default_rng([seed, list(NAMES).index(name)])
    seconds = lengths(name, CLIPS, random)
    count = per_worker * WORKERS
    shards = np.bincount(np.arange(CLIPS) % count, seconds, count)
    speeds = np.ones(WORKERS)
    if name == "slow":
        speeds[random.permutation(WORKERS)[: WORKERS // 2]] = 1 / 1.5
    lost = random.random(count) < 0.05 if name == "lost" else None
    return 100 * (makespan(shards, speeds, START, lost) / (seconds.sum() / speeds.sum()) - 1)


def check():
    """Cases whose end is known."""
    # One shard for each of two workers, one of which takes 1.5 times as long.
    assert makespan([10, 10], [1, 1 / 1.5], 0) == 15
    # Three shards: the fast worker, free after 10, takes the third.
    assert makespan([10, 10, 10], [1, 1 / 1.5], 0) == 20
    assert makespan([10, 10], [1, 1], 3, [True, False]) == 21
    # Half of the machines slower, one shard each: 1.5 · (1 + 1 / 1.5) / 2 = 1.25 of the time, and the start.
    share = -(-CLIPS // WORKERS)  # The largest shard.
    ideal = CLIPS * SECONDS / (WORKERS * (1 + 1 / 1.5) / 2)
    assert abs(excess("slow", 1, 0) - 100 * ((share * SECONDS * 1.5 + START) / ideal - 1)) < 1e-6
    # Graham's bound of list scheduling: at most the largest shard beyond the mean.
    random = np.random.default_rng(1)
    for _ in range(50):
        shards = random.pareto(1.2, 200)
        assert makespan(shards, np.ones(8), 0) <= shards.sum() / 8 + shards.max() * 7 / 8 + 1e-9


def figure(found):
    """Medians as lines, 10 to 90 % of the seeds as bars; both axes logarithmic."""
    width, height, left, right, top, bottom = 720, 480, 64, 16, 118, 52
    low, high = 0.05, 100.0

    def x(per_worker):
        return left + (width - left - right) * np.log2(per_worker) / np.log2(SHARDS[-1])

    def y(percent):
        share = np.log(min(max(percent, low), high) / low) / np.log(high / low)
        return top + (height - top - bottom) * (1 - share)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for percent in [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]:
        parts.append(f'<path d="M{left} {y(percent):.1f}H{width - right}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y(percent) + 4:.1f}" text-anchor="end">{percent:g} %</text>')
    for per_worker in SHARDS:
        parts.append(f'<path d="M{x(per_worker):.1f} {top}V{height - bottom}" stroke="#eee"/>')
        parts.append(
            f'<text x="{x(per_worker):.1f}" y="{height - bottom + 18}" text-anchor="middle">{per_worker}</text>'
        )
    parts.append(f'<text x="{left}" y="20">time beyond that of workers that are all busy to the end</text>')
    middle = (left + width - right) / 2
    parts.append(f'<text x="{middle}" y="{height - 14}" text-anchor="middle">shards per worker</text>')
    for row, (name, title) in enumerate(NAMES.items()):
        color = COLORS[name]
        points = []
        for per_worker in SHARDS:
            tenth, median, ninetieth = np.percentile(found[name, per_worker], [10, 50, 90])
            points.append(f"{x(per_worker):.1f} {y(median):.1f}")
            parts.append(
                f'<path d="M{x(per_worker):.1f} {y(tenth):.1f}V{y(ninetieth):.1f}" stroke="{color}" stroke-opacity=".4"'
                ' stroke-width="4"/>'
            )
        parts.append(f'<path d="M{" L".join(points)}" fill="none" stroke="{color}" stroke-width="2"/>')
        line = 42 + 18 * row
        parts.append(f'<path d="M{left} {line - 4}h24" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<text x="{left + 32}" y="{line}">{title}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main():
    check()
    found = {(name, count): [excess(name, count, seed) for seed in SEEDS] for name in NAMES for count in SHARDS}
    print("| " + " | ".join(["shards per worker", *map(str, SHARDS)]) + " |")
    print("| " + " | ".join(["---"] * (len(SHARDS) + 1)) + " |")
    for name, title in NAMES.items():
        print("| " + " | ".join([title, *(f"{np.median(found[name, count]):.1f} %" for count in SHARDS)]) + " |")
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(figure(found))


if __name__ == "__main__":
    main()
