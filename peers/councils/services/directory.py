"""Writing the directory: the import from files."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from peers.access import require
from peers.acts import Act
from peers.councils.importer.reading import Problem
from peers.councils.importer.rows import (
    NOT_PRINCIPAL,
    Known,
    Parsed,
    parse_councils,
    parse_neighbours,
    parse_successions,
)
from peers.councils.models import Council, CouncilNeighbour, CouncilSuccession

LINKS = ("parent", "combined_authority")


@dataclass
class Tally:
    """How many rows of one file are new, changed, the same, left out."""

    new: int = 0
    changed: int = 0
    same: int = 0
    left_out: int = 0


@dataclass
class ImportReport:
    """What an import did, or with `written` False would do; `problems` in the order of files and lines."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    written: bool = False


@transaction.atomic
def import_directory(
    *,
    councils: bytes = b"",
    neighbours: bytes = b"",
    reorganisations: bytes = b"",
    by: User | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
) -> ImportReport:
    """Upsert the directory from CSV files; running it twice changes nothing.

    Nothing is written when a row is bad, unless `skip_bad`, which leaves those rows out. Councils that the file
    does not name stay as they are, and so do fields whose column it leaves out. `by` None is the operator at the
    command line; a person needs the right to change the directory.
    """
    seat = require(by, Act.COUNCIL_EDIT) if by is not None else ""
    report = ImportReport()
    mark = transaction.savepoint()
    if councils:
        parsed = parse_councils(councils, known=_known(_by_code()))
        _note(report, "councils", parsed)
        report.tallies["councils"] = _write_councils(parsed)
    if neighbours:
        parsed = parse_neighbours(neighbours, known_codes=_by_code())
        _note(report, "neighbours", parsed)
        report.tallies["neighbours"] = _write_neighbours(parsed)
    if reorganisations:
        parsed = parse_successions(reorganisations, known_codes=_by_code())
        _note(report, "reorganisations", parsed)
        report.tallies["reorganisations"] = _write_successions(parsed)
    if dry_run or (report.problems and not skip_bad):
        transaction.savepoint_rollback(mark)
        return report
    transaction.savepoint_commit(mark)
    report.written = True
    detail = {name: [tally.new, tally.changed, tally.left_out] for name, tally in report.tallies.items()}
    record(act=Act.COUNCIL_EDIT, by=by, seat=seat, label=_("Import of the council directory"), detail=detail)
    return report


def _note(report: ImportReport, name: str, parsed: Parsed) -> None:
    report.problems += [replace(problem, file=name) for problem in parsed.problems]
    if parsed.note:
        report.notes.append(f"{name}: {parsed.note}")


def _by_code() -> dict[str, Council]:
    """Every council under its code and under its former one: most older data still uses the latter."""
    councils = list(Council.objects.all())
    former = {row.former_gss_code: row for row in councils if row.former_gss_code}
    return former | {row.gss_code: row for row in councils}


def _known(councils: dict[str, Council]) -> dict[str, Known]:
    return {code: Known(row.gss_code, row.slug, row.starts_on, row.ends_on) for code, row in councils.items()}


