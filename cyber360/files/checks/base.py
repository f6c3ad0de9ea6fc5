"""What every check gives back, and how it says no."""

from typing import NamedTuple


class Checked(NamedTuple):
    """What the content is: our media type, the extension, and things a reader should know about it."""

    media_type: str
    extension: str
    notes: list[str]


class Refused(Exception):
    """The content is not accepted; `reason` is one or two plain sentences that say how to mend it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
XML_LIMIT = 4 * 1024 * 1024  # bytes of one XML part that a check reads
