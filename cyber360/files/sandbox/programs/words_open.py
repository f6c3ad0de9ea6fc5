"""OpenDocument texts, spreadsheets and presentations: the text of content.xml."""

from .collected import Collected
from .sheets import ROWS
from .xml import Events, opened, read_member

_BLOCKS = {"p", "h"}


class Body(Events):
    """`pages` names the elements that begin a page of their own; those with a name say it first."""

    skipped = frozenset({"tracked-changes", "binary-data", "automatic-styles", "font-face-decls", "scripts"})
    told = frozenset({"table", "page", "s"})

    def __init__(self, words: Collected, pages: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._words, self._pages = words, pages
        self._depth, self._count, self._rows, self._in_row = 0, 0, 0, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _BLOCKS:
            self._depth += 1
        elif name in self._pages:
            self._begin_page(attributes.get("name", ""))
        elif name == "soft-page-break" and not self._pages:
            self._words.turn()
        elif name == "s":
            count = attributes.get("c", "1")
            self._words.add(" " * min(int(count) if count.isdigit() else 1, 100))
        elif name == "tab":
            self._words.add("\t")
        elif name == "line-break":
            self._words.add("\n")
        elif name == "table-row":
            self._in_row, self._rows = True, self._rows + 1

    def _begin_page(self, title: str) -> None:
        if self._count:
            self._words.turn(even_if_empty=True)
        self._count, self._rows = self._count + 1, 0
        if title and "table" in self._pages:
            self._words.add(f"{title}\n")

    def end(self, name: str) -> None:
        if name in _BLOCKS:
            self._depth -= 1
            self._words.add(" " if self._in_row else "\n")
        elif name in {"table-cell", "covered-table-cell"} and self._rows <= ROWS:
            self._words.add("\t")
        elif name == "table-row":
            self._in_row = False
            self._words.add("\n")

    def text(self, data: str) -> None:
        if not self._depth:
            return
        if self._rows > ROWS:
            self._words.cut = True
        else:
            self._words.add(data)


class Margins(Events):
    """Headers and footers, which stand among the styles."""

    def __init__(self, words: Collected) -> None:
        super().__init__()
        self._words, self._depth = words, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += name in {"header", "footer"}

    def end(self, name: str) -> None:
        self._depth -= name in {"header", "footer"}
        if self._depth and name in _BLOCKS:
            self._words.add("\n")

    def text(self, data: str) -> None:
        if self._depth:
            self._words.add(data)


def read_odt(data: bytes, words: Collected) -> None:
    with opened(data) as container:
        read_member(container, "styles.xml", Margins(words))
        read_member(container, "content.xml", Body(words))


def read_ods(data: bytes, words: Collected) -> None:
    with opened(data) as container:
        read_member(container, "content.xml", Body(words, frozenset({"table"})))


def read_odp(data: bytes, words: Collected) -> None:
    with opened(data) as container:
        read_member(container, "content.xml", Body(words, frozenset({"page"})))