def apply(row: Any, values: dict[str, Any]) -> bool:
    """Set the values; True when one of them differs from what the row had."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _left_out(parsed: Parsed) -> int:
    return len({problem.line for problem in parsed.problems if problem.line > 1})


def _write_councils(parsed: Parsed) -> Tally:
    """Two passes, because a district may stand before its county in the file."""
    tally = Tally(left_out=_left_out(parsed))
    stored = _by_code()
    taken = {council.slug for council in stored.values()} | {row.get("slug", "") for _line, row in parsed.rows}
    new: list[Council] = []
    changed: dict[str, Council] = {}
    for _line, row in parsed.rows:
        code = row["gss_code"]
        council = stored.get(code)
        values = {name: value for name, value in row.items() if name not in (*LINKS, "gss_code", "slug")}
        values["is_principal"] = values["kind"] not in NOT_PRINCIPAL
        if council is None:
            council = Council(gss_code=code, slug=row.get("slug") or _free_slug(row["name"], code, taken), **values)
            council.official_name = council.official_name or council.name
            new.append(council)
        else:
            slug = {"slug": row["slug"]} if row.get("slug") else {}
            if apply(council, values | slug):
                changed[council.gss_code] = council
    Council.objects.bulk_create(new, batch_size=200)
    codes = stored | {council.gss_code: council for council in new}
    fresh = {council.gss_code for council in new}
    for _line, row in parsed.rows:
        council = codes[row["gss_code"]]
        links = {f"{name}_id": codes[row[name]].pk if row[name] else None for name in LINKS if name in row}
        if apply(council, links):
            changed[council.gss_code] = council
    tally.new = len(new)
    tally.changed = len(changed.keys() - fresh)
    tally.same = len(parsed.rows) - tally.new - tally.changed
    _store_changes(changed.values(), fresh)
    return tally


def _store_changes(councils: Iterable[Council], fresh: set[str]) -> None:
    rows = list(councils)
    for council in rows:
        if council.gss_code not in fresh:
            council.version += 1
    names = [f.name for f in Council._meta.concrete_fields if f.name not in ("id", "gss_code")]
    # Addresses may change hands between two councils in one file: give them up first, then take them.
    for council in rows:
        Council.objects.filter(pk=council.pk).exclude(slug=council.slug).update(
            slug=f"{council.slug[:70]}--{council.pk}"
        )
    Council.objects.bulk_update(rows, names, batch_size=25)


def _free_slug(name: str, code: str, taken: set[str]) -> str:
    slug = slugify(name) or code.lower()
    slug = slug if slug not in taken else f"{slug[:70]}-{code.lower()}"
    taken.add(slug)
    return slug


def _write_neighbours(parsed: Parsed) -> Tally:
    """Pairs are added and changed, none removed."""
    tally = Tally(left_out=_left_out(parsed))
    codes = _by_code()
    stored = {(row.first_id, row.second_id): row for row in CouncilNeighbour.objects.all()}
    new, changed = [], []
    for _line, row in parsed.rows:
        first, second = sorted((codes[row["first"]], codes[row["second"]]), key=lambda council: council.gss_code)
        values = {name: row[name] for name in ("relation", "km") if row.get(name) not in (None, "")}
        pair = stored.get((first.pk, second.pk))
        if pair is None:
            new.append(CouncilNeighbour(first=first, second=second, **values))
        elif apply(pair, values):
            changed.append(pair)
    CouncilNeighbour.objects.bulk_create(new, batch_size=200)
    CouncilNeighbour.objects.bulk_update(changed, ["relation", "km"], batch_size=100)
    tally.new, tally.changed = len(new), len(changed)
    tally.same = len(parsed.rows) - tally.new - tally.changed
    return tally


def _write_successions(parsed: Parsed) -> Tally:
    tally = Tally(left_out=_left_out(parsed))
    codes = _by_code()
    stored = {
        (row.predecessor_id, row.successor_id, row.successor_name): row for row in CouncilSuccession.objects.all()
    }
    new, changed = [], []
    for _line, row in parsed.rows:
        predecessor = codes[row["predecessor"]]
        successor = codes[row["successor"]] if row.get("successor") else None
        name = "" if successor else row["successor_name"]
        values = {key: row[key] for key in ("on", "state", "instrument") if row.get(key) not in (None, "")}
        kept = stored.get((predecessor.pk, successor.pk if successor else None, name))
        if kept is None:
            new.append(CouncilSuccession(predecessor=predecessor, successor=successor, successor_name=name, **values))
        elif apply(kept, values):
            changed.append(kept)
    CouncilSuccession.objects.bulk_create(new, batch_size=200)
    CouncilSuccession.objects.bulk_update(changed, ["on", "state", "instrument"], batch_size=100)
    tally.new, tally.changed = len(new), len(changed)
    tally.same = len(parsed.rows) - tally.new - tally.changed
    return tally
