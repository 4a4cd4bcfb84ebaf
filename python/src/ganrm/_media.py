"""Media that are read by a worker: paths, URLs and bytes."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Generator
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from ganrm._errors import MediaError
from ganrm._installed import command_path, native_file

# What libavformat opens, unless it is that of the wheel, which has no network; other schemes are fsspec's.
_STREAMS = {"http", "https", "udp", "tcp", "tls", "srt", "rist", "rtmp", "rtmps", "rtmpt"}
_LARGEST = 2 << 30


def is_file(media: Any) -> bool:
    return isinstance(media, str | os.PathLike | bytes | bytearray | memoryview)


def file_name(media: Any) -> str:
    """What messages call it."""
    if isinstance(media, bytes | bytearray | memoryview):
        return f"<{memoryview(cast(bytes, media)).nbytes} bytes>"
    return os.fsdecode(media)


@contextlib.contextmanager
def worker_path(media: Any) -> Generator[str, None, None]:
    """The path or URL under which a worker finds it, while the context lasts.

    Raises:
        MediaError: Its URL needs fsspec, which is not installed or fails.
    """
    if isinstance(media, bytes | bytearray | memoryview):
        with _in_memory(cast(bytes, media)) as path:
            yield path
        return
    name = os.fsdecode(media)
    scheme = scheme_of(name)
    if scheme in _STREAMS and command_path() != native_file("bin/ganrm"):
        yield name
    elif scheme == "file":
        yield os.path.abspath(unquote(urlsplit(name).path, errors="surrogateescape"))
    elif scheme:
        with _in_memory(fetched(name, scheme)) as path:
            yield path
    elif _is_utf8(name):
        # The worker's folder is that in which it was started.
        yield absolute_path(name)
    else:
        with _opened(name) as path:
            yield path


@contextlib.contextmanager
def _in_memory(content: bytes | bytearray | memoryview) -> Generator[str, None, None]:
    # Not in a folder for temporary files, which may be on a disk, or full.
    descriptor = os.memfd_create("ganrm")
    try:
        view = memoryview(content).cast("B")
        while view:
            view = view[os.write(descriptor, view) :]
        yield f"/proc/{os.getpid()}/fd/{descriptor}"
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _opened(name: str) -> Generator[str, None, None]:
    """A path in UTF-8, as requests are, of a file whose name is not."""
    try:
        descriptor = os.open(name, os.O_RDONLY)
    except OSError as problem:
        raise MediaError(f"{name!r}: {problem.strerror}") from problem
    try:
        yield f"/proc/{os.getpid()}/fd/{descriptor}"
    finally:
        os.close(descriptor)


def absolute_path(name: str) -> str:
    """The absolute path of a file, or of a member of a tar archive, whose name stays as it is."""
    archive, mark, member = member_of(name)
    return os.path.abspath(archive) + mark + member


def member_of(name: str) -> tuple[str, str, str]:
    """The archive, "#member=" and the member that an input is; the name and nothing for any other."""
    return (name, "", "") if os.path.exists(name) else name.partition("#member=")


def scheme_of(name: str) -> str:
    """That of a URL; "" for a path."""
    return urlsplit(name).scheme.lower() if "://" in name else ""


def fetched(url: str, scheme: str) -> bytes:
    """The file of a URL, by fsspec.

    Raises:
        MediaError: fsspec is not installed, or fails.
    """
    try:
        fsspec: Any = importlib.import_module("fsspec")
    except ImportError:
        raise MediaError(
            f"'{url}': {scheme}:// is read by fsspec, which is not installed: pip install fsspec"
        ) from None
    try:
        with fsspec.open(url, "rb") as file:
            content: bytes = file.read(_LARGEST + 1)
    except Exception as problem:  # Each file system of fsspec has errors of its own.
        raise MediaError(f"cannot read '{url}': {problem}") from problem
    if len(content) > _LARGEST:
        raise MediaError(f"'{url}' has more than 2 GiB; download it and pass its path")
    return content


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
