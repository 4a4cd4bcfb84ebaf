from __future__ import annotations

import array
import fcntl
import json
import os
import select
import signal
import subprocess
import tempfile
import termios
import time
from typing import IO, Any

from ganrm._enums import Code
from ganrm._errors import GanrmError, IdleDeath, WorkerDeath


class Worker:
    """A process `ganrm score --list -` that scores one file at a time.

    It is executed, not forked, so it needs nothing of this process; it ends when its standard input
    does. In the middle of a file it does not look at that, for which the pool has a `Guard`. A crash
    of a decoder ends it, and nothing else.
    """

    def __init__(self, command: list[str]) -> None:
        # A file, because nobody reads a pipe while the worker writes to it.
        self._messages: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (`abandon` closes it)
        try:
            # A session of its own: Ctrl-C on the terminal is this process's business.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._messages,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as problem:
            self._messages.close()
            raise GanrmError(
                f"cannot start '{command[0]}': {problem}", Code.ERROR_MODEL
            ) from problem
        self._buffer = b""
        self._has_answered = False

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], name: str, timeout: float | None) -> dict[str, Any]:
        """The row of a request.

        Args:
            request: `path`, and keys that are copied to the row.
            name: Of the input, for messages.
            timeout: In seconds; None: no limit.

        Raises:
            WorkerDeath: The worker crashed or took too long; it is gone then.
            IdleDeath: It ended after an earlier file, before it read this request, which is still in the pipe.
            GanrmError: It refuses to work at all, for want of a model.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        question = json.dumps(request).encode() + b"\n"
        is_written = False
        try:
            self._write(question)
            is_written = True
            line = self._line(deadline)
        except TimeoutError:
            self.kill()
            raise WorkerDeath(f"'{name}' took longer than {timeout:g} s") from None
        except BrokenPipeError:
            line = None
        except BaseException:
            # An interrupt: the row that is still to come would be taken for that of the next file.
            self.kill()
            raise
        if line is None:
            raise self._death(name, was_idle=not is_written or self._has_unread())
        self._has_answered = True
        row: dict[str, Any] = json.loads(line)
        return row

    def kill(self) -> None:
        """Ends the process, whatever it does; for the thread that uses the worker."""
        self.interrupt()
        self._process.wait()
        self.abandon()

    def interrupt(self) -> None:
        """Ends the process under another thread's `ask`, which then fails."""
        self._process.kill()

    def wait(self) -> None:
        """Until the process is gone, after `interrupt`."""
        self._process.wait()

    def abandon(self) -> None:
        """Closes this process's ends of the pipes."""
        for pipe in (self._process.stdin, self._process.stdout, self._messages):
            if pipe is not None:
                pipe.close()

    def forget(self) -> None:
        """In a forked child: closes its copies of the pipes, and warns of no process left behind."""
        self._process.returncode = 0
        self.abandon()

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        view = memoryview(line)
        while view:
            view = view[self._process.stdin.write(view) :]

    def _line(self, deadline: float | None) -> bytes | None:
        """The next line; None at the end of the output."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        pieces = [self._buffer]
        while b"\n" not in pieces[-1]:
            rest = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not poll.poll(None if rest is None else rest * 1000):
                raise TimeoutError
            piece = os.read(descriptor, 1 << 16)
            if not piece:
                return None
            pieces.append(piece)
        line, self._buffer = b"".join(pieces).split(b"\n", 1)
        return line

    def _has_unread(self) -> bool:
        """Whether a request is still in the pipe: the kernel keeps it for the end that writes."""
        assert self._process.stdin is not None
        count = array.array("i", [0])
        fcntl.ioctl(self._process.stdin, termios.FIONREAD, count)
        return count[0] > 0

    def _death(self, name: str, was_idle: bool) -> GanrmError:
        code = self._process.wait()
        if was_idle and self._has_answered:
            self.abandon()
            return IdleDeath(
                f"process {self.process_id}, which was idle, has ended ({_ending(code)})"
            )
        self._messages.seek(0)
        said = self._messages.read().decode(errors="replace").strip().splitlines()
        self.abandon()
        if said and code in (2, 3):  # Usage, or nothing can be done.
            return GanrmError(said[-1].removeprefix("ganrm: "), Code.ERROR_MODEL)
        return WorkerDeath(f"'{name}' ended the process that scored it ({_ending(code)})")


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {-code}, {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
