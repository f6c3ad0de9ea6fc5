"""Saved mails: sender, receivers, subject, the text and the names of what is attached."""

import email
import email.message
import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html.parser import HTMLParser

from .collected import Collected
from .compound import Compound
from .words_text import decoded

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
# Property numbers of [MS-OXPROPS]: sender, receivers, copies, subject; long and short name of an attachment.
_SHOWN_MSG = (("From", "0C1A"), ("To", "0E04"), ("Cc", "0E03"), ("Subject", "0037"))
_ATTACHED_NAMES = ("3707", "3704", "3001")


class Plain(HTMLParser):
    """What a reader of the page sees of it."""

    _HIDDEN = {"script", "style", "head", "title"}
    _LINES = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table"}

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._LINES:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self._HIDDEN))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain(html: str) -> str:
    reader = Plain()
    reader.feed(html)
    return "".join(reader.parts)


def read_eml(data: bytes, words: Collected) -> None:
    message = email.message_from_bytes(data)
    for name in _SHOWN:
        if value := message.get(name):
            words.add(f"{name}: {_header(value)}\n")
    names: list[str] = []
    texts: dict[str, list[str]] = {"plain": [], "html": []}
    for part in message.walk():
        if attached := part.get_filename():
            names.append(_header(attached))
        elif part.get_content_maintype() == "text" and part.get_content_subtype() in texts:
            texts[part.get_content_subtype()].append(_text(part))
    body = texts["plain"] if any(text.strip() for text in texts["plain"]) else map(plain, texts["html"])
    words.add("\n" + "\n".join(body))
    _add_attached(words, names)


def _add_attached(words: Collected, names: list[str]) -> None:
    if names:
        words.add("\n\nAttached: " + ", ".join(names) + "\n")


def _header(value: object) -> str:
    try:
        return " ".join(str(make_header(decode_header(str(value)))).split())
    except (HeaderParseError, LookupError, ValueError):
        return str(value)


def _text(part: email.message.Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return decoded(content)


def read_msg(data: bytes, words: Collected) -> None:
    file = Compound(data)
    top = file.children(0)
    for name, number in _SHOWN_MSG:
        if value := _property(file, top, number):
            words.add(f"{name}: {' '.join(value.split())}\n")
    body = _property(file, top, "1000")
    if not body and "__substg1.0_10130102" in top:
        body = plain(decoded(file.stream(top["__substg1.0_10130102"])))
    words.add("\n" + body)
    names = []
    for name, place in top.items():
        if name.startswith("__attach_version1.0_#"):
            inside = file.children(place)
            names.append(next((text for one in _ATTACHED_NAMES if (text := _property(file, inside, one))), ""))
    _add_attached(words, [name for name in names if name])


def _property(file: Compound, entries: dict[str, int], number: str) -> str:
    """A text property, in UTF-16 or in the letters of Western Europe; empty when it is not there."""
    for kind, encoding in (("001F", "utf-16-le"), ("001E", "cp1252")):
        if (place := entries.get(f"__substg1.0_{number}{kind}")) is not None:
            return file.stream(place).decode(encoding, "replace").rstrip("\0")
    return ""
