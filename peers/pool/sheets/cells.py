"""One cell of text to one value of a peer. Each reader raises ValueError with what is wrong and how to mend it.

A reader never gets an empty cell: that leaves what is known alone.
"""

import datetime
import re
import unicodedata
from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from cyber360.ui.cells import runs_in_a_spreadsheet
from peers.councils.importer import cells
from peers.councils.models import Kind
from peers.pool.models import Role, Seniority, Size, SkillLevel, SkillTheme

FIRST_YEAR, LAST_YEAR = 1950, 2100
# Control, format, line and paragraph separator: unseen, and some turn round what is seen.
UNSEEN = {"Cc", "Cf", "Zl", "Zp"}
# Joiner and non-joiner are of these too, and part of the spelling of Persian, Malayalam or Sinhala names. They turn
# nothing round, and two names that differ in them alone do no harm: a person is known by the address.
JOINERS = {"\u200c", "\u200d"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def plain(cell: str) -> str:
    """The cell without the apostrophe that an export puts before what a spreadsheet would run."""
    value = cell.strip()
    return value[1:] if value[:1] == "'" and runs_in_a_spreadsheet(value[1:]) else value


def text(cell: str, *, longest: int, lines: bool = False) -> str:
    """One line (or several, with `lines`) of plain words."""
    value = cell.strip()
    if runs_in_a_spreadsheet(value):
        raise ValueError(_("The cell begins like a spreadsheet formula. Write the plain value."))
    value = plain(value).replace("\r\n", "\n").replace("\r", "\n")
    _refuse_unseen(value, allowed=JOINERS | {"\n", "\t"} if lines else JOINERS)
    if len(value) > longest:
        raise ValueError(
            _("The cell has %(found)s characters; the most is %(most)s.") % {"found": len(value), "most": longest}
        )
    return value


def _refuse_unseen(value: str, *, allowed: Collection[str]) -> None:
    found = next((one for one in value if unicodedata.category(one) in UNSEEN and one not in allowed), "")
    if found and found in "\n\t":
        raise ValueError(_("The cell holds a line break or a tab. Write it on one line."))
    if found:
        words = _("The cell holds a hidden character (%(code)s). Delete the text and type it again.")
        raise ValueError(words % {"code": f"U+{ord(found):04X}"})


def email(cell: str) -> str:
    value = text(cell, longest=254)
    _refuse_unseen(value, allowed=())  # no joiner in an address: it is what tells two people apart
    try:
        validate_email(value)
    except ValidationError as wrong:
        raise ValueError(_("“%(cell)s” is not an e-mail address.") % {"cell": value[:60]}) from wrong
    return value.lower()


def day(cell: str) -> datetime.date:
    """2027-03-31, 31/03/2027 or 31 March 2027: what spreadsheets in Britain write."""
    value = text(cell, longest=80)
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", value)
    numbers = found.groups() if found else None
    if numbers is None and (found := re.fullmatch(r"(\d{1,2})[/. ](\d{1,2}|[A-Za-z]{3,9})[/. ](\d{4})", value)):
        numbers = tuple(reversed(found.groups()))
    try:
        if numbers is not None:
            result = datetime.date(int(numbers[0]), _month(numbers[1]), int(numbers[2]))
            if FIRST_YEAR <= result.year <= LAST_YEAR:
                return result
    except ValueError:
        pass
    raise ValueError(_("“%(cell)s” is not a date. Write it like 2027-03-31 or 31/03/2027.") % {"cell": value[:40]})


def _month(word: str) -> int:
    return int(word) if word.isdigit() else MONTHS.index(word[:3].lower()) + 1


def choice(cell: str, *, words: Mapping[str, str]) -> str:
    """`words`: value -> label; either may be written, in any case."""
    value = text(cell, longest=80)
    wanted = "_".join(value.lower().split())
    for known, label in words.items():
        if wanted in (known, "_".join(label.lower().split())):
            return known
    raise ValueError(
        _("“%(cell)s” is not known here. Write one of: %(names)s.") % {"cell": value, "names": ", ".join(words)}
    )


def role(cell: str) -> str:
    return choice(cell, words={row.value: str(row.label) for row in Role})


def seniority(cell: str) -> str:
    return choice(cell, words={row.value: str(row.label) for row in Seniority})


def yes_no(cell: str) -> bool:
    value = text(cell, longest=20).lower()
    if value not in {"yes", "no", "y", "n", "true", "false"}:
        raise ValueError(_("“%(cell)s” is neither yes nor no.") % {"cell": value})
    return value in {"yes", "y", "true"}


def whole(cell: str, *, lowest: int, highest: int) -> int:
    value = cells.whole(cell, lowest=lowest, highest=highest)
    assert value is not None
    return value


def code(cell: str) -> str:
    return cells.code(cell.strip().upper())


def skills(cell: str) -> dict[str, str]:
    """`T1 strong; T8 some`."""
    found: dict[str, str] = {}
    for part in _parts(cell):
        theme, _space, level = part.partition(" ")
        theme, level = theme.upper(), level.strip().lower()
        if theme not in SkillTheme.values or level not in SkillLevel.values:
            raise ValueError(
                _("“%(part)s” is not a theme and a level. Write it like: T1 strong; T8 some.") % {"part": part[:40]}
            )
        if theme in found:
            raise ValueError(_("%(theme)s stands twice in the cell. Keep one.") % {"theme": theme})
        found[theme] = level
    return found


def known(cell: str) -> tuple[tuple[str, str], ...]:
    """`unitary small; county large`."""
    found = set()
    for part in _parts(cell):
        kind, _space, size = part.lower().rpartition(" ")
        kind = "_".join(kind.split())
        if kind not in Kind.values or size not in Size.values:
            words = _("“%(part)s” is not a kind and a size of council. Write it like: unitary small; county large.")
            raise ValueError(words % {"part": part[:40]})
        found.add((kind, size))
    return tuple(sorted(found))


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in text(cell, longest=800).split(";") if part.strip()]
