"""Words as they come out of a document, kept within limits and cut into pages."""

import re

PAGE = 20_000  # characters
FLOWING_PAGE = 3_000  # for text that has no pages of its own
PAGES = 500
TOTAL = 5_000_000
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class Enough(Exception):
    """No more is read; what came before is kept."""


class Collected:
    """Take text by `add`, begin a new page by `turn`; `pages()` gives the whole.

    A page that is longer than the limit becomes several. `flowing`: when nothing ever turned a page, the text is cut
    into pieces of about `FLOWING_PAGE` characters at the end of a line.
    """

    def __init__(self, flowing: bool = False) -> None:
        self.flowing, self.cut = flowing, False
        self._pages: list[list[str]] = [[]]
        self._total = 0

    def add(self, text: str) -> None:
        """Raises Enough at the limit of the whole."""
        self._pages[-1].append(text[: TOTAL - self._total])
        self._total += len(text)
        if self._total > TOTAL:
            raise Enough

    def turn(self, even_if_empty: bool = False) -> None:
        """Raises Enough at the limit of pages."""
        if not even_if_empty and not any(part.strip() for part in self._pages[-1]):
            return
        if len(self._pages) >= PAGES:
            raise Enough
        self._pages.append([])

    def pages(self) -> list[str]:
        length = FLOWING_PAGE if self.flowing and len(self._pages) == 1 else PAGE
        found = [piece for parts in self._pages for piece in _pieces(_tidy("".join(parts)), length)]
        self.cut = self.cut or len(found) > PAGES
        return found[:PAGES]


def _tidy(text: str) -> str:
    text = _CONTROLS.sub(" ", text).replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()


def _pieces(text: str, length: int) -> list[str]:
    """At least one piece, an empty page included, so that numbers stay those of the document."""
    pieces = []
    while len(text) > length:
        place = text.rfind("\n", length // 2, length)
        place = place if place > 0 else text.rfind(" ", length - 200, length)
        place = place if place > 0 else length
        pieces.append(text[:place].rstrip())
        text = text[place:].lstrip()
    return [*pieces, text]
