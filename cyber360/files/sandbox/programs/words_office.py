"""Word, PowerPoint and Excel files: the text of their XML parts."""

import posixpath
import re
import zipfile

from .collected import Collected
from .sheets import SharedTexts, SheetRows, Styles, Workbook
from .xml import Events, opened, read_member


class Relations(Events):
    """`found` is id -> (last word of the type, name of the part), of one part's relationships."""

    told = frozenset({"Relationship"})

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/" + self._folder, attributes.get("Target", ""))).lstrip("/")
            self.found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)


def relations_of(container: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    folder, _slash, name = part.rpartition("/")
    relations = Relations(folder)
    read_member(container, posixpath.join(folder, "_rels", name + ".rels"), relations)
    return relations.found


def main_part(container: zipfile.ZipFile) -> str:
    return next((part for kind, part in relations_of(container, "").values() if kind == "officeDocument"), "")


class Paragraphs(Events):
    """WordprocessingML and DrawingML: text runs, tabs, line and page breaks."""

    # A text box stands in a document twice, once for old programs; deleted text is no longer said.
    skipped = frozenset({"Fallback", "del", "moveFrom"})
    told = frozenset({"tab", "br", "type"})

    def __init__(self, words: Collected) -> None:
        super().__init__()
        self._words, self._in_text, self._turns, self._cells = words, False, False, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._in_text = True
        elif name == "tc":
            self._cells += 1
        elif name == "tab" and not attributes:
            self._words.add("\t")
        elif name == "lastRenderedPageBreak" or (name == "br" and attributes.get("type") == "page"):
            self._words.turn()
        elif name in {"br", "cr"}:
            self._words.add("\n")
        elif name == "sectPr":
            self._turns = True
        elif name == "type" and attributes.get("val") == "continuous":
            self._turns = False

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "p":
            self._words.add(" " if self._cells else "\n")
            if self._turns:
                self._words.turn()
            self._turns = False
        elif name == "tc":
            self._words.add("\t")
            self._cells -= 1
        elif name == "tr":
            self._words.add("\n")

    def text(self, data: str) -> None:
        if self._in_text:
            self._words.add(data)


def read_docx(data: bytes, words: Collected) -> None:
    """Headers and footers stand before the text, because a marking is often only there; notes come after it."""
    with opened(data) as container:
        part = main_part(container)
        parts = sorted(set(relations_of(container, part).values()))
        for wanted in ({"header", "footer"}, None, {"footnotes", "endnotes", "comments"}):
            names = [part] if wanted is None else [name for kind, name in parts if kind in wanted]
            for name in names:
                read_member(container, name, Paragraphs(words))


class Order(Events):
    """The relationship ids of a presentation's slides, in their order."""

    told = frozenset({"sldId"})

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        # `id` is both the slide's own number and, in another namespace, that of its relationship, which comes later.
        if name == "sldId":
            self.ids.append(attributes.get("id", ""))


def read_pptx(data: bytes, words: Collected) -> None:
    with opened(data) as container:
        part, order = main_part(container), Order()
        read_member(container, part, order)
        known = relations_of(container, part)
        slides = [known[one][1] for one in order.ids if one in known] or _numbered(container)
        for number, slide in enumerate(slides):
            if number:
                words.turn(even_if_empty=True)
            read_member(container, slide, Paragraphs(words))
            for kind, name in sorted(relations_of(container, slide).values()):
                if kind in {"notesSlide", "diagramData"}:
                    read_member(container, name, Paragraphs(words))


def _numbered(container: zipfile.ZipFile) -> list[str]:
    found = [
        (int(hit[1]), hit[0])
        for name in container.namelist()
        if (hit := re.match(r"ppt/slides/slide(\d+)\.xml$", name))
    ]
    return [name for _number, name in sorted(found)]


def read_xlsx(data: bytes, words: Collected) -> None:
    with opened(data) as container:
        part, book = main_part(container), Workbook()
        read_member(container, part, book)
        known = relations_of(container, part)
        texts, styles = SharedTexts(), Styles()
        for kind, name in known.values():
            if kind in {"sharedStrings", "styles"}:
                read_member(container, name, texts if kind == "sharedStrings" else styles)
        for number, (title, relation) in enumerate(book.sheets):
            if number:
                words.turn(even_if_empty=True)
            words.add(f"{title}\n")
            if relation in known:
                SheetRows(words, texts.found, styles.dates, book.epoch).read(container, known[relation][1])
