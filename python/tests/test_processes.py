"""Threads, children of every start method, workers that die, interrupts, memory."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import multiprocessing
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import ganrm

from conftest import HEIGHT, RATE, WIDTH, Tiny, decoded, ffmpeg

METHODS = ["fork", "spawn", "forkserver"]
# Python 3.12 warns of every fork of a process with threads, which is what is tested here.
may_fork = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def logits(model: ganrm.Model, clip: pathlib.Path, frames: Any) -> tuple[float, float]:
    return model.score(clip).logit, model.score(frames, fps=RATE).logit


def score_in_child(arguments: tuple[ganrm.Model, pathlib.Path, Any]) -> tuple[float, float]:
    return logits(*arguments)


@may_fork
@pytest.mark.parametrize("method", METHODS)
def test_children_score_as_their_parent(model: ganrm.Model, tiny: Tiny, method: str) -> None:
    frames = [decoded(clip) for clip in tiny.clips]
    # Open in the parent, with workers that run and threads of the library.
    expected = [logits(model, *pair) for pair in zip(tiny.clips, frames, strict=True)]
    jobs = [(model, *pair) for pair in zip(tiny.clips, frames, strict=True)] * 5
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(4, mp_context=context) as executor:
        assert list(executor.map(score_in_child, jobs, timeout=120)) == expected * 5
    assert logits(model, tiny.clips[0], frames[0]) == expected[0]


_inherited: ganrm.Model | None = None


def score_inherited(arguments: tuple[pathlib.Path, Any]) -> tuple[float, float]:
    assert _inherited is not None
    return logits(_inherited, *arguments)


@may_fork
def test_a_forked_child_opens_anew_while_threads_of_the_parent_score(tiny: Tiny) -> None:
    global _inherited
    clip, frames = tiny.clips[0], decoded(tiny.clips[0])
    with tiny.load(threads=3, workers=2) as _inherited:
        expected = logits(_inherited, clip, frames)
        is_done = threading.Event()
        found: list[tuple[float, float]] = []

        def busy() -> None:
            assert _inherited is not None
            while not is_done.is_set():
                found.append(logits(_inherited, clip, frames))

        threads = [threading.Thread(target=busy) for _ in range(3)]
        for thread in threads:
            thread.start()
        context = multiprocessing.get_context("fork")
        for _ in range(10):
            with context.Pool(2) as pool:
                result = pool.map_async(score_inherited, [(clip, frames)] * 4)
                assert result.get(60) == [expected] * 4
        is_done.set()
        for thread in threads:
            thread.join()
        assert set(found) == {expected}


@may_fork
def test_handles_of_a_parent_are_refused_in_a_child(model: ganrm.Model, tiny: Tiny) -> None:
    frame = decoded(tiny.image)[0]
    stream = ganrm.Filter(model)
    stream.push(frame)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            stream.push(frame)
        except ganrm.GanrmError as problem:
            os.write(writing, str(problem).encode())
        stream.close()
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        assert f"opened in process {os.getpid()}; open it here" in pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    stream.push(frame)
    assert stream.pending >= 0
    stream.close()


@may_fork
def test_results_of_a_parent_are_refused_in_a_child(model: ganrm.Model, tiny: Tiny) -> None:
    results = model.score_many(tiny.clips)
    next(results)
    child = os.fork()
    if child == 0:
        try:
            next(results)
        except ganrm.GanrmError as problem:
            os._exit(0 if f"of process {os.getppid()}" in str(problem) else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert len(list(results)) == 3


@may_fork
@pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")
@pytest.mark.parametrize("method", METHODS)
def test_workers_of_a_data_loader_score(model: ganrm.Model, tiny: Tiny, method: str) -> None:
    data = pytest.importorskip("torch.utils.data")
    expected = model.score(tiny.clips[0]).logit
    model.score(decoded(tiny.clips[0]))
    samples = Samples(model, tiny.clips[0], 200)
    loader = data.DataLoader(
        samples, batch_size=10, num_workers=4, multiprocessing_context=method, timeout=120
    )
    batches = list(loader)
    assert [batch["logit"].tolist() for batch in batches] == [[expected] * 10] * 20
    assert {threads for batch in batches for threads in batch["threads"].tolist()} == {1}


class Samples:
    """A data set whose samples are scored by the worker that loads them."""

    def __init__(self, model: ganrm.Model, clip: pathlib.Path, count: int) -> None:
        self._model = model
        self._clip = clip
        self._frames = decoded(clip)
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> dict[str, Any]:
        from ganrm._processors import thread_count

        media = self._clip if index % 2 else self._frames
        score = self._model.score(media, fps=None if index % 2 else RATE)
        return {"logit": score.logit, "threads": thread_count()}


def test_threads_score_at_once(tiny: Tiny) -> None:
    with tiny.load(workers=2) as model:
        frames = [decoded(clip) for clip in tiny.clips]
        expected = [logits(model, *pair) for pair in zip(tiny.clips, frames, strict=True)]
        with concurrent.futures.ThreadPoolExecutor(8) as executor:
            found = executor.map(
                lambda index: logits(model, tiny.clips[index % 4], frames[index % 4]), range(80)
            )
            assert list(found) == expected * 20


def test_a_model_is_pickled_as_its_arguments(model: ganrm.Model, tiny: Tiny) -> None:
    score = model.score(tiny.clips[0])
    copy = pickle.loads(pickle.dumps(model))
    assert repr(copy) == repr(model)
    with copy:
        assert copy.score(tiny.clips[0]) == score


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_values_are_pickled_by_every_protocol(
    model: ganrm.Model, tiny: Tiny, protocol: int
) -> None:
    # Protocol 5 is the default since Python 3.14, 4 before.
    score = dataclasses.replace(model.score(tiny.clips[0]), parts=ganrm.Parts(2.0, 0.5))
    ranking = model.rank({"a cat": [str(tiny.clips[0]), "/nowhere"]})
    for value in [score, ganrm.Result(1, score), ranking[0], ganrm.MediaError("words", -5), model]:
        restored = pickle.loads(pickle.dumps(value, protocol))
        assert repr(restored) == repr(value) and str(restored) == str(value)
    restored = pickle.loads(pickle.dumps(ranking, protocol))
    assert list(restored) == list(ranking) and restored.best == ranking.best


def test_a_server_of_forks_may_import_the_package(tiny: Tiny) -> None:
    """As the default start method of Python 3.14 has it, with what a program preloads."""
    script = tiny.folder / "forkserver.py"
    script.write_text(
        "import concurrent.futures, multiprocessing, pathlib, sys, ganrm\n"
        "def score(job): return job[0].score(job[1]).logit\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('forkserver')\n"
        "    multiprocessing.set_forkserver_preload(['numpy', 'ganrm'])\n"
        f"    model = ganrm.load(**{ {name: str(value) for name, value in tiny.arguments.items() if name != 'threads'}!r})\n"
        "    clip = sys.argv[1]\n"
        "    expected = model.score(clip).logit\n"
        "    with concurrent.futures.ProcessPoolExecutor(2) as executor:\n"
        "        assert list(executor.map(score, [(model, clip)] * 8)) == [expected] * 8\n"
    )
    subprocess.run([sys.executable, "-W", "error", script, tiny.clips[0]], check=True, timeout=300)


def test_a_worker_that_is_killed_is_replaced_and_names_its_file(tiny: Tiny) -> None:
    slow = long_clip(tiny)
    with tiny.load() as model:
        logit = model.score(tiny.clips[0]).logit
        (first,) = model._opening.pool().process_ids
        killer = threading.Timer(0.3, os.kill, (first, signal.SIGKILL))
        killer.start()
        with pytest.raises(
            ganrm.MediaError, match=r"slow\.mkv' ended the process .*signal 9, SIGKILL"
        ):
            model.score(slow)
        killer.join()
        assert model.score(tiny.clips[0]).logit == logit
        (second,) = model._opening.pool().process_ids
        assert second != first


@pytest.mark.parametrize("is_dead", [True, False])
def test_a_worker_that_dies_between_two_files_is_replaced(
    tiny: Tiny, caplog: pytest.LogCaptureFixture, is_dead: bool
) -> None:
    with tiny.load() as model:
        score = model.score(tiny.clips[0])
        pool = model._opening.pool()
        (idle,) = pool.process_ids
        if is_dead:
            os.kill(idle, signal.SIGKILL)
            assert eventually(lambda: not is_running(idle))
            assert model.score(tiny.clips[0]) == score
        else:
            # Stopped, it is as one that takes a while to die, as with much memory: the request can
            # still be written.
            os.kill(idle, signal.SIGSTOP)
            assert eventually(lambda: is_stopped(idle))
            killer = threading.Timer(0.3, os.kill, (idle, signal.SIGKILL))
            killer.start()
            assert model.score(tiny.clips[0]) == score
            killer.join()
        assert pool.process_ids not in ([], [idle])
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("ganrm", "WARNING")
    assert f"process {idle}, which was idle, has ended (signal 9, SIGKILL)" in record.getMessage()


def test_a_file_that_takes_too_long_is_given_up(tiny: Tiny) -> None:
    slow = long_clip(tiny)
    with tiny.load() as model:
        model.score(tiny.clips[0])
        (first,) = model._opening.pool().process_ids
        with pytest.raises(ganrm.MediaError, match=r"slow\.mkv' took longer than 0\.2 s"):
            model.score(slow, timeout=0.2)
        assert not is_running(first)
        results = list(model.score_many([tiny.clips[0], slow, tiny.clips[1]], timeout=6))
        assert [bool(result) for result in results] == [True, False, True]


def test_a_file_that_ended_its_worker_is_tried_again(tiny: Tiny) -> None:
    slow = long_clip(tiny)
    with tiny.load() as model:
        model.score(tiny.clips[0])
        pool = model._opening.pool()
        seen: list[int] = []

        def kill() -> None:
            # Each worker of the long clip, and not the one of the clip after it.
            while len(seen) < 3:
                for worker in pool.process_ids:
                    if worker not in seen:
                        seen.append(worker)
                        time.sleep(0.5)
                        os.kill(worker, signal.SIGKILL)
                time.sleep(0.01)

        killer = threading.Thread(target=kill)
        killer.start()
        (failed,) = model.score_many([slow], retries=2)
        killer.join()
        assert failed.error is not None and "SIGKILL" in failed.error and len(seen) == 3
        # A file that is no video is not tried again: its worker answers.
        results = list(model.score_many([tiny.folder / "tiny.json", tiny.clips[0]], retries=9))
        assert [bool(result) for result in results] == [False, True]
        with pytest.raises(ValueError, match="retries are at least 0, not -1"):
            model.score_many([], retries=-1)


def long_clip(tiny: Tiny) -> pathlib.Path:
    """A clip that takes a minute to decode."""
    path = tiny.folder / "slow.mkv"
    if not path.exists():
        second = tiny.folder / "second.mkv"
        ffmpeg(
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=640x480:rate=25:duration=1",
            "-c:v",
            "libx264",
            second,
        )
        ffmpeg("-stream_loop", "2000", "-i", second, "-c", "copy", path)
    return path


def is_running(process: int) -> bool:
    return state(f"{process}") not in ("", "Z")


def is_stopped(process: int) -> bool:
    threads = pathlib.Path(f"/proc/{process}/task").iterdir()
    return {state(f"{process}/task/{thread.name}") for thread in threads} == {"T"}


def state(process: str) -> str:
    """As `ps` has it: T is stopped, Z dead; empty if it is gone."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def run_script(tiny: Tiny, body: str, **arguments: Any) -> subprocess.Popen[str]:
    """A program that has `model`, of `clip` and `slow`."""
    lines = [
        "import os, signal, sys, threading, time, ganrm",
        # A shell starts what it runs in the background with interrupts ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)",
        f"clip, slow = {str(tiny.clips[0])!r}, {str(long_clip(tiny))!r}",
        "model = ganrm.load("
        + ", ".join(
            f"{name}={(str(value) if isinstance(value, os.PathLike) else value)!r}"
            for name, value in tiny.arguments.items()
        )
        + ")",
        body,
    ]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-X", "dev", "-c", "\n".join(lines)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **arguments,
    )


