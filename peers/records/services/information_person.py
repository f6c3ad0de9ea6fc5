"""A copy of what is held about one person: asked for by the person, or by a coordinator."""

from collections.abc import Iterator

from django.db import transaction
from django.utils.translation import gettext as _
from stream_zip import MemberFile

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from cyber360.ui.templatetags.ui import nice_moment
from peers.access import SeatName, require
from peers.acts import Act
from peers.records.models import OPEN_EXPORTS, InformationExport
from peers.records.queries.person import people_of
from peers.records.queries.person_sheets import not_in_person_copy, person_sheets

from .base import clean
from .information import queue_making
from .information_archive import Archive, in_lines


@transaction.atomic
def ask_about_person(*, about: User, by: User, reference: str = "") -> InformationExport:
    """Queue a copy. While one is being made for the same person, that one is given back. Raises NoSeat."""
    person = User.objects.select_for_update().get(pk=about.pk)
    seat = _may(person, by)
    known = InformationExport.objects.filter(about=person, asked_by=by, state__in=OPEN_EXPORTS).first()
    if known is not None:
        return queue_making(known)
    export = InformationExport(about=person, asked_by=by, seat=seat, reference=reference.strip())
    clean(export)
    export.save()
    return queue_making(export)


def _may(person: User, by: User) -> SeatName:
    """The seat in which `by` has a copy about the person. Raises NoSeat."""
    if person.pk == by.pk:
        return require(by, Act.PERSON_EXPORT, InformationExport(asked_by_id=by.pk))
    seat = require(by, Act.PERSON_EXPORT)
    if not people_of(by).filter(pk=person.pk).exists():
        raise NoSeat
    return seat


def person_members(export: InformationExport, archive: Archive) -> Iterator[MemberFile]:
    """The members of the archive, with the right asked again. Raises NoSeat."""
    person = export.about
    assert person is not None
    _may(person, export.asked_by)
    return _members(export, person, archive)


def _members(export: InformationExport, person: User, archive: Archive) -> Iterator[MemberFile]:
    words = in_lines(
        _("A copy of what is held about %(name)s") % {"name": person.full_name},
        _("OFFICIAL-SENSITIVE. Personal data."),
        _("Made for %(name)s, %(moment)s.") % {"name": export.asked_by.full_name, "moment": nice_moment(archive.at)},
        _("Your reference: %(reference)s") % {"reference": export.reference} if export.reference else "",
        _("index.csv says what is included, what is held and not included, and whom to ask for it."),
        _("Agreements, answers and mails may name other people. Redact them before you pass this copy on."),
    )
    yield archive.small(_("Read me first.txt"), words)
    for number, sheet in enumerate(person_sheets(person, by=export.asked_by)):
        archive.show(min(95, 5 + 6 * number), sheet.title)
        yield archive.sheet(sheet)
    archive.index += not_in_person_copy(own=export.is_own)
    yield archive.index_sheet()
