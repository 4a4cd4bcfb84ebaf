from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from ganrm._media import absolute_path, member_of
from ganrm._opening import Path
from ganrm._training import model_info
from ganrm.integrations._ray_scorer import Scorer

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ganrm._shared_models import LoadOptions


def score(
    ds: Any,
    column: str = "path",
    *,
    id_column: str = "id",
    cpus: int = 1,
    actors: int | None = None,
    rows_per_block: int = 256,
    timeout: float | None = 600,
    retries: int = 1,
    fingerprint: str | None = None,
    model: Path | None = None,
    **options: Unpack[LoadOptions],
) -> Any:
    """A dataset with scores of the files of another: see `Scorer` for its columns.

    Rows are few bytes, so that Ray would put all of them into one block, which one actor scores and of
    which an interruption leaves nothing.

    Args:
        ds: A `ray.data.Dataset`.
        column, id_column, timeout, retries: See `Scorer`. With a `CheckpointConfig`, the dataset has
            its ids when it is read.
        cpus: Whole CPUs of an actor, and threads of its encoder.
        actors: At most; None: as many as fit, but for one CPU, which is left for reading and writing.
        rows_per_block: What is scored as one task, and what an interruption loses.
        fingerprint: Of the reward model, which all machines must have; None: that of the model here.
        model, options: As for `ganrm.load`.

    Raises:
        GanrmError: There is no such model.
        ValueError: A number is out of range, or the cluster is too small.
    """
    for name, value in [("cpus", cpus), ("actors", actors), ("rows_per_block", rows_per_block)]:
        if value is not None and (value < 1 or value != int(value)):
            raise ValueError(f"{name} is a whole number of at least 1, not {value}")
    if "threads" in options or "workers" in options:
        raise ValueError("threads are the cpus of an actor, and it has one worker")
    if fingerprint is None:
        fingerprint = model_fingerprint(model)
    data: Any = importlib.import_module("ray.data")
    arguments = {
        "column": column,
        "id_column": id_column,
        "timeout": timeout,
        "retries": retries,
        "fingerprint": fingerprint,
        "threads": cpus,
        **options,
        # An actor has another folder.
        "model": absolute(model),
        "encoder": absolute(options.get("encoder")),
        "weights": absolute(options.get("weights")),
    }
    return ds.repartition(target_num_rows_per_block=rows_per_block).map_batches(
        Scorer,
        batch_size=None,  # The block.
        batch_format="pyarrow",
        compute=data.ActorPoolStrategy(
            min_size=1,
            max_size=actors or _actors_that_fit(cpus),
            # More would wait for one actor while another has nothing to do.
            max_tasks_in_flight_per_actor=2,
        ),
        num_cpus=cpus,
        fn_constructor_kwargs=arguments,
        udf_modifying_row_count=False,
    )


def model_fingerprint(model: Path | None) -> str:
    """As rows have it, whose 12 digits begin that of `ganrm head info`."""
    return str(model_info(model)["fingerprint"])[:12]


def absolute(path: Path | None) -> str | None:
    """The absolute path of what is a file here; else the name of an encoder, a URL or a file elsewhere."""
    if path is None:
        return None
    name = os.fsdecode(path)
    return absolute_path(name) if os.path.exists(member_of(name)[0]) else name


def _actors_that_fit(cpus: int) -> int:
    ray: Any = importlib.import_module("ray")
    total = int(ray.cluster_resources().get("CPU", 0))
    if total <= cpus:
        raise ValueError(
            f"the cluster has {total} CPUs; it needs {cpus} for an actor and one to read and write"
        )
    return (total - 1) // cpus
