"""One cell of text to one value. Each reader raises ValueError with what is wrong and how to mend it."""

import datetime
import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from peers.councils.importer.reading import is_formula

CODE = re.compile(r"[A-Z][0-9]{8}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
WEBSITE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def text(cell: str, *, longest: int = 80) -> str:
    if is_formula(cell):
        raise ValueError(_("The cell begins like a spreadsheet formula. Write the plain value."))
    value = cell.strip()
    if any(ord(letter) < 32 for letter in value):
        raise ValueError(_("The cell holds a line break or a hidden character. Write it on one line."))
    if len(value) > longest:
        raise ValueError(_("The cell has %(found)s characters; the most is %(most)s.") % _sizes(len(value), longest))
    return value


def _sizes(found: int, most: int) -> dict[str, int]:
    return {"found": found, "most": most}


def code(cell: str) -> str:
    value = text(cell)
    if value and not CODE.fullmatch(value):
        raise ValueError(
            _("“%(cell)s” is not a code. Write one capital letter and eight digits.") % {"cell": value[:40]}
        )
    return value


def day(cell: str) -> datetime.date | None:
    value = text(cell)
    if not value:
        return None
    try:
        if DAY.fullmatch(value):
            return datetime.date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(
        _("“%(cell)s” is not a date. Write year-month-day, for example 2023-04-01.") % {"cell": value[:40]}
    )


def one_of(cell: str, allowed: Collection[str]) -> str:
    value = text(cell)
    if value and value not in allowed:
        names = ", ".join(allowed)
        raise ValueError(_("“%(cell)s” is not known here. Write one of: %(names)s.") % {"cell": value, "names": names})
    return value


def whole(cell: str, *, lowest: int = 0, highest: int = 2_000_000_000) -> int | None:
    value = cell.strip()
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", value) or not lowest <= int(value) <= highest:
        words = _("“%(cell)s” is not a whole number from %(low)s to %(high)s. Write digits without commas.")
        raise ValueError(words % {"cell": value[:40], "low": lowest, "high": highest})
    return int(value)


def decimal(cell: str, *, limit: int, places: int) -> Decimal | None:
    """A number between minus and plus `limit`, rounded to `places`."""
    value = cell.strip()
    if not value:
        return None
    try:
        number = Decimal(value) if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,12})?", value) else None
    except InvalidOperation:
        number = None
    if number is None or abs(number) > limit:
        words = _("“%(cell)s” is not a number between −%(limit)s and %(limit)s. Write it like 54.6690.")
        raise ValueError(words % {"cell": value[:40], "limit": limit})
    return round(number, places)


def website(cell: str) -> str:
    value = text(cell, longest=120).lower()
    if value and not WEBSITE.fullmatch(value):
        raise ValueError(_("“%(cell)s” is not a site's name. Write it like example.gov.uk.") % {"cell": value[:60]})
    return value


def slug(cell: str) -> str:
    value = text(cell)
    if value and not SLUG.fullmatch(value):
        raise ValueError(
            _("“%(cell)s” cannot stand in an address. Use small letters, digits, hyphens.") % {"cell": value}
        )
    return value


def yes_no(cell: str) -> bool:
    return one_of(cell.lower(), ["yes", "no"]) == "yes"
