"""The files of the wheel that are not Python."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ganrm._enums import Code
from ganrm._errors import GanrmError

_ROOT = Path(__file__).parent / "_native"


def native_file(name: str) -> str | None:
    """The path of a file of the wheel, as "bin/ganrm"; None in a checkout, which has none."""
    path = _ROOT / name
    return str(path) if path.is_file() else None


def command_path() -> str:
    """The command `ganrm` of this package, else that in PATH, which GANRM_COMMAND replaces.

    Raises:
        GanrmError: There is none.
    """
    found = os.environ.get("GANRM_COMMAND") or native_file("bin/ganrm") or shutil.which("ganrm")
    if found is None:
        raise GanrmError(
            "there is no command 'ganrm' in PATH; install ganrm, or set GANRM_COMMAND to it",
            Code.ERROR_MODEL,
        )
    return found
