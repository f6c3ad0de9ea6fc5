"""Untrusted YAML to plain data that remembers its lines.

Built from the parser's events, one at a time: aliases are refused when met and so never expand, tags are refused
and so never construct anything, and depth and size are limited before a tree exists. Keys stay text as written.
Values are text, whole numbers, fractions, true, false and empty; "no", "on" and dates stay text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

from peers.frameworks.importer.problems import Path, Problem, path_words

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 12
MAX_VALUES = 100_000

Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
FRACTION = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass
class Loaded:
    """`data` is None when the text cannot be read at all; `lines` gives the line of every path."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of the path, or of the nearest thing around it that the file holds."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class Refused(Exception):
    """Reading stops here; the problem says why."""

    def __init__(self, line: int, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.problem = Problem(line, path_words(path), message)


def load(raw: bytes) -> Loaded:
    """Never raises: what is wrong stands in `problems`."""
    loaded = Loaded()
    try:
        if len(raw) > MAX_BYTES:
            raise Refused(0, _("The file is larger than 2 MB. A questionnaire is text and seldom over 300 KB."))
        _Builder(loaded).build(_text(raw))
    except Refused as refusal:
        loaded.data = None
        loaded.problems.append(refusal.problem)
    except yaml.YAMLError as error:
        loaded.data = None
        loaded.problems.append(_unreadable(error))
    return loaded


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Refused(line, _("This is not UTF-8 text. Save the file as UTF-8.")) from None
    if not text.strip():
        raise Refused(0, _("The file is empty."))
    return text


def _unreadable(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or _("it holds a character that YAML does not allow")
    words = _("This is not valid YAML: %(what)s. Look at the spaces at the start of the line, colons and quotes.")
    return Problem(mark.line + 1 if mark else 0, "", words % {"what": what})


class _Builder:
    """One pass over the events with a stack of open lists and mappings."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.values = 0
        # open containers: [container, path, key waiting for its value or None]
        self.stack: list[list[Any]] = []

    def build(self, text: str) -> None:
        documents = 0
        for event in self._events(text):
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Refused(line, _("The file holds a second document after “---”. Keep one."))
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop()
            elif isinstance(event, yaml.NodeEvent):
                self._node(event, line)

    def _events(self, text: str) -> Iterator[Any]:
        parser = Parser(text)
        try:
            while parser.check_event():
                yield parser.get_event()
        finally:
            parser.dispose()

    def _node(self, event: Any, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise Refused(line, _("“&” and “*” (anchors and aliases) are not allowed. Write the text out, in quotes."))
        if event.tag:
            raise Refused(line, _("“!” (a tag) is not allowed. Remove it, or put the text in quotes."))
        self.values += 1
        if self.values > MAX_VALUES:
            raise Refused(line, _("The file holds more than 100,000 values."))
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
            return
        container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._place(container, line)
        self.stack.append([container, path, None])
        if len(self.stack) > MAX_DEPTH:
            raise Refused(line, _("The file is nested more than 12 deep. Look at how far the lines are indented."))

    def _scalar(self, event: Any, line: int) -> None:
        if self.stack and isinstance(self.stack[-1][0], dict) and self.stack[-1][2] is None:
            self._key(event.value, line)
            return
        self._place(scalar(event.value, plain=event.implicit[0]), line)

    def _key(self, key: str, line: int) -> None:
        container, path, _waiting = self.stack[-1]
        if key in container:
            words = _("“%(key)s” stands twice here. Keep one.") % {"key": key[:60]}
            self.loaded.problems.append(Problem(line, path_words((*path, key)), words))
        self.loaded.lines[(*path, key)] = line
        self.stack[-1][2] = key

    def _place(self, value: Any, line: int) -> Path:
        """Put the value where it belongs and return its path."""
        if not self.stack:
            self.loaded.data = value
            self.loaded.lines[()] = line
            return ()
        container, path, key = self.stack[-1]
        if isinstance(container, list):
            container.append(value)
            here = (*path, len(container) - 1)
            self.loaded.lines[here] = line
            return here
        if key is None:
            raise Refused(line, _("A list or mapping stands where a name belongs. Write the name as plain text."), path)
        container[key] = value
        self.stack[-1][2] = None
        return (*path, key)


def scalar(text: str, *, plain: bool) -> Any:
    """A value as written; quoted ones are always text."""
    if not plain:
        return text
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if FRACTION.fullmatch(text) else text
