#!/usr/bin/env python3
"""Kills parts of a Ray cluster while it scores: chaos_ray.py [--runs 20] [--clips 500] [--seed 0] [--faults NAME...]

Each run is a cluster of three raylets on this machine, a driver that scores tiny clips into a folder, and
faults at random times of a generator with the seed. A driver that ends early is started again, as a batch
system does. Afterwards it must hold:

- the ids of the rows are those of the inputs, each once;
- every row is that of one process, `ganrm score --list`, to the last bit, but for planted clips, which have
  errors: one is no video, one ends the process that reads it, one takes for ever;
- no `ganrm` runs any more, and another run of the driver adds no file.

A line of JSON for each run, and exit code 1 if one fails. It needs Ray, pyarrow, ffmpeg and a C compiler, and
the package as the tests have it (PYTHONPATH, GANRM_COMMAND).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAULTS = ("worker", "actor", "raylet", "lost", "driver", "stop", "disk")
PLANTED = ("bad", "crashing", "endless")
TIMEOUT = 10
# Clips of a millisecond would leave no time for faults. The command stays the process that the worker is.
SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
static int opened(const char *name, const char *path, int flags, int mode) {
    int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    if (strstr(path, "/clips/")) usleep(MICROSECONDS);
    if (strstr(path, "crashing")) raise(SIGSEGV);
    while (strstr(path, "endless")) pause();
    return next(path, flags, mode);
}
#define OPEN(name) int name(const char *path, int flags, ...) { \\
    va_list list; va_start(list, flags); int mode = va_arg(list, int); va_end(list); \\
    return opened(#name, path, flags, mode); }
OPEN(open)
OPEN(open64)
"""


@dataclass(frozen=True)
class Material:
    """A tiny model, clips and what one process makes of them.

    Attributes:
        arguments: Of `ganrm.load`.
        command: The command, which is slow, crashes and hangs at the planted clips.
        inputs: Paths by id.
        expected: Rows of the command by id, without those of planted clips.
    """

    folder: pathlib.Path
    arguments: dict[str, str]
    command: pathlib.Path
    inputs: dict[str, str]
    expected: dict[str, dict[str, Any]]


