"""`train` and `evaluate` are the commands, `download` their downloads."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

import ganrm
from ganrm._command import options
from ganrm._installed import command_path
from ganrm._processors import thread_count

from conftest import Tiny


def small(tiny: Tiny) -> dict[str, Any]:
    return {
        "encoder": tiny.arguments["encoder"],
        "weights": tiny.arguments["weights"],
        "precision": "f32",
        "store": tiny.folder / "store.sqlite",
        "steps": 20,
        "warm_up_steps": 5,
    }


def test_train_and_evaluate_are_the_commands(
    tiny: Tiny, tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    head = ganrm.train(
        proxy=tiny.clips[:2],
        generated=[str(clip) for clip in tiny.clips[2:]],
        output=tmp_path / "head.safetensors",
        **small(tiny),
    )
    # The same command, the same bits: the head of the fixture was trained by it.
    assert pathlib.Path(head.path).read_bytes() == tiny.arguments["model"].read_bytes()
    done = subprocess.run(
        [command_path(), "head", "info", "--format", "json", head.path],
        check=True,
        stdout=subprocess.PIPE,
    )
    assert head.info == json.loads(done.stdout)
    encoder = {name: tiny.arguments[name] for name in ("encoder", "weights", "precision")}
    with head.load(**encoder) as model, tiny.load() as other:
        assert model.score(tiny.clips[0]).logit == other.score(tiny.clips[0]).logit

    sides = {"proxy": tiny.clips[:2], "generated": tiny.clips[2:]}
    report = ganrm.evaluate(
        model=head.path, resamples=10, store=tiny.folder / "store.sqlite", **sides, **encoder
    )
    done = subprocess.run(
        [
            command_path(),
            "eval",
            "--format",
            "json",
            "-q",
            "--resamples",
            "10",
            "--no-store",
            "--model",
            head.path,
            *tiny.options[2:],
            "--proxy",
            *tiny.clips[:2],
            "--generated",
            *tiny.clips[2:],
        ],
        check=True,
        stdout=subprocess.PIPE,
    )
    expected = json.loads(done.stdout)
    assert report == expected
    assert capfd.readouterr().err == ""


def test_failures_have_the_words_of_the_command(tiny: Tiny, tmp_path: pathlib.Path) -> None:
    with pytest.raises(ganrm.GanrmError, match=r"^ganrm train: .*nowhere"):
        ganrm.train(proxy="/nowhere", generated="/nowhere", output=tmp_path / "h.safetensors")
    with pytest.raises(ganrm.GanrmError, match=r"^ganrm eval: "):
        ganrm.evaluate(model="/nowhere", proxy=tiny.clips[0], generated=tiny.clips[1])


def test_keywords_are_options() -> None:
    assert options(
        {
            "learning_rate": 1e-4,
            "taps": [6, 8, 11],
            "parts": True,
            "sanity": False,
            "log": None,
            "proxy": ["a b", pathlib.Path("c")],
        }
    ) == [
        "--learning-rate=0.0001",
        "--taps=6,8,11",
        "--parts",
        "--no-sanity",
        "--proxy=a b",
        "--proxy=c",
    ]


def test_a_training_that_is_interrupted_ends(tiny: Tiny, tmp_path: pathlib.Path) -> None:
    script = (
        "import ganrm, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "print('ready', flush=True)\n"
        "try:\n"
        f"    ganrm.train(proxy={str(tiny.clips[0])!r}, generated={str(tiny.clips[1])!r},\n"
        f"        output={str(tmp_path / 'head.safetensors')!r}, sanity=False, no_store=True, steps=10**6,\n"
        f"        encoder={str(tiny.arguments['encoder'])!r}, weights={str(tiny.arguments['weights'])!r})\n"
        "except KeyboardInterrupt: print('interrupted', flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    timer = threading.Timer(2, os.kill, (process.pid, signal.SIGINT))
    timer.start()
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, output) == (0, "interrupted\n")


def test_weights_that_are_missing_are_named(
    tiny: Tiny, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANRM_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with ganrm.load() as model:
        with pytest.raises(ganrm.GanrmError, match="ganrm models pull dinov2-small-imgfocus"):
            model.score(tiny.clips[0])
    with ganrm.load(download=True) as model:
        with pytest.raises(ganrm.GanrmError, match="ganrm models: "):
            model.score(tiny.clips[0])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, None),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "100000 100000\n"}, 1),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/cpu.max": "150000 100000\n",
                "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
            },
            2,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/x\n0::/\n",
                "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "50000\n",
                "sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000\n",
            },
            1,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            None,
        ),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "nonsense\n"}, None),
    ],
)
def test_threads_are_what_affinity_and_quota_leave(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    expected: int | None,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)))
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert thread_count(tmp_path) == (6 if expected is None else expected)


def test_the_module_runs_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ganrm", "--version"], check=True, stdout=subprocess.PIPE
    )
    assert (
        done.stdout == subprocess.run([command_path(), "--version"], stdout=subprocess.PIPE).stdout
    )


def test_examples_of_the_documentation_run(
    tiny: Tiny, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Examples in docstrings, with the model of the fixture as the default one."""
    import doctest

    from ganrm import _model

    logit = tiny.rows(tiny.clips[0])[0]["logit"]
    (tmp_path / "clip.mp4").write_bytes(tiny.clips[0].read_bytes())
    monkeypatch.chdir(tmp_path)
    original = _model.load
    monkeypatch.setattr(ganrm, "load", lambda: original(**tiny.arguments))
    example = next(test for test in doctest.DocTestFinder().find(original, globs={}))
    assert len(example.examples) == 2
    example.examples[-1].want = f"{logit:.1f}\n"
    assert doctest.DocTestRunner().run(example).failed == 0
