"""The report as a document: plain data, and from it the one HTML that page and PDF share. No database."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from cyber360.ui.charts import Drawing
from cyber360.ui.markdown import render_markdown

BODY_STARTS, BODY_ENDS = "<!-- report body -->", "<!-- end of report body -->"
_HEADING = re.compile(r"<(/?)h([1-6])([^>]*)>")
_STYLE = {3: "govuk-heading-m", 4: "govuk-heading-s", 5: "govuk-heading-s", 6: "govuk-heading-s"}


@dataclass(frozen=True)
class FindingPart:
    """One agreed finding as it is printed. `rests_on` counts kinds of source and names none."""

    pk: int
    kind: str
    number: int | None
    headline: str
    narrative: str
    owner: str
    urgency: str
    caf: str
    rests_on: str
    theme: str


@dataclass(frozen=True)
class LevelPart:
    """One theme's levels in words with their number, such as “2 Developing”; "" where there is none."""

    theme: str
    own: str
    agreed: str


@dataclass(frozen=True)
class Member:
    name: str
    part: str
    job: str
    council: str


@dataclass(frozen=True)
class Step:
    """One of the next steps and when, in words."""

    what: str
    when: str


@dataclass(frozen=True)
class SectionPart:
    """One section. `depth` 2 or 3 is its heading; `groups` are a theme's findings by type."""

    code: str
    number: str
    title: str
    source: str
    text: SafeString
    depth: int = 2
    is_annex: bool = False
    groups: Sequence[tuple[str, Sequence[FindingPart]]] = ()
    levels: LevelPart | None = None

    @property
    def anchor(self) -> str:
        return f"section-{self.code}"

    @property
    def heading(self) -> str:
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True)
class Document:
    """Everything that the report prints. `label` is its version in words: “Draft 2, …” or the issued number."""

    title: str
    council: str
    ref: str
    marking: str
    label: str
    visit: str
    dated: str
    sections: Sequence[SectionPart]
    is_issued: bool = False
    show_levels: bool = True
    recommendations: Sequence[FindingPart] = ()
    withheld: int = 0
    good_practice: Sequence[FindingPart] = ()
    levels: Sequence[LevelPart] = ()
    chart: Drawing | None = None
    team: Sequence[Member] = ()
    counts: Sequence[tuple[str, int]] = ()
    steps: Sequence[Step] = ()
    roles: Sequence[tuple[str, int]] = ()
    documents: Sequence[tuple[str, date | None]] = field(default_factory=tuple)

    def section(self, code: str) -> SectionPart | None:
        return next((part for part in self.sections if part.code == code), None)


@dataclass(frozen=True)
class Annex:
    """What only the council receives."""

    title: str
    council: str
    marking: str
    label: str
    findings: Sequence[FindingPart]


def to_html(text: str, depth: int) -> SafeString:
    """A section's Markdown; its headings stand below the section's own (`depth`) and skip no level."""
    last = depth

    def moved(match: re.Match[str]) -> str:
        nonlocal last
        if match[1]:
            return f"</h{last}>"
        last = max(depth + 1, min(int(match[2]) + depth - 1, last + 1, 6))
        return f'<h{last} class="{_STYLE[last]}">'

    return mark_safe(_HEADING.sub(moved, render_markdown(text)))  # noqa: S308 - cleaned by render_markdown


def render(document: Document) -> str:
    """The whole HTML document, for the PDF and for keeping."""
    return render_to_string("pdf/report.html", {"document": document, "starts": BODY_STARTS, "ends": BODY_ENDS})


def render_annex(annex: Annex) -> str:
    return render_to_string("pdf/annex.html", {"annex": annex, "starts": BODY_STARTS, "ends": BODY_ENDS})


def body_of(html: str) -> SafeString:
    """What of a rendered document a page shows: all but its head and cover."""
    _before, _mark, rest = html.partition(BODY_STARTS)
    body, _mark, _after = rest.partition(BODY_ENDS)
    return mark_safe(body)  # noqa: S308 - escaped when it was rendered


def sha256_of(text: str) -> str:
    """SHA-256 of the text in UTF-8, as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()
