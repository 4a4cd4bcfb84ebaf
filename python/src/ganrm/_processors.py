"""How many threads a process may use."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path


def thread_count(root: Path = Path("/")) -> int:
    """Threads for the encoder: what affinity and cgroup quota leave, 1 in a DataLoader worker.

    Args:
        root: The folder that has `proc` and `sys`, for tests.
    """
    if _is_data_loader_worker():
        return 1
    processors = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )
    quota = _quota(root)
    granted = 1024 if quota is None else math.ceil(quota)
    return max(1, min(processors or 1, granted, 1024))


def _is_data_loader_worker() -> bool:
    """Whether PyTorch runs this process beside others that score as well."""
    data = sys.modules.get("torch.utils.data")
    return data is not None and data.get_worker_info() is not None


def _quota(root: Path) -> float | None:
    """Processors that the cgroup of this process grants, those above it included; None: no limit."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    quotas: list[float] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            folder, limit = root / "sys/fs/cgroup", _unified_quota
        elif "cpu" in controllers.split(","):
            folder, limit = root / "sys/fs/cgroup/cpu", _legacy_quota
        else:
            continue
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for depth in range(len(parts) + 1):
            quota = limit(folder.joinpath(*parts[:depth]))
            if quota is not None:
                quotas.append(quota)
    return min(quotas, default=None)


def _unified_quota(folder: Path) -> float | None:
    try:
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _legacy_quota(folder: Path) -> float | None:
    try:
        quota = int((folder / "cpu.cfs_quota_us").read_text())
        period = int((folder / "cpu.cfs_period_us").read_text())
        return quota / period if quota > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None
