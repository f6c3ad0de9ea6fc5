"""Rows of the three files of the directory, checked against each other and against the codes already known.

Columns: fixtures/councils/README.md.
"""

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from peers.councils.importer import cells
from peers.councils.importer.reading import Problem, Sheet, read_sheet

KINDS = (
    "county",
    "district",
    "unitary",
    "isles_of_scilly",
    "metropolitan_borough",
    "london_borough",
    "city_of_london",
    "welsh_unitary",
    "combined_authority",
    "strategic_authority",
)
NOT_PRINCIPAL = {"combined_authority", "strategic_authority"}
RELATIONS = ("boundary", "boundary_derived", "same_area")
STATES = ("in_force", "order_made")

Reader = Callable[[str], Any]
# column -> (field of the record, reader); a column that the file leaves out leaves the field alone.
COUNCIL: Mapping[str, tuple[str, Reader]] = {
    "code": ("gss_code", cells.code),
    "name": ("name", cells.text),
    "full_name": ("official_name", partial(cells.text, longest=120)),
    "slug": ("slug", cells.slug),
    "kind": ("kind", partial(cells.one_of, allowed=KINDS)),
    "nation": ("nation", partial(cells.one_of, allowed=("England", "Wales"))),
    "region": ("region", partial(cells.text, longest=40)),
    "first_day": ("starts_on", cells.day),
    "last_day": ("ends_on", cells.day),
    "former_code": ("former_gss_code", cells.code),
    "county_code": ("parent", cells.code),
    "combined_authority_code": ("combined_authority", cells.code),
    "population_2020": ("population", cells.whole),
    "area_km2": ("area_km2", cells.whole),
    "latitude": ("latitude", partial(cells.decimal, limit=90, places=4)),
    "longitude": ("longitude", partial(cells.decimal, limit=180, places=4)),
    "rural_urban": ("rural_urban", partial(cells.text, longest=40)),
    "deprivation_fifth": ("deprivation_quintile", partial(cells.whole, lowest=1, highest=5)),
    "website": ("website", cells.website),
    "invented": ("invented", cells.yes_no),
}
NEIGHBOUR: Mapping[str, tuple[str, Reader]] = {
    "relation": ("relation", partial(cells.one_of, allowed=RELATIONS)),
    "first_code": ("first", cells.code),
    "second_code": ("second", cells.code),
    "km": ("km", partial(cells.decimal, limit=2000, places=1)),
}
SUCCESSION: Mapping[str, tuple[str, Reader]] = {
    "first_day": ("on", cells.day),
    "predecessor_code": ("predecessor", cells.code),
    "successor_code": ("successor", cells.code),
    "successor_name": ("successor_name", partial(cells.text, longest=120)),
    "state": ("state", partial(cells.one_of, allowed=STATES)),
    "instrument": ("instrument", partial(cells.text, longest=60)),
}


@dataclass(frozen=True)
class Known:
    """What the directory holds already of one council, for checks that need both."""

    code: str
    slug: str
    starts_on: datetime.date | None
    ends_on: datetime.date | None


