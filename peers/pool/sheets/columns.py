"""The columns of the file, in their order: one list for reading, writing and the words on the page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import cells


@dataclass(frozen=True)
class Column:
    """`target` is the field that the cell fills; without a reader it is only written, and passed over when read."""

    name: str
    target: str
    about: str | Promise
    reader: Callable[[str], Any] | None = None
    example: str = ""


COLUMNS = (
    Column("email", "email", _("Needed. Work e-mail address; it says who the person is."), cells.email,
           "ada@example.org"),
    Column("full_name", "full_name", _("Needed for somebody new."), partial(cells.text, longest=120), "Ada Example"),
    Column("council_code", "council", _("Needed for somebody new. The council's code, or its former one."), cells.code,
           "E06000001"),
    Column("kind_of_peer", "role", _("Needed for somebody new: officer, member or specialist."), cells.role, "officer"),
    Column("job_title", "job_title", _("Job title or office."), partial(cells.text, longest=120), "Head of service"),
    Column("seniority", "seniority",
           _("chief_executive, director, head_of_service, manager or practitioner; for members leader, cabinet, chair"
             " or councillor."), cells.seniority, "head_of_service"),
    Column("party", "party", _("For member peers only."), partial(cells.text, longest=60)),
    Column("brings", "biography", _("What the person brings, in up to 1,500 characters."),
           partial(cells.text, longest=1500, lines=True)),
    Column("skills", "skills", _("Themes and levels (some or strong)."), cells.skills, "T1 strong; T8 some"),
    Column("councils_known", "known", _("Kinds and sizes (small, medium, large) of councils known from inside."),
           cells.known, "unitary small; county large"),
    Column("welsh", "welsh_speaker", _("Speaks Welsh: yes or no."), cells.yes_no, "no"),
    Column("video", "remote_ok", _("Can take part by video: yes or no."), cells.yes_no, "yes"),
    Column("travel_km", "travel_km", _("Furthest they travel, in kilometres."),
           partial(cells.whole, lowest=0, highest=900), "150"),
    Column("days_offered", "days_offered", _("Days offered a year, 0 to 60."),
           partial(cells.whole, lowest=0, highest=60), "6"),
    Column("most_visits", "most_visits", _("Most visits in a season, 1 to 12."),
           partial(cells.whole, lowest=1, highest=12), "2"),
    Column("can_lead", "can_lead", _("Can lead a team: yes or no."), cells.yes_no, "no"),
    Column("training_done_on", "training_done_on", _("Day of the peer training."), cells.day, "2026-09-14"),
    Column("training_expires_on", "training_expires_on", _("Last day on which it counts."), cells.day, "2029-09-13"),
    Column("available_from", "available_from", _("First day on which they can be asked."), cells.day),
    Column("available_until", "available_until", _("Last such day."), cells.day),
    Column("council", "", _("Written only: the council's name.")),
    Column("state", "", _("Written only.")),
    Column("days_this_year", "", _("Written only: counted from accepted visits.")),
    Column("last_deployment", "", _("Written only: last day of the last visit.")),
    Column("confirmed_on", "", _("Written only: when they last said that all this is right.")),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}
REQUIRED = ("email",)
NEEDED_OF_NEW = ("full_name", "council_code", "kind_of_peer")