def prepare(folder: pathlib.Path, clips: int, milliseconds: int) -> Material:
    from ganrm._installed import command_path

    command = command_path()
    subprocess.run([sys.executable, ROOT / "Tests/Library/tiny-encoder.py", folder], check=True)
    media = folder / "clips"
    media.mkdir()
    # A keyframe at the first of each 16 frames, where the file is cut.
    ffmpeg = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i"]
    ffmpeg += ["testsrc2=size=64x64:rate=8", "-frames:v", str(16 * clips), "-vf"]
    ffmpeg += [
        "noise=alls=20:all_seed=1:allf=t",
        "-c:v",
        "mpeg4",
        "-q:v",
        "4",
        "-g",
        "16",
        "-bf",
        "0",
    ]
    ffmpeg += ["-f", "segment", "-segment_time", "2", media / "%05d.mp4"]
    subprocess.run(ffmpeg, check=True)
    paths = sorted(media.iterdir())
    assert len(paths) == clips, (len(paths), clips)
    arguments = {
        "model": str(folder / "head.safetensors"),
        "encoder": str(folder / "tiny.json"),
        "weights": str(folder / "tiny.safetensors"),
    }
    model = [
        "--encoder",
        arguments["encoder"],
        "--weights",
        arguments["weights"],
        "--no-store",
        "-q",
    ]
    train = [
        command,
        "train",
        *model,
        "--steps",
        "20",
        "--warm-up-steps",
        "5",
        "-o",
        arguments["model"],
    ]
    subprocess.run(
        [*train, "--proxy", *paths[:4], "--generated", *paths[-4:]],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    arguments["precision"] = "f32"
    score = [command, "score", *model, "--model", arguments["model"], "--precision", "f32"]
    listed = "".join(
        json.dumps({"id": path.stem, "path": str(path)}) + "\n" for path in paths
    ).encode()
    rows = subprocess.run(
        [*score, "--list", "-"], input=listed, check=True, stdout=subprocess.PIPE
    ).stdout.splitlines()
    expected = {row["id"]: row for row in map(json.loads, rows)}
    for name in PLANTED:
        (media / f"{name}.mp4").write_bytes(random.Random(name).randbytes(4096))
    inputs = {path.stem: str(path) for path in sorted(media.iterdir())}
    (folder / "shim.c").write_text(SHIM)
    subprocess.run(
        ["cc", "-shared", "-fPIC", f"-DMICROSECONDS={1000 * milliseconds}"]
        + ["-o", folder / "shim.so", folder / "shim.c", "-ldl"],
        check=True,
    )
    wrapper = folder / "ganrm"
    wrapper.write_text(f'#!/bin/sh\nLD_PRELOAD={folder}/shim.so exec {command} "$@"\n')
    wrapper.chmod(0o755)
    return Material(folder, arguments, wrapper, inputs, expected)


def drive(address: str, settings: str) -> None:
    """The driver: scores into the folder, as often as it is started."""
    import ray

    from ganrm.integrations import ray as scoring

    options = json.loads(settings)

    def connect() -> None:
        ray.init(address=address, log_to_driver=False, logging_level="error")

    connect()
    ray.data.DataContext.get_current().enable_progress_bars = False
    scoring.supervise(lambda: scoring.score_files(**options), pause=2, connect=connect)
    # As its own rule is: the driver's processes are gone before it is.
    ray.shutdown()


class Run:
    """One cluster, its driver and its faults."""

    def __init__(self, material: Material, output: pathlib.Path, seed: int) -> None:
        from ray.cluster_utils import Cluster

        self._material = material
        self._output = output
        self._random = random.Random(seed)
        self._settings = {
            "inputs": material.inputs,
            "output": str(output),
            "rows_per_block": 10,
            "timeout": TIMEOUT,
            **material.arguments,
        }
        self._node = {"num_cpus": 2, "memory": 8 << 30, "object_store_memory": 80 << 20}
        self._cluster = Cluster(
            initialize_head=True, head_node_args={**self._node, "include_dashboard": False}
        )
        self._nodes = [self._cluster.add_node(**self._node) for _ in range(2)]
        self.drivers = 0
        self.done: list[str] = []
        self._driver = self._start()

    def close(self) -> None:
        self._driver.kill()
        self._driver.wait()
        self._cluster.shutdown()

    def wait(self, faults: list[str], limit: float) -> None:
        """Until the driver is done, with the faults at random times."""
        begin = time.monotonic()
        pause = self._pause()
        while time.monotonic() - begin < limit:
            code = self._driver.poll()
            if code == 0:
                return
            if code is not None:
                self._driver = self._start()
            if faults and self._has_rows() and time.monotonic() > pause:
                fault = faults[0]
                if getattr(self, fault)():
                    self.done.append(faults.pop(0))
                pause = self._pause()
            time.sleep(0.1)
        raise AssertionError(f"not done after {limit:g} s: {self.log()}")

    def rerun(self, limit: float) -> None:
        self._driver = self._start()
        self.wait([], limit)

    def log(self) -> str:
        return (self._material.folder / "driver.log").read_text()[-3000:]

    # The faults: each returns whether there was something to hit.

    def worker(self) -> bool:
        return self._kill(workers(self._material))

    def actor(self) -> bool:
        # Ray names the process after what it runs.
        return self._kill(
            processes(lambda words: words[0].startswith("ray::MapWorker(MapBatches(Sc"))
        )

    def raylet(self) -> bool:
        self.lost()
        self._nodes.append(self._cluster.add_node(**self._node))
        return True

    def lost(self) -> bool:
        """Kills a raylet, for which no other comes: what is left has fewer CPUs than there were actors."""
        node = self._nodes.pop(self._random.randrange(len(self._nodes)))
        node.kill_raylet()
        with contextlib.suppress(Exception):
            self._cluster.remove_node(node, allow_graceful=False)
        return True

    def driver(self) -> bool:
        self._driver.kill()
        self._driver.wait()
        return True

    def stop(self) -> bool:
        """Stops a raylet until the cluster has given it up, and lets it go on."""
        node = self._random.choice(self._nodes)
        (entry,) = node.all_processes["raylet"]
        os.kill(entry.process.pid, signal.SIGSTOP)
        time.sleep(45)
        os.kill(entry.process.pid, signal.SIGCONT)
        return True

    def disk(self) -> bool:
        """Fills the disk until a driver has failed of it, or for some seconds."""
        filler = self._output / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(4096))
        deadline = time.monotonic() + 20
        while self._driver.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        filler.unlink()
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        self.drivers += 1
        with (self._material.folder / "driver.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, __file__, "--drive", self._cluster.address]
                + [json.dumps(self._settings)],
                stdout=log,
                stderr=log,
            )

    def _has_rows(self) -> bool:
        return any((self._output / "rows").glob("*.parquet"))

    def _pause(self) -> float:
        return time.monotonic() + self._random.uniform(2, 6)

    def _kill(self, found: list[int]) -> bool:
        if not found:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._random.choice(found), signal.SIGKILL)
        return True


