"""Runs the command `ganrm` to its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any, cast

from ganrm._enums import Code
from ganrm._errors import GanrmError
from ganrm._installed import command_path


def run(arguments: Sequence[str], progress: bool | None = None, *, reason: int = -1) -> str:
    """The standard output of a command.

    Args:
        arguments: The words after `ganrm`.
        progress: Whether its progress is shown on standard error; None: if that is a terminal.
        reason: Which of the lines that it says tells why it fails: the last, or 0, the first.

    Raises:
        GanrmError: It failed.
    """
    shows = _is_terminal() if progress is None else progress
    with tempfile.TemporaryFile() as messages:
        process = subprocess.Popen(
            [command_path(), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if shows else messages,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate()
        except BaseException:
            # It keeps what it has done so far, for a resumption; a second interrupt ends it.
            process.send_signal(signal.SIGINT)
            try:
                process.communicate()
            except BaseException:
                process.kill()
                process.wait()
                raise
            raise
        messages.seek(0)
        said = messages.read().decode(errors="replace").strip().splitlines()
    if process.returncode != 0:
        words = said[reason].removeprefix("ganrm: ") if said else f"exit code {process.returncode}"
        raise GanrmError(f"ganrm {arguments[0]}: {words}", Code.ERROR_FAILED)
    return output.decode()


def options(values: dict[str, object]) -> list[str]:
    """Options of a command: `learning_rate=1e-4` is `--learning-rate 1e-4`.

    True is a flag and False its `--no-` form, None is left out; a list of numbers is joined by commas,
    a list of paths or words is given one by one.
    """
    words: list[str] = []
    for name, value in values.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            words.append(option)
        elif value is False:
            words.append("--no-" + option[2:])
        elif isinstance(value, list | tuple):
            items = cast(Sequence[object], value)
            if items and all(isinstance(item, int | float) for item in items):
                words.append(f"{option}={','.join(map(str, items))}")
            else:
                words += [f"{option}={_word(item)}" for item in items]
        elif value is not None:
            words.append(f"{option}={_word(value)}")
    return words


def _word(value: object) -> str:
    return os.fsdecode(cast(Any, value)) if isinstance(value, os.PathLike) else str(value)


def _is_terminal() -> bool:
    try:
        # The command writes to the descriptor, which is not sys.stderr in a notebook.
        return os.isatty(2) and sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False
