"""Scores of a running `ganrm serve` are those of the command; a small server plays what it does rarely."""

from __future__ import annotations

import http.server
import json
import pathlib
import pickle
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import ganrm
from ganrm._installed import command_path
from ganrm.client import Client

from conftest import Tiny


@dataclass(frozen=True)
class Server:
    url: str
    token: str


def serve(tiny: Tiny, *options: str | pathlib.Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [command_path(), "serve", *tiny.options, "--threads", "1", *options],
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def server(tiny: Tiny) -> Iterator[Server]:
    known = subprocess.run([command_path(), "serve", "--help"], capture_output=True)
    if known.returncode != 0 or b"--socket" not in known.stdout:
        pytest.skip("the command has no serve")
    # A socket's path has at most 107 bytes.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        token = pathlib.Path(folder, "token")
        token.write_text("secret-of-the-tests\n")
        path = pathlib.Path(folder, "socket")
        process = serve(tiny, "--socket", path, "--token-file", token, "--max-body", "1000000")
        while not Client(f"unix:{path}").ready():
            assert process.poll() is None
            time.sleep(0.05)
        yield Server(f"unix:{path}", token.read_text())
        process.terminate()
        assert process.wait(30) == 0


@pytest.fixture
def client(server: Server) -> Client:
    return Client(server.url, server.token)


def test_files_have_the_scores_of_the_command(
    client: Client, tiny: Tiny, model: ganrm.Model
) -> None:
    inputs = [*tiny.clips, tiny.image]
    for path, row in zip(inputs, tiny.rows(*inputs), strict=True):
        for media in (
            path,
            str(path),
            path.as_uri(),
            path.read_bytes(),
            bytearray(path.read_bytes()),
        ):
            score = client.score(media)
            assert score == model.score(path)
            assert score.logit == row["logit"]
    assert client.ready()
    assert client.model()["fingerprint"] == model.fingerprint
    assert client.model()["precision"] == "f32"


def test_many_files_are_scored_in_order(
    client: Client, tiny: Tiny, model: ganrm.Model, tmp_path: pathlib.Path
) -> None:
    text = tmp_path / "näme with spaces & more.mp4"
    text.write_text("no video")
    media = [*tiny.clips, text, tiny.clips[0].read_bytes(), "/nowhere.mp4", tmp_path]
    results = list(client.score_many(media))
    assert [result.logit for result in results[:4]] == [
        model.score(clip).logit for clip in tiny.clips
    ]
    assert results[4].id == str(text) and results[4].error and "näme with" in results[4].error
    assert results[5].id == 5 and results[5].value == results[0].value
    assert [result.error for result in results[6:]] == [
        "'/nowhere.mp4': No such file or directory",
        f"'{tmp_path}': Is a directory",
    ]
    unordered = client.score_many(tiny.clips, ordered=False, ids=range(4), max_in_flight=2)
    assert sorted(result.id for result in unordered) == [0, 1, 2, 3]
    with pytest.raises(ganrm.MediaError, match="nowhere"):
        list(client.score_many(["/nowhere.mp4"], errors="raise"))


def test_failures_are_errors(server: Server, client: Client, tmp_path: pathlib.Path) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(bytes(50_000_000))
    for media, words in [
        (b"", "'<0 bytes>': the body is empty"),
        (b"\0" * 1000, "<1000 bytes>"),
        (large, "large.mp4': the body has more than 1000000 bytes"),
        (bytes(50_000_000), "the body has more than 1000000 bytes"),
        ("a\0b", "null"),
        ("/dev/null", "is no regular file"),
        ("shard.tar#member=0.mp4", "is a member of a tar archive; read it, and send its bytes"),
    ]:
        with pytest.raises(ganrm.MediaError, match=words):
            client.score(media)
    with pytest.raises(TypeError, match="a server is sent files, not list"):
        client.score([1, 2])
    with pytest.raises(ganrm.GanrmError, match="it wants its token"):
        Client(server.url).score(large)
    with pytest.raises(ganrm.GanrmError, match="the token is not its own"):
        list(Client(server.url, "other").score_many([b"a"]))
    with pytest.raises(ganrm.GanrmError, match="the token is not its own"):
        Client(server.url, "other").model()


def test_a_client_is_pickled_with_its_arguments(client: Client, tiny: Tiny) -> None:
    copy = pickle.loads(pickle.dumps(client))
    assert copy.score(tiny.image) == client.score(tiny.image)
    assert "secret" not in repr(client)


def test_calls_wait_for_a_server_that_starts(server: Server, tiny: Tiny) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        path = pathlib.Path(folder, "socket")
        client = Client(f"unix://{path}", timeout=60)
        assert not client.ready()
        scores: list[ganrm.Score] = []
        thread = threading.Thread(target=lambda: scores.append(client.score(tiny.clips[0])))
        thread.start()
        time.sleep(0.3)
        process = serve(tiny, "--socket", path)
        try:
            thread.join(60)
            assert [score.logit for score in scores] == [tiny.rows(tiny.clips[0])[0]["logit"]]
        finally:
            process.terminate()
            process.wait(30)


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Player:
    """A server that answers as it is told and keeps what it was sent."""

    url: str
    answers: Iterator[Answer]
    requests: list[tuple[str, dict[str, str], bytes]]


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no error."""


@pytest.fixture
def play() -> Iterator[Callable[..., Player]]:
    servers: list[Quiet] = []

    def started(*answers: Answer) -> Player:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                player.requests.append((self.path, dict(self.headers), body))
                status, headers, content = next(player.answers)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        server = Quiet(("127.0.0.1", 0), Handler)
        player = Player(f"http://127.0.0.1:{server.server_port}", iter(answers), [])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return player

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


ROW = json.dumps({"input": "a", "score": 0.5, "logit": 0.25}).encode()
BUSY = (503, {"Retry-After": "1"}, b'{"error":"the queue is too long for an answer in time"}')


def test_a_busy_server_is_asked_again_when_it_says(
    play: Callable[..., Player], tmp_path: pathlib.Path
) -> None:
    player = play(BUSY, BUSY, (200, {}, ROW), (200, {}, ROW), (200, {}, ROW))
    path = tmp_path / "a b.mp4"
    path.write_bytes(b"content")
    start = time.monotonic()
    assert Client(player.url + "/prefix/", "secret", timeout=30).score(path).logit == 0.25
    assert 2 <= time.monotonic() - start < 10
    assert len(player.requests) == 3
    client = Client(player.url)
    assert client.score(memoryview(b"abcd")[::2]) == client.score(memoryview(b"ac"))
    assert [body for _, _, body in player.requests[3:]] == [b"ac"] * 2
    del player.requests[3:]
    for target, headers, body in player.requests:
        assert target == f"/prefix/v1/score?id={str(path).replace('/', '%2F').replace(' ', '%20')}"
        assert body == b"content"
        assert headers["Authorization"] == "Bearer secret"
        assert 0 < float(headers["X-Request-Timeout"]) <= 30


def test_a_server_that_stays_busy_is_left_when_the_time_is_over(
    play: Callable[..., Player],
) -> None:
    player = play(*[BUSY] * 9)
    start = time.monotonic()
    with pytest.raises(ganrm.GanrmError, match="the queue is too long"):
        Client(player.url, timeout=1.5).score(b"a")
    assert time.monotonic() - start < 1.5 and len(player.requests) == 2
    (result,) = Client(player.url, timeout=0.5).score_many([b"a"])
    assert result.error == f"{player.url}: the queue is too long for an answer in time"


@pytest.mark.parametrize("status", [400, 401, 404, 413, 422, 429, 500])
def test_other_statuses_are_never_asked_again(play: Callable[..., Player], status: int) -> None:
    player = play(*[(status, {"Retry-After": "0"}, b'{"error":"no"}')] * 9)
    with pytest.raises(ganrm.GanrmError):
        Client(player.url).score(b"a")
    assert len(player.requests) == 1


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}", b'{"score": 1}', b"\xff"])
def test_other_servers_are_no_scores(play: Callable[..., Player], content: bytes) -> None:
    player = play(*[(200, {}, content)] * 9)
    with pytest.raises(ganrm.GanrmError, match="does not answer as ganrm serve does"):
        Client(player.url).score(b"a")


def test_nobody_there_is_an_error_of_all_files() -> None:
    client = Client("unix:/nowhere", timeout=0.3)
    assert not client.ready()
    with pytest.raises(ganrm.GanrmError, match="nobody listens at unix:/nowhere"):
        list(client.score_many([b"a", b"b"]))


def test_a_server_without_an_answer_is_left(play: Callable[..., Player]) -> None:
    release = threading.Event()

    def late() -> Iterator[Answer]:
        release.wait(20)
        yield 200, {}, ROW

    player = play()
    player.answers = late()
    with pytest.raises(ganrm.GanrmError, match=r"gave no answer within 0\.3 s"):
        Client(player.url, timeout=0.3).score(b"a")
    release.set()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ftp://host",), "a server is http://host:port or unix:/path, not 'ftp://host'"),
        (("host:80",), "a server is"),
        (("http://",), "a server is"),
        (("unix:relative",), "a server is"),
        (("unix://host/path",), "a server is"),
        (("http://host:port",), "is no URL"),
        (("http://host", ""), "a token is a line of ASCII"),
        (("http://host", "a\nb"), "a token is a line of ASCII"),
        (("http://host", None, 0), "timeout is 0.1 to 86400 seconds, not 0"),
        (("http://host", None, float("nan")), "timeout"),
    ],
)
def test_arguments_are_checked_at_once(arguments: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        Client(*arguments)
