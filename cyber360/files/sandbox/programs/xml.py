"""Reading the XML members of a zip container as a stream of events, so that no tree of them is ever built."""

import io
import zipfile
from typing import Any
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml.sax import make_parser

from .collected import Enough

MEMBER_BYTES = 60 * 1024 * 1024
ELEMENTS = 1_500_000  # of one member: under ten seconds


_NOTHING: dict[str, str] = {}


class Events(ContentHandler):
    """Calls `start(name, attributes)`, `end(name)` and `text(data)` with names and attributes free of namespaces.

    What stands inside an element whose name is in `skipped` is left out. Only the elements in `told` come with their
    attributes, which are slow to gather.
    """

    skipped: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self._inside_skipped = self._elements = 0

    def startElementNS(self, name: tuple, qname: str | None, attrs: Any) -> None:
        self._elements += 1
        if self._elements > ELEMENTS:
            raise Enough
        if self._inside_skipped or name[1] in self.skipped:
            self._inside_skipped += 1
        else:
            known = {key[1]: value for key, value in attrs.items()} if name[1] in self.told else _NOTHING
            self.start(name[1], known)

    def endElementNS(self, name: tuple, qname: str | None) -> None:
        if self._inside_skipped:
            self._inside_skipped -= 1
        else:
            self.end(name[1])

    def characters(self, content: str) -> None:
        if not self._inside_skipped:
            self.text(content)

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


class _Counted(io.RawIOBase):
    """A member's stream that ends in an error beyond the limit, whatever its header promised."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._left = stream, MEMBER_BYTES

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("too long")
        return data


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def read_member(container: zipfile.ZipFile, name: str, events: Events) -> None:
    """A member that is not there has no events; a document type or an entity in it is an error."""
    if name not in container.NameToInfo:
        return
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(events)
    with container.open(name) as stream:
        parser.parse(_Counted(stream))
