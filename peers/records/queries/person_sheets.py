"""The tables of a copy about one person. Notes, scores and what only the person sees go to the person alone."""

from collections.abc import Iterator

from django.db.models import Field
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers.access import SeatName
from peers.acts import Act
from peers.pool.models import PeerProfile

from . import person_rows as rows_of
from .information import IndexLine, Sheet
from .information_sheets import association, both, council
from .person_rows import Challenges, Part, part_for


def person_sheets(person: User, *, by: User) -> Iterator[Sheet]:
    """All of it for the person themself; a coordinator has what lies in their own programmes."""
    own, part = person.pk == by.pk, part_for(person, by)
    seen = part.challenges
    yield _account(person)
    yield _seats(person, part)
    yield _profile(person, part)
    yield _ties(person, part)
    yield _away(person, part)
    yield _places(person, seen)
    yield _agreements(person, seen)
    yield _answers(person, seen)
    yield _given(person, seen)
    yield _readings(person, seen)
    if own:
        yield _notes(person)
        yield _scores(person)
    yield _events(person, part, own=own)
    yield _mails(person, part, own=own)


def not_in_person_copy(*, own: bool) -> Iterator[IndexLine]:
    """General words, the same for everybody."""
    ask = _("Not in this copy. Ask the Local Government Association, which weighs what others said in confidence.")
    yield IndexLine(_("What others said about the person in choosing a team: objections, reasons"), "", "", both(), ask)
    text = _("Not in this copy. Names in free text, reports and files are not searched for; ask the council.")
    yield IndexLine(_("Names in what other people wrote"), "", "", council(), text)
    if not own:
        alone = _("Not in this copy. Only the person can take them, from the page of their own account.")
        yield IndexLine(_("Own notes and scores"), "", "", association(), alone)


def _account(person: User) -> Sheet:
    rows: list[list[object]] = [
        [_("name"), person.full_name],
        [_("job title"), person.job_title],
        [_("e-mail"), person.email],
        [_("can sign in"), person.is_active],
        [_("account made"), person.date_joined],
        [_("last signed in"), person.last_login],
        [_("one mail a day"), person.daily_digest],
    ]
    return Sheet("account.csv", _("The account"), association(), [_("what"), _("value")], rows)


def _seats(person: User, part: Part) -> Sheet:
    rows: list[list[object]] = []
    for found in (rows_of.programme_seats(person, part), rows_of.challenge_seats(person, part.challenges)):
        seats = found.select_related("content_object", "permission").order_by("starts_on")
        rows += [[str(seat.content_object), str(seat.name.label), seat.starts_on, seat.ends_on] for seat in seats]
    columns = [_("on"), _("seat"), _("from"), _("until")]
    return Sheet("seats.csv", _("Seats"), association(), columns, rows)


def _profile(person: User, part: Part) -> Sheet:
    profile = rows_of.profiles(person, part).select_related("council").first()
    rows: list[list[object]] = []
    if profile is not None:
        names = (
            "council", "role", "seniority", "can_lead", "job_title", "party", "biography", "welsh_speaker", "remote_ok",
            "travel_km", "access_needs", "training_done_on", "training_expires_on", "days_offered", "most_visits",
            "available_from", "available_until", "state", "registered_at", "approved_at", "confirmed_on",
        )  # fmt: skip
        rows = [[_label(name), _shown(profile, name)] for name in names]
        rows += [
            [_("skill"), f"{row.get_theme_code_display()}: {row.get_level_display()}"] for row in profile.skills.all()
        ]
        known = profile.experience.all()
        rows += [[_("knows"), f"{row.get_council_kind_display()}, {row.get_size_display()}"] for row in known]
        homes = profile.homes.select_related("council")
        rows += [[_("home council"), f"{row.council.name} {row.starts_on or ''} {row.ends_on or ''}"] for row in homes]
    return Sheet("profile.csv", _("Profile in the pool"), association(), [_("what"), _("value")], rows)


def _label(name: str) -> str:
    field = PeerProfile._meta.get_field(name)
    assert isinstance(field, Field)
    return str(field.verbose_name)


def _shown(profile: PeerProfile, name: str) -> object:
    told = getattr(profile, f"get_{name}_display", None)
    value = told() if told is not None else getattr(profile, name)
    return str(value) if name == "council" else value


def _ties(person: User, part: Part) -> Sheet:
    rows = [
        [row.council.name, row.get_kind_display(), row.words, row.starts_on, row.ends_on, row.declared_at]
        for row in rows_of.ties(person, part).select_related("council")
    ]
    columns = [_("council"), _("kind"), _("words"), _("from"), _("until"), _("declared")]
    return Sheet("ties.csv", _("Declared ties to councils"), association(), columns, rows)


