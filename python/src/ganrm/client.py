"""Calls for scores to `ganrm serve`, with the types of `ganrm`.

    from ganrm.client import Client

    client = Client("http://gpu-7:8931", token="…")
    print(client.score("clip.mp4").logit)

Needs neither the command nor the library. Files are sent as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from http.client import HTTPException
from typing import Any, Literal, cast
from urllib.parse import quote

from ganrm._enums import Code
from ganrm._errors import GanrmError, MediaError
from ganrm._http import Address, Answer, Caller
from ganrm._media import file_name, is_file
from ganrm._results import Results
from ganrm._score import Score, score_of_row
from ganrm._scoring import Job, results
from ganrm._upload import upload

__all__ = ["Client"]

# Within which `ready` is to be answered, in seconds.
_PROBE = 5.0


class Client:
    """A server's reward model. It has no connection open between calls; any thread may use it.

    A call waits while the server starts, nobody listens yet, or is busy (503), and tries again as
    long as there is time.

    Args:
        url: `http://host:port`, `https://…`, or `unix:/path` of a socket. Proxies of the environment
            are not used.
        token: That of the server's `--token-file`.
        timeout: Seconds for a file, with all attempts.

    Raises:
        ValueError: The URL is none of these, or another argument is out of range.
    """

    def __init__(self, url: str, token: str | None = None, timeout: float = 110) -> None:
        if not 0.1 <= timeout <= 86_400:
            raise ValueError(f"timeout is 0.1 to 86400 seconds, not {timeout}")
        self._address = Address.parse(url)
        self._url = url
        self._token = token
        self._timeout = timeout
        self._headers: dict[str, str] = {}
        if token is not None:
            words = token.strip()  # As from a file.
            if not words or not words.isascii() or not words.isprintable():
                raise ValueError("a token is a line of ASCII")
            self._headers["Authorization"] = f"Bearer {words}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Client, (self._url, self._token, self._timeout)

    def __repr__(self) -> str:
        return f"ganrm.client.Client({self._url!r})"

    def ready(self) -> bool:
        """Whether the server is there and answers calls at once; asks once.

        Raises:
            GanrmError: What answers is no server of ganrm.
        """
        try:
            answer = self._caller().attempt("GET", "/readyz", min(self._timeout, _PROBE), None)
        except OSError:
            return False
        except HTTPException:
            raise self._foreign() from None
        if answer.status not in (200, 503):
            raise self._refused(answer)
        return answer.status == 200

    def model(self) -> dict[str, str]:
        """Name, fingerprint, precision and version of what the server scores with.

        Raises:
            GanrmError: There is no answer, or a refusal.
        """
        answer = self._caller().call("GET", "/v1/model", self._timeout)
        if answer.status != 200:
            raise self._refused(answer)
        return {name: str(value) for name, value in self._object(answer).items()}

    def score(self, media: Any) -> Score:
        """The score of a file.

        Args:
            media: A path, a URL that fsspec reads, or the file's bytes. Frames in memory are scored
                by `ganrm.Model`.

        Raises:
            MediaError: The file cannot be read or scored.
            GanrmError: There is no answer, or a refusal.
            TypeError: This is no file.
        """
        return self._score(self._caller(), media)

    def score_many(
        self,
        media: Iterable[Any],
        *,
        ids: Iterable[Any] | None = None,
        errors: Literal["return", "raise"] = "return",
        ordered: bool = True,
        max_in_flight: int = 4,
        progress: bool | None = None,
    ) -> Results:
        """Scores files, several calls at a time; see `Model.score_many`.

        Args:
            max_in_flight: Files that are sent at a time.
        """
        if errors not in ("return", "raise"):
            raise ValueError(f"errors are 'return' or 'raise', not '{errors}'")
        if not 1 <= max_in_flight <= 1024:
            raise ValueError(f"max_in_flight is 1 to 1024, not {max_in_flight}")
        caller = self._caller()
        job = Job(
            lambda medium: self._score(caller, medium),
            max_in_flight,
            max_in_flight,
            errors == "raise",
            ordered,
            caller.stop,
        )
        return Results(results(job, media, ids, progress))

    def _caller(self) -> Caller:
        return Caller(self._url, self._address, self._headers)

    def _score(self, caller: Caller, media: Any) -> Score:
        if not is_file(media):
            raise TypeError(
                f"a server is sent files, not {type(media).__name__}; frames in memory are scored by "
                "ganrm.load()"
            )
        name = file_name(media)
        path = "/v1/score?id=" + quote(name, safe="", errors="surrogateescape")
        with upload(media) as body:
            answer = caller.call("POST", path, self._timeout, body)
        if answer.status in (400, 413, 422):
            # Of this file; the next may have a score.
            raise MediaError(f"'{name}': {self._words(answer)}")
        if answer.status != 200:
            raise self._refused(answer)
        try:
            return score_of_row(self._object(answer))
        except (KeyError, TypeError, AttributeError, IndexError):
            raise self._foreign() from None

    def _object(self, answer: Answer) -> dict[str, Any]:
        try:
            found = json.loads(answer.body)
        except ValueError:
            raise self._foreign() from None
        if not isinstance(found, dict):
            raise self._foreign()
        return cast(dict[str, Any], found)

    def _words(self, answer: Answer) -> str:
        try:
            return str(self._object(answer)["error"])
        except (GanrmError, KeyError):  # Of a proxy.
            return f"status {answer.status}"

    def _refused(self, answer: Answer) -> GanrmError:
        if answer.status == 401:
            words = "it wants its token" if self._token is None else "the token is not its own"
            return GanrmError(f"{self._url}: {words}", Code.ERROR_ARGUMENT)
        if answer.status == 503:
            return GanrmError(f"{self._url}: {self._words(answer)}")
        return GanrmError(
            f"{self._url} answers with status {answer.status}, not as ganrm serve does",
            Code.ERROR_ARGUMENT,
        )

    def _foreign(self) -> GanrmError:
        return GanrmError(f"{self._url} does not answer as ganrm serve does", Code.ERROR_ARGUMENT)
