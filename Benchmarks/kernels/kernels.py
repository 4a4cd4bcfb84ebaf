#!/usr/bin/env python3
"""Measures the kernels of this processor's CPU levels and redraws their tables in docs/performance.md:
Benchmarks/kernels/kernels.py [--rounds N | --draw]

Compiles kernels.c with clang and the package manager's optimisation. Results of other processors stay in
Benchmarks/kernels/results, one file each; --draw only redraws the tables.
"""

import argparse
import datetime
import json
import pathlib
import platform
import re
import statistics
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
PAGE = ROOT / "docs/performance.md"
PROGRAM = ROOT / ".build/bench-kernels"
DTYPES = ["f32", "bf16", "int8"]
# Encoders compute bf16 in f32 at the other levels.
BF16_LEVELS = {"avx512_bf16", "amx", "neon_bf16"}


def processor():
    facts = {}
    for line in open("/proc/cpuinfo"):
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    name = facts.get("model name", platform.machine())
    return f"{name} (family {facts['cpu family']}, model {facts['model']})" if "cpu family" in facts else name


def measure(rounds):
    sources = [str(path) for path in sorted((ROOT / "Sources/CKernels").glob("*/*.c"))]
    kernels = ROOT / "Sources/CKernels"
    PROGRAM.parent.mkdir(exist_ok=True)
    subprocess.run(
        ["clang", "-O2", "-I", kernels / "include", "-I", kernels, FOLDER / "kernels.c", *sources, "-lm", "-o", PROGRAM],
        check=True)
    lines = subprocess.run([PROGRAM, str(rounds)], capture_output=True, text=True, check=True).stdout.splitlines()
    speeds = {}
    for line in lines:
        found = json.loads(line)
        quartiles = statistics.quantiles(found["speeds"], n=4) if rounds > 1 else found["speeds"] * 3
        speeds.setdefault(found["kernel"], {}).setdefault(found["level"], {})[found["dtype"]] = {
            "median": quartiles[1], "quartiles": [quartiles[0], quartiles[2]]}
    commit = subprocess.run(
        ["git", "describe", "--always"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    return {
        "processor": processor(), "date": datetime.date.today().isoformat(), "commit": commit, "rounds": rounds,
        "operations_per_second": speeds}


def drawn(result):
    lines = [
        f"{result['processor']}, {result['date']}, commit {result['commit']}, medians of {result['rounds']} rounds:", "",
        "| kernel | level | f32 | bf16 | int8 | int8 / f32 |", "| --- | --- | --- | --- | --- | --- |"]
    for kernel, levels in result["operations_per_second"].items():
        for level, speeds in levels.items():
            medians = {dtype: speeds[dtype]["median"] / 1e9 for dtype in DTYPES}
            cells = [kernel, f"`{level}`", *(
                "as f32" if dtype == "bf16" and level not in BF16_LEVELS else f"{medians[dtype]:.0f}"
                for dtype in DTYPES), f"**{medians['int8'] / medians['f32']:.2f}**"]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--draw", action="store_true", help="redraw the tables without measuring")
    options = parser.parse_args()
    if not options.draw:
        result = measure(options.rounds)
        name = re.sub(r"[^a-z0-9]+", "-", result["processor"].lower()).strip("-")
        (FOLDER / "results").mkdir(exist_ok=True)
        (FOLDER / f"results/{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    results = sorted(
        (json.loads(path.read_text()) for path in (FOLDER / "results").glob("*.json")),
        key=lambda result: result["processor"])
    tables = "\n\n".join(map(drawn, results))
    PAGE.write_text(re.sub(
        r"(<!-- begin levels -->\n).*?(<!-- end levels -->)", lambda match: match[1] + tables + "\n" + match[2],
        PAGE.read_text(), flags=re.S))