def processes(condition: Callable[[list[str]], bool]) -> list[int]:
    found: list[int] = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            if state != "Z" and condition(words):
                found.append(int(entry.name))
    return sorted(found)


def workers(material: Material) -> list[int]:
    option = f"--model={material.arguments['model']}"
    return processes(lambda words: option in words)


def check(material: Material, output: pathlib.Path) -> dict[str, int]:
    """What must hold of the rows; returns how many files and rows there are."""
    import pyarrow.parquet

    from ganrm.integrations import ray as scoring

    files = sorted((output / "rows").glob("*.parquet"))
    raw = [name for file in files for name in pyarrow.parquet.read_table(file)["id"].to_pylist()]
    rows = scoring.results(output).to_pylist()
    assert [row["id"] for row in rows] == list(material.inputs), "ids"
    for row in rows:
        assert row["path"] == material.inputs[row["id"]], row
        if row["id"] in PLANTED:
            assert row["error"] is not None and row["logit"] is None and row["score"] is None, row
            continue
        expected = material.expected[row["id"]]
        assert row["error"] is None, row
        assert (row["score"], row["logit"]) == (expected["score"], expected["logit"]), (
            row,
            expected,
        )
        assert row["fingerprint"] == expected["model"]["fingerprint"], row
        assert row["precision"] == expected["precision"], row
    return {"files": len(files), "rows": len(rows), "written_twice": len(raw) - len(set(raw))}


@contextlib.contextmanager
def small_disk(folder: pathlib.Path, is_small: bool) -> Iterator[pathlib.Path]:
    """A folder of 4 MiB, for which this has to be root, or one like any other."""
    folder.mkdir()
    if is_small:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "ganrm", folder], check=True)
    try:
        yield folder
    finally:
        if is_small:
            subprocess.run(["umount", "--lazy", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def one(material: Material, seed: int, faults: list[str], limit: float) -> dict[str, Any]:
    begin = time.monotonic()
    report: dict[str, Any] = {"seed": seed, "faults": list(faults)}
    output = material.folder / f"output-{seed}"
    (material.folder / "driver.log").write_bytes(b"")
    with small_disk(output, "disk" in faults):
        run = Run(material, output, seed)
        try:
            run.wait(list(faults), limit)
            report["seconds"] = round(time.monotonic() - begin, 1)
            report |= {"struck": run.done, "drivers": run.drivers, **check(material, output)}
            deadline = time.monotonic() + 20
            while (orphans := workers(material)) and time.monotonic() < deadline:
                time.sleep(0.2)
            assert not orphans, f"{orphans} outlive their driver"
            run.rerun(limit)
            assert check(material, output)["files"] == report["files"], "a rerun adds files"
            report["passed"] = True
        except Exception as problem:
            report |= {"passed": False, "problem": f"{type(problem).__name__}: {problem}"}
        finally:
            run.close()
        deadline = time.monotonic() + 20
        while (orphans := workers(material)) and time.monotonic() < deadline:
            time.sleep(0.2)
        if orphans:
            report |= {"passed": False, "orphans": orphans}
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--clips", type=int, default=500, help="beside the planted ones")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the first run; the next have the next"
    )
    parser.add_argument("--faults", nargs="+", choices=FAULTS, help="of every run, in this order")
    parser.add_argument("--delay", type=int, default=100, help="milliseconds that a clip takes")
    parser.add_argument("--limit", type=float, default=1200, help="seconds of a run")
    parser.add_argument("--drive", nargs=2, metavar=("ADDRESS", "SETTINGS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.drive:
        drive(*given.drive)
        return 0
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    failed = 0
    with tempfile.TemporaryDirectory(prefix="ganrm-chaos-") as folder:
        material = prepare(pathlib.Path(folder), given.clips, given.delay)
        os.environ["GANRM_COMMAND"] = str(material.command)
        for seed in range(given.seed, given.seed + given.runs):
            # Each fault is the first of every seventh run.
            others = random.Random(seed).sample(FAULTS, 3)
            faults = given.faults or list(dict.fromkeys([FAULTS[seed % len(FAULTS)], *others]))[:3]
            report = one(material, seed, faults, given.limit)
            failed += not report["passed"]
            print(json.dumps(report), flush=True)
    print(f"{given.runs - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
