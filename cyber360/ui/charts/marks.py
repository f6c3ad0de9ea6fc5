"""The few SVG marks that the charts are made of. Lengths are user units, about one CSS pixel."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString

INK, QUIET, LINE, PAPER = "#0b0c0c", "#484949", "#a9bcbd", "#ffffff"
BRAND, MIDDLE, PALE = "#0b5a5e", "#5f9ea0", "#d3e4e4"
LETTER = 0.52  # mean width of an Arial letter, in ems


@dataclass(frozen=True)
class Mark:
    """One SVG element: its name, presentation attributes and text."""

    name: str
    attrs: dict[str, str]
    text: str = ""

    @property
    def markup(self) -> SafeString:
        """The element, escaped. Made here because a board draws a thousand of them and a template takes its time."""
        attrs = "".join(f' {name}="{escape(value)}"' for name, value in self.attrs.items())
        end = f">{escape(self.text)}</{self.name}>" if self.text else "/>"
        return SafeString(f"<{self.name}{attrs}{end}")


@dataclass(frozen=True)
class Table:
    """The numbers behind a drawing."""

    caption: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Drawing:
    """A finished chart. `uid` must differ between the drawings of one page."""

    uid: str
    title: str
    desc: str
    width: float
    height: float
    table: Table
    marks: list[Mark] = field(default_factory=list)

    @property
    def view_box(self) -> str:
        return f"0 0 {num(self.width)} {num(self.height)}"


def num(value: float) -> str:
    """Two decimals at most, never "-0": the same bytes every time."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, width: float = 1, dash: str = "") -> Mark:
    attrs = {"x1": num(x1), "y1": num(y1), "x2": num(x2), "y2": num(y2), "stroke": stroke, "stroke-width": num(width)}
    return Mark("line", attrs | ({"stroke-dasharray": dash} if dash else {}))


def rect(x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none") -> Mark:
    attrs = {"x": num(x), "y": num(y), "width": num(max(width, 0)), "height": num(max(height, 0))}
    return Mark("rect", attrs | {"fill": fill, "stroke": stroke})


def circle(x: float, y: float, radius: float, *, fill: str = PAPER, stroke: str = INK, width: float = 2) -> Mark:
    attrs = {"cx": num(x), "cy": num(y), "r": num(radius), "fill": fill, "stroke": stroke, "stroke-width": num(width)}
    return Mark("circle", attrs)


def polygon(points: Sequence[tuple[float, float]], *, fill: str, stroke: str = "none", width: float = 1,
            dash: str = "", opacity: float = 1) -> Mark:  # fmt: skip
    attrs = {"points": " ".join(f"{num(x)},{num(y)}" for x, y in points), "fill": fill, "stroke": stroke}
    attrs["stroke-width"] = num(width)
    if dash:
        attrs["stroke-dasharray"] = dash
    if opacity != 1:
        attrs["fill-opacity"] = num(opacity)
    return Mark("polygon", attrs)


def diamond(x: float, y: float, radius: float, *, fill: str = BRAND, stroke: str = PAPER) -> Mark:
    return polygon([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], fill=fill, stroke=stroke)


def text(x: float, y: float, words: str, *, size: float = 14, anchor: str = "start", fill: str = INK,
         bold: bool = False) -> Mark:  # fmt: skip
    attrs = {"x": num(x), "y": num(y), "font-size": num(size), "text-anchor": anchor, "fill": fill}
    return Mark("text", attrs | ({"font-weight": "bold"} if bold else {}), words)


def wrapped(words: str, width: float, *, size: float = 14, lines: int = 2) -> list[str]:
    """The words in at most `lines` lines of about `width` units; an ellipsis when they do not fit."""
    room = max(int(width / (size * LETTER)), 4)
    out = [""]
    for word in words.split():
        longer = f"{out[-1]} {word}".strip()
        if len(longer) <= room or not out[-1]:
            out[-1] = longer
        else:
            out.append(word)
    fits = len(out) <= lines
    out = [row if len(row) <= room else row[: room - 1] + "…" for row in out[:lines]]
    if not fits and not out[-1].endswith("…"):
        out[-1] = out[-1][: room - 1].rstrip() + "…"
    return out


def label(x: float, middle: float, words: str, width: float, *, size: float = 14, anchor: str = "start") -> list[Mark]:
    """One or two lines of text, centred on the height `middle`."""
    rows = wrapped(words, width, size=size)
    top = middle + size * 0.35 - (len(rows) - 1) * size * 0.6
    return [text(x, top + index * size * 1.2, row, size=size, anchor=anchor) for index, row in enumerate(rows)]
