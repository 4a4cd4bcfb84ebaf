from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Generator
from typing import Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

from ganrm._errors import MediaError
from ganrm._media import fetched, member_of, scheme_of

Body = bytes | BinaryIO | None


@contextlib.contextmanager
def upload(media: Any) -> Generator[Callable[[], Body], None, None]:
    """Lends the content of a path, a URL or bytes, from its beginning at each call.

    A file on a disk is read while it is sent.

    Raises:
        MediaError: It cannot be read.
    """
    if isinstance(media, bytes | bytearray | memoryview):
        view = memoryview(cast(bytes, media))
        content = cast(bytes, media if view.c_contiguous else view.tobytes())
        yield lambda: content
        return
    name = os.fsdecode(media)
    scheme = scheme_of(name)
    if scheme not in ("", "file"):
        content = fetched(name, scheme)
        yield lambda: content
        return
    path = unquote(urlsplit(name).path, errors="surrogateescape") if scheme else name
    if member_of(path)[1]:
        raise MediaError(f"{name!r} is a member of a tar archive; read it, and send its bytes")
    with _opened(path, name) as file:

        def rewound() -> BinaryIO:
            file.seek(0)
            return file

        yield rewound


def _opened(path: str, name: str) -> BinaryIO:
    def without_waiting(path: str, flags: int) -> int:
        # For somebody who writes to a pipe.
        return os.open(path, flags | os.O_NONBLOCK)

    try:
        file = open(path, "rb", opener=without_waiting)  # noqa: SIM115 (its caller closes it)
    except (OSError, ValueError) as problem:
        words = problem.strerror if isinstance(problem, OSError) else problem
        raise MediaError(f"{name!r}: {words}") from problem
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise MediaError(f"{name!r} is no regular file")
    return file
