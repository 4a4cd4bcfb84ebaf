"""Calls to a server over TCP or a Unix socket, with the standard library alone."""

from __future__ import annotations

import contextlib
import http.client
import math
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ganrm._enums import Code
from ganrm._errors import GanrmError
from ganrm._upload import Body

_PIECE = 1 << 18
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str | None
    body: bytes


@dataclass(frozen=True)
class Address:
    """Where a server listens.

    Attributes:
        scheme: "http", "https" or "unix".
        host: The host, or the path of the socket.
        port: None: that of the scheme.
        prefix: What stands before the paths of the server, without "/" at the end.
    """

    scheme: str
    host: str
    port: int | None
    prefix: str

    @staticmethod
    def parse(url: str) -> Address:
        """The address of `http://host:port`, `https://…` or `unix:/path`.

        Raises:
            ValueError: It is none of these.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as problem:
            raise ValueError(f"'{url}' is no URL: {problem}") from None
        if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
            return Address("unix", url[url.index(":/") + 1 :].replace("///", "/", 1), None, "")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError(f"a server is http://host:port or unix:/path, not '{url}'")
        return Address(parts.scheme, parts.hostname, port, parts.path.rstrip("/"))

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        if self.scheme == "unix":
            return _UnixConnection(self.host, timeout)
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=timeout, blocksize=_PIECE)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout, blocksize=_PIECE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Caller:
    """Calls a server, again if it starts or is busy; any number of threads may.

    Args:
        url: For messages.
        headers: Of every call.
    """

    def __init__(self, url: str, address: Address, headers: Mapping[str, str]) -> None:
        self._url = url
        self._address = address
        self._headers = headers
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_stopped = threading.Event()

    def stop(self) -> None:
        """Gives up all calls."""
        self._is_stopped.set()
        with self._lock:
            for sock in self._open:
                # The thread that waits for the answer sees its end.
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def call(
        self, method: str, path: str, timeout: float, body: Callable[[], Body] = lambda: None
    ) -> Answer:
        """The answer of the server, whatever its status, but 503 only if no time is left.

        Args:
            timeout: Seconds for all attempts together.
            body: Called for each attempt.

        Raises:
            GanrmError: There is no answer. `ERROR_MODEL`: nobody listens.
        """
        deadline = time.monotonic() + timeout
        pause = _FIRST_PAUSE
        while True:
            left = deadline - time.monotonic()
            refusal: OSError | None = None
            answer: Answer | None = None
            try:
                answer = self.attempt(method, path, max(left, 0.1), body())
                if answer.status != 503:
                    return answer
                wait = _retry_after(answer)
            except (ConnectionRefusedError, FileNotFoundError) as problem:
                refusal, wait = problem, pause
                pause = min(2 * pause, _LONGEST_PAUSE)
            except TimeoutError:
                raise GanrmError(f"{self._url} gave no answer within {timeout:g} s") from None
            except (OSError, http.client.HTTPException) as problem:
                raise self._failure(problem) from problem
            if time.monotonic() + wait >= deadline or self._is_stopped.wait(wait):
                if answer is not None:
                    return answer
                raise GanrmError(
                    f"nobody listens at {self._url}: {refusal}", Code.ERROR_MODEL
                ) from refusal

    def attempt(self, method: str, path: str, timeout: float, body: Body) -> Answer:
        """The answer of one call.

        Raises:
            OSError, http.client.HTTPException: There is none.
        """
        connection = self._address.connection(timeout)
        try:
            connection.connect()
            sock = connection.sock
            with self._lock:
                self._open.add(sock)
            try:
                if self._is_stopped.is_set():
                    raise ConnectionAbortedError("the call was given up")
                headers = {**self._headers, "X-Request-Timeout": f"{timeout:.3f}"}
                if body is not None and not isinstance(body, bytes | bytearray | memoryview):
                    headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
                # It may have answered before the end of a body that it refuses.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    connection.request(method, self._address.prefix + path, body, headers)
                response = connection.getresponse()
                return Answer(response.status, response.getheader("Retry-After"), response.read())
            finally:
                with self._lock:
                    self._open.discard(sock)
        finally:
            connection.close()

    def _failure(self, problem: Exception) -> GanrmError:
        words = str(problem) or type(problem).__name__
        # A host that has no address has none the next time, too.
        code = Code.ERROR_MODEL if isinstance(problem, socket.gaierror) else Code.ERROR_FAILED
        return GanrmError(f"{self._url} gave no answer: {words}", code)


def _retry_after(answer: Answer) -> float:
    """Seconds; a date, as proxies may say, is taken as one."""
    try:
        seconds = float(answer.retry_after or "1")
    except ValueError:
        return 1
    return seconds if 0 <= seconds < math.inf else 1
