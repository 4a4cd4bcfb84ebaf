"""Ray Data scores files as the command does, goes on where it was, and survives what kills its processes."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

import ganrm
from ganrm._installed import command_path

from conftest import Tiny, ffmpeg

ray = pytest.importorskip("ray")
pytest.importorskip("ray.data")
arrow = pytest.importorskip("pyarrow")

from ganrm.integrations import ray as scoring  # noqa: E402
from ganrm.integrations._ray_supervision import is_of_cluster  # noqa: E402

# Of Ray, pandas and the clusters that they start.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def object_store() -> Iterator[str | None]:
    """The endpoint of S3, as moto has it, for this process and those that it starts; None without moto."""
    try:
        server = importlib.import_module("moto.server").ThreadedMotoServer("127.0.0.1", 0)
    except ImportError:
        yield None
        return
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", endpoint)
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield endpoint
    server.stop()


@pytest.fixture(scope="module")
def cluster(object_store: str | None) -> Iterator[None]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(
        "local",  # Not one that runs already.
        num_cpus=3,
        object_store_memory=80 << 20,
        _memory=8 << 30,  # A filter of ids that are done reserves 1 GiB, of which it uses little.
        include_dashboard=False,
        log_to_driver=False,
        logging_level="error",
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def arguments(tiny: Tiny) -> dict[str, Any]:
    return {name: value for name, value in tiny.arguments.items() if name != "threads"}


def test_a_batch_gets_the_rows_of_the_command(tiny: Tiny, arguments: dict[str, Any]) -> None:
    paths = [str(path) for path in [*tiny.clips, tiny.folder / "tiny.json"]]
    scorer = scoring.Scorer("file", **arguments)
    batch = arrow.table({"file": paths, "prompt": ["a"] * 5})
    rows = scorer(batch).to_pylist()
    for row, expected in zip(rows, tiny.rows(*paths), strict=True):
        assert (row["score"], row["logit"]) == (expected.get("score"), expected.get("logit"))
        assert row["error"] == expected.get("error")
        for name in ("unfamiliar", "degenerate"):
            assert row[name] == expected.get(name)
        assert row["prompt"] == "a"
        assert row["id"] == hashlib.sha256(row["file"].encode()).hexdigest()
        if row["error"] is None:
            assert row["fingerprint"] == expected["model"]["fingerprint"]
            assert row["precision"] == expected["precision"]
    in_memory = arrow.table({"file": [path.read_bytes() for path in tiny.clips] + [None]})
    found = scorer(in_memory).to_pylist()
    assert [row["logit"] for row in found] == [row["logit"] for row in rows]
    assert found[4]["error"] is not None
    with pytest.raises(ValueError, match="there is no column 'file', but: path"):
        scorer(arrow.table({"path": paths}))
    with pytest.raises(ValueError, match="the rows already have score; rename or drop them"):
        scorer(arrow.table({"file": paths, "score": [0] * 5}))


def test_an_empty_batch_has_the_columns(arguments: dict[str, Any]) -> None:
    batch = arrow.table({"path": arrow.array([], arrow.string())})
    found = scoring.Scorer(**arguments)(batch)
    names = ["path", "id", "score", "logit", "unfamiliar", "degenerate", "error"]
    assert found.schema.names == [*names, "fingerprint", "precision"]


def test_another_model_is_refused(tiny: Tiny, arguments: dict[str, Any]) -> None:
    scorer = scoring.Scorer(**arguments, fingerprint="0123456789ab")
    with pytest.raises(ganrm.GanrmError, match="that of the job 0123456789ab; give all machines"):
        scorer(arrow.table({"path": [str(tiny.clips[0])]}))


def test_files_are_scored_once(
    cluster: None,
    tiny: Tiny,
    arguments: dict[str, Any],
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs = {f"{index:03}": str(tiny.clips[index % 4]) for index in range(20)}
    inputs["none"] = str(tiny.folder / "missing.mkv")
    expected = [row["logit"] for row in tiny.rows(*tiny.clips)]
    output = tmp_path / "scores"
    with pytest.raises(FileNotFoundError):
        scoring.results(output)
    scoring.score_files(inputs, output, rows_per_block=5, **arguments)
    files = sorted(output.glob("*/*.parquet"))
    assert len(files) > 5
    table = scoring.results(output)
    assert table["id"].to_pylist() == list(inputs)
    assert table["path"].to_pylist() == list(inputs.values())
    assert table["logit"].to_pylist() == expected * 5 + [None]
    assert "missing.mkv' does not exist" in table["error"].to_pylist()[20]

    scoring.score_files(inputs, output, rows_per_block=5, **arguments)
    assert sorted(output.glob("*/*.parquet")) == files
    # Without one file and its checkpoint, as after an interruption.
    (output / "checkpoint" / files[-1].name).unlink(missing_ok=True)
    lost = next(file for file in files if file.parent.name == "checkpoint")
    for name in ("checkpoint", "rows"):
        for file in (output / name).glob(f"{lost.stem}*"):
            file.unlink()
    with pytest.raises(ganrm.GanrmError, match=r"scores' has no rows yet for \d of 21 inputs"):
        scoring.results(output)
    scoring.score_files(inputs, output, rows_per_block=5, **arguments)
    assert scoring.results(output).equals(table)

    # In another folder than that of the actors.
    monkeypatch.chdir(tiny.folder)
    names = {
        name: value.name if isinstance(value, pathlib.Path) else value
        for name, value in arguments.items()
    }
    scoring.score_files([clip.name for clip in tiny.clips], tmp_path / "relative", **names)
    assert scoring.results(tmp_path / "relative")["logit"].to_pylist() == expected

    # Ranked as by the model itself, with those that never win.
    black = tiny.folder / "black.mkv"
    ffmpeg("-f", "lavfi", "-i", "color=black:size=64x64:rate=8:duration=2", black)
    candidates = {f"cat_{n}": path for n, path in enumerate([*tiny.clips, black])}
    scoring.score_files(candidates, tmp_path / "ranked", **arguments)
    scoring.write_rows(tmp_path / "ranked", tmp_path / "rows.jsonl")
    (tmp_path / "manifest.jsonl").write_text(
        "".join(f'{{"path": "{path}", "group": "cat"}}\n' for path in candidates.values())
    )
    by_scores = [
        command_path(),
        "rank",
        tmp_path / "manifest.jsonl",
        "--scores",
        tmp_path / "rows.jsonl",
    ]
    ranks = [json.loads(line) for line in subprocess.check_output(by_scores).splitlines()]
    keys = ("input", "rank", "logit", "excluded")
    assert [[rank.get(key) for key in keys] for rank in ranks] == [
        [rank.get(key) for key in keys]
        for rank in tiny.rows(tmp_path / "manifest.jsonl", command="rank")
    ]
    assert ranks[-1]["input"] == str(black) and ranks[-1]["excluded"]

    with pytest.raises(ganrm.GanrmError, match="has scores of other inputs; give these another"):
        scoring.score_files([tiny.clips[0]], output, **arguments)
    with pytest.raises(ganrm.GanrmError, match="of the model [0-9a-f]{12}, not 0123456789ab; use"):
        scoring.score_files(inputs, output, fingerprint="0123456789ab", **arguments)
    with pytest.raises(ganrm.GanrmError, match="in precision f32, not int8; use another folder"):
        scoring.score_files(inputs, output, **{**arguments, "precision": "int8"})
    with pytest.raises(ValueError, match="an input is there twice"):
        scoring.score_files([tiny.clips[0]] * 2, tmp_path / "other", **arguments)


def test_scores_are_written_to_an_object_store(
    cluster: None, object_store: str | None, tiny: Tiny, arguments: dict[str, Any]
) -> None:
    if object_store is None:
        pytest.skip("there is no moto")
    files = importlib.import_module("pyarrow.fs")
    store = files.S3FileSystem(endpoint_override=object_store, allow_bucket_creation=True)
    store.create_dir("bucket")

    def keys() -> list[str]:
        found = store.get_file_info(files.FileSelector("bucket", recursive=True))
        return sorted(file.path for file in found)

    output = "s3://bucket/job/scores"
    scoring.score_files(tiny.clips, output, rows_per_block=1, **arguments)
    logits = scoring.results(output)["logit"].to_pylist()
    assert logits == [row["logit"] for row in tiny.rows(*tiny.clips)]
    found = keys()
    assert sum("/rows/" in key for key in found) == len(tiny.clips)
    scoring.score_files(tiny.clips, output, rows_per_block=1, **arguments)
    assert keys() == found


def test_another_file_system_is_refused(arguments: dict[str, Any]) -> None:
    for output in ("memory://scores", "s4://bucket/scores"):
        with pytest.raises(ValueError, match=f"'{output}' is no folder and no URL that pyarrow"):
            scoring.score_files([], output, **arguments)


def test_members_of_archives_in_another_folder(
    cluster: None,
    tiny: Tiny,
    arguments: dict[str, Any],
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [f"./{clip.name}" for clip in tiny.clips[:2]] + [f"../../{tiny.clips[2].name}"]
    with tarfile.open("shard.tar", "w") as archive:
        for name, clip in zip(names, tiny.clips, strict=False):
            archive.add(clip, name)
    inputs = [f"shard.tar#member={name}" for name in names]
    scoring.score_files(inputs, "scores", **arguments)
    table = scoring.results("scores")
    assert table["error"].to_pylist() == [None] * 3
    assert table["path"].to_pylist() == [f"{tmp_path}/{name}" for name in inputs]
    expected = [row["logit"] for row in tiny.rows(*tiny.clips[:3])]
    assert table["logit"].to_pylist() == expected


def test_rows_that_were_written_twice(tmp_path: pathlib.Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "rows").mkdir()
    columns = ["id", "path", "score", "logit", "error", "fingerprint", "precision"]
    kinds = ["string", "string", "double", "double", "string", "string", "string"]
    schema = arrow.schema(zip(columns, kinds, strict=True))

    def write(name: str, *rows: tuple[Any, ...]) -> None:
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        table = arrow.Table.from_pylist(records, schema)
        parquet.write_table(table, tmp_path / "rows" / f"{name}.parquet")

    parquet.write_table(
        arrow.table({"id": ["b", "a"], "path": ["2", "1"]}), tmp_path / "inputs.parquet"
    )
    a, b = ("a", "1", 0.5, 0.0, None, "f", "f32"), ("b", "2", 0.25, -1.0, None, "f", "f32")
    write("0", ("a", "1", None, None, "killed", None, None), b)
    write("1", a, b)
    assert scoring.results(tmp_path).to_pylist() == [
        dict(zip(columns, row, strict=True)) for row in (b, a)
    ]
    write("2", ("a", "1", 0.5, 0.125, None, "f", "f32"))
    with pytest.raises(ganrm.GanrmError, match="several rows for an input, with different scores"):
        scoring.results(tmp_path)
    for fingerprint, precision, words in [
        ("g", "f32", "different fingerprints: f, g"),
        ("f", "bf16", "different precisions: bf16, f32"),
    ]:
        write("1", a)
        write("2", ("b", "2", 0.25, -1.0, None, fingerprint, precision))
        write("0")
        with pytest.raises(ganrm.GanrmError, match=words):
            scoring.results(tmp_path)


def test_a_step_of_a_pipeline(cluster: None, tiny: Tiny, arguments: dict[str, Any]) -> None:
    ds = ray.data.from_items([{"path": str(path), "prompt": "a cat"} for path in tiny.clips])
    rows = scoring.score(ds, rows_per_block=2, **arguments).take_all()
    found = {row["path"]: row["logit"] for row in rows}
    assert [found[str(path)] for path in tiny.clips] == [
        row["logit"] for row in tiny.rows(*tiny.clips)
    ]
    for wrong, words in [
        ({"cpus": 0}, "cpus is a whole number of at least 1, not 0"),
        ({"cpus": 0.5}, "cpus is a whole number of at least 1, not 0.5"),
        ({"cpus": 3}, "the cluster has 3 CPUs; it needs 3 for an actor and one to read and write"),
        ({"workers": 2}, "threads are the cpus of an actor"),
    ]:
        with pytest.raises(ValueError, match=words):
            scoring.score(ds, **{**arguments, **wrong})


def test_a_job_is_run_again_after_errors_of_the_cluster_only() -> None:
    errors = ray.exceptions
    tried: list[Exception] = []

    def job(*problems: Exception) -> str:
        tried.append(problems[min(len(tried), len(problems) - 1)])
        raise tried[-1]

    lost = errors.NodeDiedError("a node died")
    code = errors.RayTaskError("f", "traceback", OSError("disk full"))
    nested = errors.RayTaskError("f", "traceback", errors.ActorDiedError())
    assert is_of_cluster(lost) and is_of_cluster(nested) and not is_of_cluster(code)
    assert not is_of_cluster(errors.UserCodeException()) and not is_of_cluster(OSError())
    for problems, attempts in [((lost,), 3), ((lost, code, lost), 2), ((OSError(),), 1)]:
        tried.clear()
        connected: list[int] = []
        with pytest.raises(type(problems[min(attempts, len(problems)) - 1])):
            scoring.supervise(
                lambda problems=problems: job(*problems),  # type: ignore[misc]
                attempts=3,
                pause=0,
                connect=lambda connected=connected: connected.append(1),  # type: ignore[misc]
            )
        assert len(tried) == attempts and len(connected) == attempts - 1
    assert scoring.supervise(lambda: "done") == "done"


@pytest.mark.skipif(
    "GANRM_TEST_CHAOS" not in os.environ,
    reason="takes minutes on a busy machine; GANRM_TEST_CHAOS=1 runs it",
)
def test_a_cluster_whose_processes_are_killed() -> None:
    # After the tests above, which share a cluster; docs/scale.md has the long version.
    ray.shutdown()
    script = pathlib.Path(__file__).with_name("chaos_ray.py")
    words = ["--runs", "1", "--clips", "60", "--faults", "worker", "actor", "driver"]
    done = subprocess.run([sys.executable, script, *words], capture_output=True, text=True)
    report = json.loads(done.stdout.splitlines()[0]) if done.stdout else {}
    assert done.returncode == 0 and report["passed"], (report, done.stderr[-2000:])
    assert report["rows"] == 63
