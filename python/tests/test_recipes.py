"""The recipes in examples/kubernetes and examples/serve: valid, and with the bytes of one process."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
from typing import Any

import pytest

from ganrm._installed import command_path

from conftest import ROOT, Tiny

MANIFESTS = ["kubernetes/score.yaml", "kubernetes/merge.yaml", "serve/deployment.yaml"]


def manifests(name: str) -> list[dict[str, Any]]:
    yaml = pytest.importorskip("yaml")
    return list(yaml.safe_load_all((ROOT / "examples" / name).read_text()))


def container(manifest: dict[str, Any]) -> dict[str, Any]:
    (found,) = manifest["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_fit_the_schema(name: str) -> None:
    schema = pytest.importorskip("kubernetes_validate")
    for manifest in manifests(name):
        schema.validate(manifest, schema.latest_version(), strict=True)


def test_shards_of_the_job_are_merged_to_the_bytes_of_one_process(
    tiny: Tiny, tmp_path: pathlib.Path
) -> None:
    (job,), (merge,) = manifests("kubernetes/score.yaml"), manifests("kubernetes/merge.yaml")
    environment = {item["name"]: item["value"] for item in container(job)["env"]}
    assert int(environment["SHARDS"]) == job["spec"]["completions"]
    # The tiny model instead of the default one.
    model = tiny.arguments["model"], tiny.arguments["encoder"], tiny.arguments["weights"]
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "ganrm"
    command.write_text(
        "#!/bin/sh\n"
        '[ "$1" = score ] || exec "$REAL" "$@"\n'
        f'exec "$REAL" "$@" --model {model[0]} --encoder {model[1]} --weights {model[2]}\n'
    )
    command.chmod(0o755)
    real = shutil.which(command_path())
    assert real is not None
    variables = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "REAL": real}
    inputs = [str(path) for path in [*tiny.clips, tiny.folder / "tiny.json", tiny.image]]
    (tmp_path / "clips.txt").write_text("\n".join(inputs) + "\n")

    def run(manifest: dict[str, Any], **more: str) -> None:
        words = [*container(manifest)["command"], *container(manifest)["args"]]
        subprocess.run(words, cwd=tmp_path, env={**variables, **more}, check=True)

    for index in range(4):
        run(job, JOB_COMPLETION_INDEX=str(index), SHARDS="4")
    # A pod that comes again after its part is done.
    run(job, JOB_COMPLETION_INDEX="2", SHARDS="4")
    run(merge)
    one = [command, "score", "--list", "clips.txt", "--threads", "1", "--precision", "bf16"]
    done = subprocess.run(
        [*one, "--no-store", "-q", "-o", "one.jsonl"], cwd=tmp_path, env=variables
    )
    assert done.returncode == 1  # tiny.json is no video.
    assert (tmp_path / "scores.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()


def test_servers_have_time_for_calls_that_have_begun() -> None:
    deployment, service = manifests("serve/deployment.yaml")
    words = [*container(deployment)["command"], *container(deployment)["args"]]
    drain = int(words[words.index("--drain") + 1])
    (_, pause) = container(deployment)["lifecycle"]["preStop"]["exec"]["command"]
    pod = deployment["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > drain + int(pause)
    (port,) = container(deployment)["ports"]
    assert words[words.index("--port") + 1] == str(port["containerPort"])
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    unit = (ROOT / "examples/serve/ganrm.service").read_text()
    values = {
        name: int(re.findall(rf"{name}[= ](\d+)", unit)[0])
        for name in ("--drain", "TimeoutStopSec")
    }
    assert values["TimeoutStopSec"] > values["--drain"]


def test_systemd_takes_the_unit(tmp_path: pathlib.Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze")
    unit = (ROOT / "examples/serve/ganrm.service").read_text()
    copy = tmp_path / "ganrm.service"
    copy.write_text(unit.replace("/usr/local/bin/ganrm", str(shutil.which(command_path()))))
    words = ["systemd-analyze", "verify", "--man=no", copy]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
