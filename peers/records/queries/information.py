"""Copies that answer a request for information: which were made, what may be wished for, and people as codes."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from cyber360.jobs.models import Job
from cyber360.ui.cells import safe_cell
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge
from peers.records.models import InformationExport

MAKE = "records.information"

# What a form offers, in the order of the archive; the names and the index always go with it.
PARTS = {
    "answers": gettext_lazy("Answers, remarks and the position statement"),
    "evidence": gettext_lazy("The lists of evidence and of requests"),
    "files": gettext_lazy("The evidence files themselves"),
    "readings": gettext_lazy("Who read which evidence"),
    "agreements": gettext_lazy("Agreements"),
    "timetable": gettext_lazy("The timetable of the visit"),
    "report": gettext_lazy("The report as issued, and the factual check"),
    "plan": gettext_lazy("The action plan"),
    "timeline": gettext_lazy("The record of what was done"),
    "retention": gettext_lazy("What is kept until when"),
}


class Sheet(NamedTuple):
    """One table of an archive."""

    file: str
    title: str
    holder: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


class IndexLine(NamedTuple):
    """What an archive says of one thing: `file` and `rows` are empty for what is not included."""

    title: str
    file: str
    rows: int | str
    holder: str
    reason: str = ""

    @property
    def cells(self) -> list[object]:
        included = _("no") if self.reason else _("yes")
        return [self.title, self.file, self.rows, self.holder, included, self.reason]


def index_columns() -> list[str]:
    return [_("what"), _("file"), _("rows"), _("who holds the record"), _("included"), _("why not, or whom to ask")]


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte-order mark; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([[safe_cell(_cell(value)) for value in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: object) -> object:
    """Moments in UK time to the minute, yes and no as words, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else value


class Codes:
    """Gives each person one code in the order in which they are met: P1, P2 and so on. Nobody has the code "".

    Accounts go by their id; people who are only named in a row (those who were talked to) by name and job title.
    """

    def __init__(self) -> None:
        self._known: dict[object, str] = {}

    def of(self, user_id: int | None) -> str:
        return "" if user_id is None else self._code(user_id)

    def named(self, name: str, job_title: str = "") -> str:
        return self._code((name, job_title)) if name else ""

    def _code(self, key: object) -> str:
        return self._known.setdefault(key, f"P{len(self._known) + 1}")

    @property
    def accounts(self) -> dict[int, str]:
        return {key: code for key, code in self._known.items() if isinstance(key, int)}

    @property
    def others(self) -> dict[tuple[str, str], str]:
        return {key: code for key, code in self._known.items() if isinstance(key, tuple)}


# --- the rows --------------------------------------------------------------------------------------
def exports_of(challenge: Challenge) -> QuerySet[InformationExport]:
    """Every copy that was asked for, newest first. The caller has required INFORMATION_EXPORT."""
    return InformationExport.objects.filter(challenge=challenge).select_related("asked_by")


def get_export(user: User, ref: str, pk: int) -> InformationExport:
    """One's own copy of a challenge, with the right still there. Raises NoSeat, NotNow."""
    challenge = get_challenge(user, ref, Act.INFORMATION_EXPORT)
    row = exports_of(challenge).select_related("stored_file").filter(pk=pk, asked_by=user).first()
    if row is None:
        raise NoSeat
    row.challenge = challenge
    return row


def get_person_export(user: User, pk: int) -> InformationExport:
    """One's own copy of what is held about a person, with the right still there. Raises NoSeat."""
    rows = InformationExport.objects.select_related("about", "stored_file", "asked_by")
    row = rows.filter(pk=pk, asked_by=user, about__isnull=False).first()
    if row is None:
        raise NoSeat
    require(user, Act.PERSON_EXPORT, row if row.is_own else None)
    return row


def job_of_export(export: InformationExport) -> Job | None:
    return Job.objects.filter(key=job_key(export)).first()


def job_key(export: InformationExport) -> str:
    return f"{MAKE}:{export.pk}"


def label_of(part: str) -> str:
    return str(PARTS.get(part, part))