@pytest.mark.parametrize(
    "body",
    [
        "print(model.score(clip).frames)",
        "print(model.score(clip).frames); model.close()",
        "results = model.score_many([clip] * 9); print(next(results).value.frames)",
        # Workers are in the middle of files that take a minute.
        "for result in model.score_many([clip, slow, slow]): print(result.value.frames); break",
        "results = model.score_many([clip, slow, slow]); print(next(results).value.frames)",
        # A daemon thread is in the middle of it.
        "print(model.score(clip).frames)\n"
        "threading.Thread(target=lambda: model.score(slow), daemon=True).start(); time.sleep(0.3)",
        "import numpy as np\nframes = np.zeros((400, 480, 640, 3), np.uint8)\n"
        "print(model.score(clip).frames)\n"
        "threading.Thread(target=lambda: model.score(frames), daemon=True).start(); time.sleep(0.05)",
        "print(model.score(clip).frames); del model",
    ],
)
def test_an_interpreter_ends_without_noise_and_orphans(tiny: Tiny, body: str) -> None:
    before = workers_of(tiny)
    process = run_script(tiny, body)
    output, messages = process.communicate(timeout=20)
    assert (process.returncode, output, messages) == (0, "16\n", "")
    assert workers_of(tiny) - before == set()


@pytest.mark.parametrize(
    "call", ["model.score(slow)", "list(model.score_many([clip, slow, slow, slow]))"]
)
def test_an_interrupt_leaves_no_orphan(tiny: Tiny, call: str) -> None:
    before = workers_of(tiny)
    process = run_script(
        tiny,
        "model.score(clip); print('ready', flush=True)\n"
        f"try: {call}\n"
        "except KeyboardInterrupt: print('interrupted', flush=True)\n"
        "print(model.score(clip).frames)",
        start_new_session=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    time.sleep(0.4)
    begin = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    output, messages = process.communicate(timeout=60)
    assert (process.returncode, output, messages) == (0, "interrupted\n16\n", "")
    assert time.monotonic() - begin < 10
    assert workers_of(tiny) - before == set()


@pytest.mark.parametrize("what", ["time.sleep(60)", "model.score(slow)"])
def test_workers_end_with_a_process_that_is_killed(tiny: Tiny, what: str) -> None:
    before = workers_of(tiny)
    process = run_script(tiny, f"model.score(clip); print('ready', flush=True); {what}")
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    assert len(workers_of(tiny) - before) == 1
    time.sleep(0.3)
    process.kill()
    process.communicate()
    assert eventually(lambda: workers_of(tiny) - before == set())


@may_fork
def test_a_forked_child_does_not_keep_workers_alive(tiny: Tiny) -> None:
    before = workers_of(tiny)
    process = run_script(
        tiny,
        "model.score(clip)\n"
        "import warnings; warnings.simplefilter('ignore', DeprecationWarning)\n"
        "child = os.fork()\n"
        "if child == 0: time.sleep(60); os._exit(0)\n"
        "print(child, flush=True); time.sleep(60)",
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.kill()
    process.wait()
    assert eventually(lambda: workers_of(tiny) - before == set())
    os.kill(child, signal.SIGKILL)
    process.communicate()


def workers_of(tiny: Tiny) -> set[int]:
    """Processes that score with the tiny model."""
    found: set[int] = set()
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if f"--model={tiny.arguments['model']}".encode() in words and is_running(int(entry.name)):
            found.add(int(entry.name))
    return found


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def resident(process: int | str = "self") -> float:
    """MiB."""
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("VmRSS")


def test_memory_stays_the_same_over_ten_thousand_scores(tiny: Tiny) -> None:
    short = tiny.folder / "short.mkv"
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size={WIDTH}x{HEIGHT}:rate={RATE}:duration=0.5", short)
    frames, content = decoded(short), short.read_bytes()
    with tiny.load(workers=2) as model:

        def score(count: int) -> None:
            media = [frames, short, frames, content] * (count // 4)
            assert all(model.score_many(media, fps=RATE))

        score(2_000)
        before = [resident(), *map(resident, model._opening.pool().process_ids)]
        files = len(os.listdir("/proc/self/fd"))
        score(8_000)
        after = [resident(), *map(resident, model._opening.pool().process_ids)]
        assert len(os.listdir("/proc/self/fd")) == files
    assert all(later - earlier < 8 for earlier, later in zip(before, after, strict=True)), (
        before,
        after,
    )


def test_import_loads_neither_the_library_nor_slow_modules() -> None:
    script = (
        "import sys, gc, ctypes, ganrm\n"
        "assert not {'numpy', 'subprocess'} & set(sys.modules)\n"
        "assert all(getattr(ganrm, name) is not None for name in ganrm.__all__)\n"
        "assert set(ganrm.__all__) <= set(dir(ganrm)) and not hasattr(ganrm, 'nothing')\n"
        "slow = {'asyncio', 'http.client', 'multiprocessing', 'unittest', 'urllib.request'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)\n"
        "assert not any('libganrm' in line for line in open('/proc/self/maps'))\n"
        "assert not [x for x in gc.get_objects() if isinstance(x, ctypes._CFuncPtr)\n"
        "            and type(x).__module__.startswith('ganrm')]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("package", ["torch", "av", "cv2", "torchcodec"])
@pytest.mark.parametrize("order", ["before", "after"])
def test_other_packages_with_decoders_are_good_neighbours(
    tiny: Tiny, package: str, order: str
) -> None:
    pytest.importorskip(package)
    lines = [f"import {package}", "print(model.score(clip).frames)"]
    body = "\n".join(lines if order == "before" else [lines[1], lines[0], lines[1]])
    process = run_script(tiny, f"import warnings; warnings.simplefilter('ignore')\n{body}")
    output, messages = process.communicate(timeout=120)
    assert (process.returncode, output) == (0, "16\n" * (1 if order == "before" else 2)), messages
