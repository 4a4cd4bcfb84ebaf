from __future__ import annotations

from ganrm._enums import Code


class GanrmError(Exception):
    """What cannot be done, in one sentence.

    Attributes:
        code: `ERROR_…` of ganrm.h: -3 an argument, -4 the model, -5 scoring.
        message: The sentence.
    """

    def __init__(self, message: str, code: int = Code.ERROR_FAILED) -> None:
        super().__init__(message, code)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return self.message


class MediaError(GanrmError):
    """A video or an image that cannot be scored; the model is as before."""

    @property
    def reason(self) -> str:
        """Why, in one sentence that names the input."""
        return self.message


class WorkerDeath(MediaError):
    """A file that ended the process which scored it, or took too long; another try may succeed."""


class IdleDeath(WorkerDeath):
    """A process that ended between two files: neither of them is the reason."""
