"""Scores of a column, in batches as engines pass them and by the engines themselves."""

from __future__ import annotations

import functools
import math
import pathlib
import shutil
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import ganrm
from ganrm import _shared_models

from conftest import RATE, Tiny, decoded

NUMBERS = ["score", "logit", "unfamiliar"]
TEXTS = ["degenerate", "precision", "fingerprint", "error"]


@pytest.fixture(autouse=True)
def closed_models() -> Iterator[None]:
    yield
    for model in _shared_models.models.values():
        model.close()
    _shared_models.models.clear()


@pytest.fixture(scope="module")
def paths(tiny: Tiny) -> list[str]:
    return [str(tiny.clips[0]), "/nowhere.mp4", str(tiny.clips[1])]


@pytest.fixture(scope="module")
def expected(tiny: Tiny) -> list[float]:
    """Logits of the command; NaN of the path that does not exist."""
    first, second = (row["logit"] for row in tiny.rows(*tiny.clips[:2]))
    return [first, math.nan, second]


@pytest.fixture
def score(tiny: Tiny) -> functools.partial[Any]:
    return functools.partial(ganrm.score_column, **tiny.arguments)


def assert_columns(columns: Mapping[str, Any], expected: list[float], prefix: str = "") -> None:
    found = {name: list(columns[prefix + name]) for name in NUMBERS + TEXTS}
    np.testing.assert_array_equal(np.array(found["logit"], float), expected)
    for index, logit in enumerate(expected):
        if math.isnan(logit):
            assert found["error"][index] == "'/nowhere.mp4' does not exist; check the path"
            assert found["fingerprint"][index] == found["precision"][index] == ""
        else:
            assert found["score"][index] == pytest.approx(1 / (1 + math.exp(-logit)), rel=1e-6)
            assert (found["error"][index], found["degenerate"][index]) == ("", "")
            assert found["precision"][index] == "f32"
            assert found["fingerprint"][index]


def test_batches_of_every_kind_get_the_columns(
    score: Any, paths: list[str], expected: list[float], tiny: Tiny
) -> None:
    lists = score({"video": paths, "id": [1, 2, 3]})
    assert lists["id"] == [1, 2, 3] and lists["video"] is paths
    assert_columns(lists, expected)
    arrays = score({"video": np.array(paths)})
    assert arrays["logit"].dtype == np.float64
    assert_columns(arrays, expected)
    content = [tiny.clips[0].read_bytes(), tiny.clips[1].read_bytes()]
    known = [expected[0], expected[2]]
    assert_columns(score({"video": content}), known)
    encoded = [{"bytes": content[0], "path": None}, {"bytes": None, "path": paths[2]}]
    assert_columns(score({"clip": encoded}, "clip"), known)
    videos = np.stack([decoded(tiny.clips[0])] * 2)
    assert_columns(score({"video": videos}, fps=RATE), [expected[0]] * 2)
    assert_columns(score({"video": paths, "score": []}, prefix="ganrm_"), expected, "ganrm_")


def test_tables_keep_their_type(score: Any, paths: list[str], expected: list[float]) -> None:
    pandas = pytest.importorskip("pandas")
    arrow = pytest.importorskip("pyarrow")
    polars = pytest.importorskip("polars")
    columns = {"video": paths, "id": [1, 2, 3]}
    table = arrow.table(columns)
    for batch in [
        pandas.DataFrame(columns),
        polars.DataFrame(columns),
        table,
        table.to_batches()[0],
    ]:
        found = score(batch)
        assert type(found) is type(batch)
        values = found.to_pydict() if hasattr(found, "to_pydict") else found
        assert_columns(values, expected)
        assert list(values["id"]) == [1, 2, 3]
    # The types of a batch do not depend on what is in it.
    schemas = [score(table[start:stop]).schema for start, stop in [(0, 0), (0, 1), (1, 2), (0, 3)]]
    assert all(schema == schemas[0] for schema in schemas)


def test_what_is_no_batch_is_refused(score: Any, paths: list[str], tiny: Tiny) -> None:
    with pytest.raises(KeyError, match="no column 'clip'; there are video, id"):
        score({"video": paths, "id": [1, 2, 3]}, "clip")
    with pytest.raises(TypeError, match="a mapping of columns, or a table of .*, not list"):
        score(paths)
    with pytest.raises(ValueError, match="'logit' already; name the new ones by prefix="):
        score({"video": paths, "logit": [0, 0, 0]})
    with pytest.raises(ganrm.GanrmError, match="nowhere"):
        ganrm.score_column({"video": paths}, model="/nowhere.safetensors")
    found = score({"video": [7, None]})
    assert np.isnan(found["logit"]).all() and "not NoneType" in found["error"][1]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("processes", [None, 2])
def test_datasets_map(
    score: Any, paths: list[str], expected: list[float], tmp_path: pathlib.Path, processes: Any
) -> None:
    datasets = pytest.importorskip("datasets")
    # The batches differ in whether there is an error.
    data = datasets.Dataset.from_dict({"video": paths * 2, "id": list(range(6))})
    scored = data.map(
        score, batched=True, batch_size=1, num_proc=processes, writer_batch_size=1,
        load_from_cache_file=False,
    )  # fmt: skip
    assert_columns(scored, expected * 2)
    assert scored["id"] == list(range(6)) and list(scored["video"]) == paths * 2
    streamed = list(data.to_iterable_dataset().map(score, batched=True, batch_size=2))
    assert_columns({name: [row[name] for row in streamed] for name in streamed[0]}, expected * 2)
    scored.to_parquet(tmp_path / "scored.parquet")


def test_datasets_map_of_encoded_videos_keeps_them(
    score: Any, paths: list[str], expected: list[float]
) -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"video": [paths[0], paths[2]]})
    data = data.cast_column("video", datasets.Video(decode=False))
    scored = data.map(score, batched=True, load_from_cache_file=False)
    assert_columns(scored, [expected[0], expected[2]])
    assert [row["path"] for row in scored["video"]] == [paths[0], paths[2]]


@pytest.mark.filterwarnings("ignore")
def test_ray_map_batches(score: Any, paths: list[str], expected: list[float]) -> None:
    pytest.importorskip("ray")
    data = pytest.importorskip("ray.data")
    import ray

    ray.init(num_cpus=1, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    try:
        rows = data.from_items([{"video": path, "id": index} for index, path in enumerate(paths)])
        for kind in "numpy", "pandas", "pyarrow":
            scored = rows.map_batches(score, batch_size=1, batch_format=kind).take_all()
            scored.sort(key=lambda row: row["id"])
            assert_columns({name: [row[name] for row in scored] for name in scored[0]}, expected)
    finally:
        ray.shutdown()


@pytest.mark.filterwarnings("ignore")
def test_spark_map_in_pandas(
    score: Any, paths: list[str], expected: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("Spark needs java")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 1)
        .getOrCreate()
    )
    try:
        schema = "video string, " + ", ".join(
            [f"{name} double" for name in NUMBERS] + [f"{name} string" for name in TEXTS]
        )
        frame = session.createDataFrame([(path,) for path in paths], "video string").coalesce(1)
        scored = frame.mapInPandas(lambda frames: map(score, frames), schema).toPandas()
        assert_columns(scored, expected)
    finally:
        session.stop()
