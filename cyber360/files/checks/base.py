"""What every check gives back, and how it says no."""

from typing import NamedTuple

from cyber360.exceptions import BadInput
from cyber360.files.models import Step


class Checked(NamedTuple):
    """What the content is: our media type, the extension, and things a reader should know about it."""

    media_type: str
    extension: str
    notes: list[str]


class Refused(Exception):
    """The content is not accepted; `reason` is one or two plain sentences that say how to mend it."""

    step = Step.CONTENT

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuchPacked(Refused):
    """What is packed in it is beyond the limits of an ordinary document."""

    step = Step.ARCHIVE


class ContentRefused(BadInput):
    """`Refused` with the file's name in its sentence; `step` is the check that said no."""

    def __init__(self, message: str, step: Step) -> None:
        super().__init__(message)
        self.step = step


OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
XML_LIMIT = 4 * 1024 * 1024  # bytes of one XML part that a check reads
