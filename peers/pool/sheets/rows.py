"""Rows of peers, checked against each other, the pool and the directory; what each row would change."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from peers.councils.importer.reading import Problem
from peers.pool.models import Role, State, seniority_fits

from .columns import BY_NAME, NEEDED_OF_NEW, REQUIRED
from .reading import read_sheet

COLUMN_OF = {column.target: column.name for column in BY_NAME.values() if column.target}


@dataclass(frozen=True)
class Place:
    """A council as the check needs it. `heirs`: the names and codes of those that followed it."""

    pk: int
    name: str
    code: str
    ends_on: datetime.date | None
    heirs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Directory:
    """Councils by present code, and by former code those that once had it."""

    present: Mapping[str, Place]
    former: Mapping[str, tuple[Place, ...]]


@dataclass(frozen=True)
class Member:
    """Somebody with an account. `state` is "" when they are in no pool; `values` holds what the pool says of them.

    `elsewhere`: they are in the pool of another programme.
    """

    active: bool
    full_name: str
    state: str = ""
    elsewhere: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One good row: what it would set. `values` holds only what differs; a new person's holds all that was written."""

    line: int
    email: str
    full_name: str
    new: bool
    values: Mapping[str, Any]

    @property
    def columns(self) -> list[str]:
        return [COLUMN_OF[name] for name in self.values if name in COLUMN_OF]


@dataclass
class Checked:
    """`changes` of the good rows, those that change nothing among them; `problems` by line."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    note: str = ""


class Wrong(ValueError):
    """What is wrong with a row, and in which column."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass
class Parsed:
    """`rows`: (line, values by target) of the rows of which every cell can be read."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    note: str = ""


def parse(raw: bytes) -> Parsed:
    """The cells as values. An empty cell is left out: it leaves what is known alone."""
    sheet = read_sheet(raw, required=REQUIRED, known=list(BY_NAME))
    parsed = Parsed(problems=list(sheet.problems), note=sheet.note)
    if not sheet.rows and not sheet.problems:
        parsed.problems.append(Problem(0, "", _("The file names its columns and nobody below them.")))
    for line, row in sheet.rows:
        values, wrong = _values(line, row)
        parsed.problems += wrong
        if not wrong:
            parsed.rows.append((line, values))
    return parsed


def _values(line: int, row: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    wrong = [Problem(line, name, _("This cell is empty.")) for name in REQUIRED if not row[name].strip()]
    for name, cell in row.items():
        column = BY_NAME[name]
        if column.reader is None or not cell.strip():
            continue
        try:
            values[column.target] = column.reader(cell)
        except ValueError as error:
            wrong.append(Problem(line, name, str(error)))
    return values, wrong


def check(parsed: Parsed, people: Mapping[str, Member], directory: Directory, today: datetime.date) -> Checked:
    """What the rows would change. `people` holds the accounts of the file's addresses, in small letters."""
    checked = Checked(problems=list(parsed.problems), note=parsed.note)
    seen: dict[str, int] = {}
    for line, values in parsed.rows:
        email = values["email"]
        try:
            if seen.setdefault(email, line) != line:
                words = _("“%(email)s” stands on line %(line)s already. Keep one of the two lines.")
                raise Wrong("email", words % {"email": email, "line": seen[email]})
            checked.changes.append(_change(line, values, people.get(email), directory, today))
        except Wrong as wrong:
            checked.problems.append(Problem(line, wrong.column, str(wrong)))
    checked.problems.sort()
    return checked


def _change(
    line: int, row: dict[str, Any], member: Member | None, directory: Directory, today: datetime.date
) -> Change:
    values = {name: value for name, value in row.items() if name not in ("email", "full_name")}
    _refuse_state(member)
    held = dict(member.values) if member is not None and member.state else {}
    new = not held
    if new:
        for column in NEEDED_OF_NEW:
            if not row.get(BY_NAME[column].target) and not (column == "full_name" and member is not None):
                raise Wrong(column, _("This cell is empty, and the person is not in the pool yet."))
    if "council" in values:
        values["council"] = _council(values["council"], directory, held.get("council"), today)
    _fit_role(values, held)
    _in_order(held | values)
    changed = values if new else {name: value for name, value in values.items() if held.get(name) != value}
    name = member.full_name if member is not None else row["full_name"]
    return Change(line, row["email"], name, new, changed)


def _refuse_state(member: Member | None) -> None:
    if member is None:
        return
    words = {
        State.APPLIED: _("This person has applied to join. Decide on the application first."),
        State.LEFT: _("This person has left the pool. Bring them back on their own page first."),
        State.TURNED_DOWN: _("This person's application was turned down. Invite them again first."),
    }
    if not member.active:
        raise Wrong("email", _("The account of this address is disabled. An administrator can enable it."))
    if member.elsewhere:
        raise Wrong("email", _("This person cannot be taken into this pool by a file. Ask an administrator."))
    if member.state in words:
        raise Wrong("email", words[State(member.state)])


def _council(code: str, directory: Directory, held: int | None, today: datetime.date) -> int:
    """The id of the council. A former code is taken where one council alone had it."""
    place = directory.present.get(code)
    if place is None:
        once = directory.former.get(code, ())
        if len(once) > 1:
            names = ", ".join(f"{row.name} ({row.code})" for row in once)
            words = _("%(count)s councils once had the code “%(code)s”: %(names)s. Write the present code.")
            raise Wrong("council_code", words % {"count": len(once), "code": code, "names": names})
        if not once:
            raise Wrong(
                "council_code", _("No council has the code “%(code)s”. Look it up under Councils.") % {"code": code}
            )
        place = once[0]
    if place.ends_on is not None and place.ends_on < today and place.pk != held:
        facts = {"name": place.name, "day": date_format(place.ends_on), "heirs": ", ".join(place.heirs)}
        words = (
            _("%(name)s ended on %(day)s. Followed by: %(heirs)s.") if place.heirs else _("%(name)s ended on %(day)s.")
        )
        raise Wrong("council_code", words % facts)
    return place.pk


def _fit_role(values: dict[str, Any], held: Mapping[str, Any]) -> None:
    """Party and office go with the kind of peer; those held from before a change of kind fall away."""
    role = values.get("role", held.get("role", ""))
    if values.get("party") and role != Role.MEMBER:
        raise Wrong("party", _("Only a member peer has a party here. Empty the cell, or write member."))
    if not seniority_fits(values.get("seniority", ""), role):
        raise Wrong("seniority", _("This seniority does not go with this kind of peer."))
    if held.get("party") and role != Role.MEMBER:
        values["party"] = ""
    if "seniority" not in values and not seniority_fits(held.get("seniority", ""), role):
        values["seniority"] = ""


def _in_order(values: Mapping[str, Any]) -> None:
    done, ends = values.get("training_done_on"), values.get("training_expires_on")
    if ends and not done:
        raise Wrong("training_done_on", _("The training has an end and no day on which it was done."))
    if ends and done and ends < done:
        raise Wrong("training_expires_on", _("The training cannot end before the day on which it was done."))
    first, last = values.get("available_from"), values.get("available_until")
    if first and last and last < first:
        raise Wrong("available_until", _("The last available day is before the first."))
