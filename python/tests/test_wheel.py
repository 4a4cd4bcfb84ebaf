"""The installed wheel, without anything of the environment."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import sysconfig

import pytest

import ganrm
from ganrm._installed import native_file

from conftest import Tiny

pytestmark = pytest.mark.skipif(
    native_file("bin/ganrm") is None, reason="the package is that of a checkout, not of the wheel"
)


def alone(*command: str | os.PathLike[str], folder: pathlib.Path) -> str:
    done = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/nowhere"},
    )
    return done.stdout


def test_the_console_script_is_the_command(tiny: Tiny, tmp_path: pathlib.Path) -> None:
    script = pathlib.Path(sysconfig.get_path("scripts")) / "ganrm"
    assert alone(script, "--version", folder=tmp_path) == f"{ganrm.version()}\n"
    output = alone(
        script, "score", "--no-store", "-q", *tiny.options, tiny.clips[0], folder=tmp_path
    )
    assert f'"logit":{tiny.rows(tiny.clips[0])[0]["logit"]},' in output


def test_everything_is_found_beside_the_package(tiny: Tiny, tmp_path: pathlib.Path) -> None:
    script = "\n".join(
        [
            "import ganrm, numpy as np",
            f"model = ganrm.load({str(tiny.arguments['model'])!r}, encoder={str(tiny.arguments['encoder'])!r},",
            f"    weights={str(tiny.arguments['weights'])!r}, precision='f32')",
            f"print(model.score({str(tiny.clips[0])!r}).logit)",
            "print(model.score(np.zeros((16, 72, 88, 3), np.uint8)).degenerate)",
            "print(ganrm.load().fingerprint)",
        ]
    )
    logit, degenerate, fingerprint = alone(
        sys.executable, "-c", script, folder=tmp_path
    ).splitlines()
    assert float(logit) == tiny.rows(tiny.clips[0])[0]["logit"]
    assert degenerate == "one colour"
    info = alone(sys.executable, "-m", "ganrm", "head", "info", "--format", "json", folder=tmp_path)
    assert f'"fingerprint":"{fingerprint}' in info


def test_licences_are_inside() -> None:
    for name in ["swift", "swift-argument-parser", "GRDB.swift"]:
        path = native_file(f"licenses/{name}.txt")
        assert path is not None and pathlib.Path(path).stat().st_size > 1000