@dataclass
class Parsed:
    """`rows` are the good ones: (line, values by field name, links as codes)."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    note: str = ""


def _parse(raw: bytes, columns: Mapping[str, tuple[str, Reader]], required: Collection[str]) -> Parsed:
    sheet: Sheet = read_sheet(raw, required=required, known=columns)
    parsed = Parsed(problems=sheet.problems, note=sheet.note)
    for line, row in sheet.rows:
        values: dict[str, Any] = {}
        wrong = [Problem(line, name, _("This cell is empty.")) for name in required if not row[name].strip()]
        for name, cell in row.items():
            target, reader = columns[name]
            try:
                values[target] = reader(cell)
            except ValueError as error:
                wrong.append(Problem(line, name, str(error)))
        parsed.problems += wrong
        if not wrong:
            parsed.rows.append((line, values))
    return parsed


def _keep(parsed: Parsed, check: Callable[[int, dict[str, Any]], Problem | None]) -> None:
    """Drop the rows for which `check` names a problem, and keep the problem."""
    good = []
    for line, values in parsed.rows:
        problem = check(line, values)
        if problem is None:
            good.append((line, values))
        else:
            parsed.problems.append(problem)
    parsed.rows = good


def parse_councils(raw: bytes, *, known: Mapping[str, Known]) -> Parsed:
    """`known`: the councils that the directory holds already, under their code and their former one."""
    parsed = _parse(raw, COUNCIL, ("code", "name", "kind"))
    holders = {row.slug: row.code for row in known.values()}
    seen: dict[str, dict[str, int]] = {"gss_code": {}, "slug": {}}

    def own_facts(line: int, row: dict[str, Any]) -> Problem | None:
        return _dates(line, row, known.get(row["gss_code"])) or _twice(line, row, seen)

    def free_slug(line: int, row: dict[str, Any]) -> Problem | None:
        holder = holders.get(row.get("slug", ""))
        own = known[row["gss_code"]].code if row["gss_code"] in known else ""
        if holder in (None, own) or holder in seen["gss_code"]:
            return None
        words = _("The address “%(slug)s” belongs to the council %(code)s. Choose another.")
        return Problem(line, "slug", words % {"slug": row["slug"], "code": holder})

    _keep(parsed, own_facts)
    _keep(parsed, free_slug)
    _drop_until_whole(parsed, known)
    parsed.problems.sort()
    return parsed


def _dates(line: int, row: dict[str, Any], known: Known | None) -> Problem | None:
    begins = row.get("starts_on") or (known.starts_on if known and "starts_on" not in row else None)
    ends = row.get("ends_on") or (known.ends_on if known and "ends_on" not in row else None)
    if begins and ends and ends < begins:
        return Problem(line, "last_day", _("The last day is before the first day. Correct one of them."))
    return None


def _twice(line: int, row: dict[str, Any], seen: dict[str, dict[str, int]]) -> Problem | None:
    for name, column in (("gss_code", "code"), ("slug", "slug")):
        earlier = seen[name].setdefault(row[name], line) if row.get(name) else line
        if earlier != line:
            words = _("“%(value)s” stands on line %(line)s already. Keep one of the two lines.")
            return Problem(line, column, words % {"value": row[name], "line": earlier})
    return None


def _drop_until_whole(parsed: Parsed, known_codes: Collection[str]) -> None:
    """A dropped row may be the county of another: look again until every link leads somewhere."""
    before = -1
    while before != len(parsed.rows):
        before = len(parsed.rows)
        codes = {row["gss_code"] for _line, row in parsed.rows} | set(known_codes)
        columns = (("parent", "county_code"), ("combined_authority", "combined_authority_code"))
        _keep(parsed, partial(_unknown_link, codes=codes, columns=columns))


def _unknown_link(
    line: int, row: dict[str, Any], *, codes: Collection[str], columns: Collection[tuple[str, str]]
) -> Problem | None:
    for name, column in columns:
        if row.get(name) and row[name] not in codes:
            words = _("No council has the code “%(code)s”. Correct it, or add that council to the list of councils.")
            return Problem(line, column, words % {"code": row[name]})
    return None


def parse_neighbours(raw: bytes, *, known_codes: Collection[str]) -> Parsed:
    parsed = _parse(raw, NEIGHBOUR, ("first_code", "second_code"))
    seen: dict[frozenset[str], int] = {}

    def pair(line: int, row: dict[str, Any]) -> Problem | None:
        both = frozenset((row["first"], row["second"]))
        if len(both) == 1:
            return Problem(line, "second_code", _("A council is not its own neighbour. Correct one of the codes."))
        earlier = seen.setdefault(both, line)
        if earlier != line:
            words = _("This pair stands on line %(line)s already. Keep one of the two lines.") % {"line": earlier}
            return Problem(line, "second_code", words)
        return _unknown_link(line, row, codes=known_codes, columns=(("first", "first_code"), ("second", "second_code")))

    _keep(parsed, pair)
    parsed.problems.sort()
    return parsed


def parse_successions(raw: bytes, *, known_codes: Collection[str]) -> Parsed:
    parsed = _parse(raw, SUCCESSION, ("first_day", "predecessor_code"))
    seen: dict[tuple[str, str], int] = {}

    def succession(line: int, row: dict[str, Any]) -> Problem | None:
        heir = row.get("successor") or row.get("successor_name")
        if not heir:
            return Problem(line, "successor_code", _("Nobody takes over. Write the successor's code or its name."))
        if heir == row["predecessor"]:
            return Problem(line, "successor_code", _("A council does not follow itself. Correct one of the codes."))
        earlier = seen.setdefault((row["predecessor"], heir), line)
        if earlier != line:
            words = _("The same succession stands on line %(line)s already.") % {"line": earlier}
            return Problem(line, "successor_code", words)
        links = (("predecessor", "predecessor_code"), ("successor", "successor_code"))
        return _unknown_link(line, row, codes=known_codes, columns=links)

    _keep(parsed, succession)
    parsed.problems.sort()
    return parsed
