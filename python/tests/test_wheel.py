"""The installed wheel, without anything of the environment."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import sysconfig

import pytest

import ganrm
from ganrm._installed import native_file

from conftest import Tiny, ffmpeg

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


def test_it_needs_glibc_alone_and_lends_nobody_its_ffmpeg(tmp_path: pathlib.Path) -> None:
    # PyAV, OpenCV and torchcodec bring an FFmpeg of their own into the process.
    script = "\n".join(
        [
            "import ctypes, re",
            "def files(): return set(re.findall(r'/\\S+[.]so\\S*', open('/proc/self/maps').read()))",
            "before = files()",
            f"library = ctypes.CDLL({native_file('lib/libganrm.so.1')!r})",
            "for name in ['avcodec_version', 'sqlite3_open', 'curl_easy_init', 'cblas_dgemm']:",
            "    assert not hasattr(library, name), name",
            "print(*{path.split('/')[-1].split('.')[0] for path in files() - before})",
        ]
    )
    loaded = set(alone(sys.executable, "-c", script, folder=tmp_path).split())
    assert loaded - {"libganrm"} <= {"ld-linux-x86-64", "libc", "libgcc_s", "libm"}


def test_it_is_no_larger_than_documented() -> None:
    root = pathlib.Path(ganrm.__file__).parent
    assert sum(path.stat().st_size for path in root.rglob("*") if path.suffix != ".pyc") < 65e6


@pytest.mark.parametrize(
    "compression", ["packbits", "tiff_lzw", "tiff_adobe_deflate", "lzma", "zstd", "jpeg"]
)
def test_tiff_is_read_without_its_encoders(
    tiny: Tiny, tmp_path: pathlib.Path, compression: str
) -> None:
    pillow = pytest.importorskip("PIL.Image")
    path, decoded = tmp_path / "image.tiff", tmp_path / "decoded.png"
    with pillow.open(tiny.image) as image:
        image.convert("RGB").save(path, compression=compression)
    with pillow.open(path) as image:
        image.convert("RGB").save(decoded)
    with tiny.load() as model:
        assert model.score(path).logit == model.score(decoded).logit


def test_what_is_under_the_gpl_is_done_by_the_program_ffmpeg(
    tiny: Tiny, tmp_path: pathlib.Path
) -> None:
    script = pathlib.Path(sysconfig.get_path("scripts")) / "ganrm"
    clip, made = tiny.clips[0], tmp_path / "made.mkv"
    ffmpeg("-i", clip, "-vf", "eq=saturation=0.3", "-c:v", "ffv1", made)
    # Each copy is coded by libx264 behind its filters.
    lines = [(clip, "eq=saturation=0.3"), (made, "null"), (clip, "null")]
    requests = tmp_path / "requests.jsonl"
    requests.write_text(
        "".join(
            json.dumps({"path": str(path), "degradation": {"filters": filters}}) + "\n"
            for path, filters in lines
        )
    )
    command = [script, "score", "--no-store", "-q", *tiny.options, "--list", requests]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    logits = [json.loads(row)["logit"] for row in done.stdout.splitlines()]
    assert logits[0] == logits[1] != logits[2]

    lost = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, env={"HOME": str(tmp_path), "PATH": "/nowhere"}
    )
    errors = [json.loads(row)["error"] for row in lost.stdout.splitlines()]
    assert all("install ffmpeg" in error for error in errors)
    assert "filter eq" in errors[0] and "encoder libx264" in errors[1]


def test_licences_are_inside() -> None:
    for name in ["swift", "swift-argument-parser", "GRDB.swift", "ffmpeg-LGPL-2.1", "dav1d"]:
        path = native_file(f"licenses/{name}.txt")
        assert path is not None and pathlib.Path(path).stat().st_size > 1000
    sources = native_file("licenses/SOURCES.txt")
    assert sources is not None and "\nffmpeg " in pathlib.Path(sources).read_text()