def _away(person: User, part: Part) -> Sheet:
    rows = [[row.first_day, row.last_day, row.words] for row in rows_of.days_away(person, part)]
    return Sheet("days-away.csv", _("Days away"), association(), [_("from"), _("until"), _("what for")], rows)


def _places(person: User, seen: Challenges) -> Sheet:
    rows = [
        [
            row.challenge.ref, row.get_role_display(), row.get_state_display(), row.proposed_at, row.invited_at,
            row.answered_at, row.answer_reason, row.removed_at,
        ]
        for row in rows_of.places(person, seen).select_related("challenge")
    ]  # fmt: skip
    columns = [
        _("challenge"), _("role"), _("state"), _("put on the list"), _("invited"), _("answered"), _("own reason"),
        _("taken off"),
    ]  # fmt: skip
    return Sheet("placements.csv", _("Places on teams"), association(), columns, rows)


def _agreements(person: User, seen: Challenges) -> Sheet:
    mine = rows_of.agreements(person, seen).select_related("challenge")
    rows = [
        [row.challenge.ref, row.title, row.get_state_display(), row.signed_at, row.signed_name, row.body]
        for row in mine
    ]
    columns = [_("challenge"), _("title"), _("state"), _("signed"), _("signed as"), _("text")]
    return Sheet("agreements.csv", _("Agreements"), both(), columns, rows)


def _answers(person: User, seen: Challenges) -> Sheet:
    mine = rows_of.answers(person, seen).select_related("challenge", "question")
    rows = [[row.challenge.ref, row.question.code, row.level, row.text, row.updated_at] for row in mine]
    columns = [_("challenge"), _("question"), _("level"), _("answer"), _("last changed")]
    return Sheet("answers.csv", _("Answers that the person changed last"), council(), columns, rows)


def _given(person: User, seen: Challenges) -> Sheet:
    mine = rows_of.given(person, seen).select_related("item__challenge", "stored_file")
    rows = [[row.item.challenge.ref, row.item.title, row.number, row.stored_file.name, row.uploaded_at] for row in mine]
    columns = [_("challenge"), _("title"), _("version"), _("file"), _("given")]
    return Sheet("evidence-given.csv", _("Evidence that the person gave, without the files"), council(), columns, rows)


def _readings(person: User, seen: Challenges) -> Sheet:
    mine = rows_of.readings(person, seen).select_related("item__challenge")
    rows = [[row.item.challenge.ref, row.item.title, row.how, row.first_at, row.last_at, row.times] for row in mine]
    columns = [_("challenge"), _("title"), _("how"), _("first"), _("last"), _("times")]
    return Sheet("readings.csv", _("What the person read"), both(), columns, rows)


def _notes(person: User) -> Sheet:
    mine = rows_of.notes(person).select_related("challenge", "conversation")
    rows = [[row.challenge.ref, str(row.conversation or ""), row.text, row.created_at, row.updated_at] for row in mine]
    columns = [_("challenge"), _("conversation"), _("note"), _("made"), _("last changed")]
    return Sheet("notes.csv", _("Own notes"), association(), columns, rows)


def _scores(person: User) -> Sheet:
    mine = rows_of.scores(person).select_related("challenge", "question")
    rows = [
        [row.challenge.ref, row.question.code, row.level, row.get_confidence_display(), row.comment, row.updated_at]
        for row in mine
    ]
    columns = [_("challenge"), _("question"), _("level"), _("confidence"), _("comment"), _("last changed")]
    return Sheet("scores.csv", _("Own scores"), association(), columns, rows)


def _events(person: User, part: Part, *, own: bool) -> Sheet:
    events = rows_of.events(person, part, own=own)
    rows = [[row.at, row.scope, _act(row.act), _seat(row.seat)] for row in events.iterator(chunk_size=2000)]
    columns = [_("when"), _("where"), _("what was done"), _("seat")]
    return Sheet("events.csv", _("What the person did, as recorded"), association(), columns, rows)


def _act(name: str) -> str:
    return str(Act(name).label) if name in Act.values else name


def _seat(name: str) -> str:
    return str(SeatName(name).label) if name in SeatName.values else name


def _mails(person: User, part: Part, *, own: bool) -> Sheet:
    """Without links. The text goes to the person alone, and never that of mails which signed somebody in."""
    mine = rows_of.mails(person, part).order_by("created_at")
    rows = [
        [
            row.created_at,
            row.address,
            row.subject,
            row.body if own and not row.secret else "",
            row.get_state_display(),
            row.sent_at,
        ]
        for row in mine
    ]
    columns = [_("written"), _("to"), _("subject"), _("text"), _("state"), _("sent")]
    return Sheet("mails.csv", _("Mails to the person"), association(), columns, rows)
