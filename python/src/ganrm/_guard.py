from __future__ import annotations

import contextlib
import subprocess

from ganrm._enums import Code
from ganrm._errors import GanrmError

# It remembers the last line, and `set --` splits that into words.
_SCRIPT = 'while read -r list; do set -- $list; done; [ "$#" = 0 ] || kill -9 "$@"'


class Guard:
    """A shell that kills the workers of this process when this process ends, however it does.

    A worker ends with its standard input, but does not look at it in the middle of a file, which may
    take for ever. A signal at the death of the parent (PR_SET_PDEATHSIG) would already come at the end
    of the thread that started the worker.
    """

    def __init__(self) -> None:
        self._shell: subprocess.Popen[bytes] | None = None

    def watch(self, process_ids: list[int]) -> None:
        """Takes these processes, instead of those before, as the ones to kill.

        Raises:
            GanrmError: There is no shell.
        """
        if self._shell is None:
            if not process_ids:
                return
            self._shell = _started()
        assert self._shell.stdin is not None
        # Somebody may have killed it; workers work without.
        with contextlib.suppress(BrokenPipeError):
            self._shell.stdin.write((" ".join(map(str, process_ids)) + "\n").encode())

    def close(self) -> None:
        """Ends the shell, which then kills nothing."""
        self.watch([])
        if self._shell is not None:
            self._close_pipe(self._shell)
            self._shell.wait()
            self._shell = None

    def forget(self) -> None:
        """In a forked child, whose copy of the pipe would keep the shell from noticing."""
        if self._shell is not None:
            self._shell.returncode = 0
            self._close_pipe(self._shell)

    @staticmethod
    def _close_pipe(shell: subprocess.Popen[bytes]) -> None:
        assert shell.stdin is not None
        shell.stdin.close()


def _started() -> subprocess.Popen[bytes]:
    try:
        # A session of its own: what ends the process group leaves it.
        return subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as problem:
        raise GanrmError(f"cannot start '/bin/sh': {problem}", Code.ERROR_MODEL) from problem
