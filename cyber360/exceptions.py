"""The failures that are expected. `cyber360.ui.middleware.FailurePages` turns each into a page, once."""

from typing import Any


class ExpectedError(Exception):
    """A failure with a plain sentence for the reader."""

    status = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NoSeat(ExpectedError):
    """The reader has no right to know that the thing exists: answered as 404."""

    status = 404


class NotNow(ExpectedError):
    """The reader holds the seat, but not in this stage or state: 403 with the reason."""

    status = 403


class Blocked(NotNow):
    """A move that something still blocks; `sentences` say what."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


class BadInput(ExpectedError):
    """Input that no form caught; the message says how to mend it."""

    status = 400


class StaleVersion(ExpectedError):
    """Somebody saved meanwhile. `current` is the row as it stands (of any model): the page shows both texts."""

    status = 409

    def __init__(self, message: str, current: Any) -> None:
        super().__init__(message)
        self.current = current


class Busy(ExpectedError):
    """The database is held by another write for longer than we wait: 503, nothing was saved."""

    status = 503


class TooBig(ExpectedError):
    """A body or file over the limit."""

    status = 413
