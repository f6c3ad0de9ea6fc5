"""An archive on its way into the vault: never whole in memory, and never on a disk but encrypted."""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from stream_zip import ZIP_AUTO, MemberFile, stream_zip

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat, NotNow
from cyber360.files import cipher
from cyber360.files.cipher import DamagedFile
from cyber360.files.keys import key_for
from cyber360.files.models import StoredFile, blob_path
from cyber360.files.rendering import NoPreview
from cyber360.files.services import open_for_reading
from cyber360.files.storage import vault
from cyber360.ui.templatetags.ui import nice_moment
from peers.access import HOST, may
from peers.acts import Act
from peers.answers.queries import get_position
from peers.evidence.models import EvidenceItem, ReadingReceipt
from peers.evidence.queries import SAFE, Entry, Pack, Way, pack_for
from peers.evidence.services import record_damage
from peers.evidence.services.copies import marked_copy
from peers.evidence.services.receipts import record_taken_with_pack
from peers.records.models import InformationExport
from peers.records.queries.information import IndexLine, Sheet, as_csv, index_columns, label_of
from peers.records.queries.information_left import left_in_page
from peers.records.queries.information_sheets import SHEETS, Asking, both, council, names, not_included
from peers.reports.queries import get_issued, may_read_annex

READ_ONLY = 0o100400
ZIP_TYPE = "application/zip"
# Office files, PDFs and pictures are compressed already.
_WORTH_COMPRESSING = frozenset({"txt", "csv", "eml", "msg"})
Show = Callable[[int, str], None]


class Written(NamedTuple):
    """What lies in the vault now: plain bytes and their SHA-256, and the number of members.

    `evidence` are the evidence files among them; `page_only` how many more the council lets be read in the page only.
    """

    size: int
    sha256: str
    members: int
    evidence: int = 0
    page_only: int = 0


class Archive:
    """Collects the index while the members go by. `at` stands as the time of every member."""

    def __init__(self, at: datetime, show: Show) -> None:
        self.at, self.show = timezone.localtime(at), show
        self.index: list[IndexLine] = []
        self.members = self.evidence = self.page_only = 0

    def small(self, name: str, data: bytes) -> MemberFile:
        self.members += 1
        return name, self.at, READ_ONLY, ZIP_AUTO(len(data), level=6), [data]

    def sheet(self, sheet: Sheet) -> MemberFile:
        self.index.append(IndexLine(sheet.title, sheet.file, len(sheet.rows), sheet.holder))
        return self.small(sheet.file, as_csv(sheet.columns, sheet.rows))

    def file(self, name: str, stored: StoredFile, pieces: Iterable[bytes]) -> MemberFile:
        self.members += 1
        level = 6 if stored.extension in _WORTH_COMPRESSING else 0
        return name, self.at, READ_ONLY, ZIP_AUTO(stored.size, level=level), pieces

    def left_out(self, title: str, holder: str, reason: str) -> None:
        self.index.append(IndexLine(title, "", "", holder, reason))

    def index_sheet(self) -> MemberFile:
        return self.small("index.csv", as_csv(index_columns(), [line.cells for line in self.index]))


def seal_archive(*, scope: str, file_id: uuid.UUID, members: Iterator[MemberFile], archive: Archive) -> Written:
    """Write the archive under the scope's key. A fault leaves nothing behind but what the sweep removes."""
    digest, size = hashlib.sha256(), 0
    lock = cipher.encryptor(key_for(scope), cipher.file_context(scope, file_id))
    with vault().write(blob_path(file_id)) as out:
        for piece in stream_zip(members):
            digest.update(piece)
            size += len(piece)
            if sealed := lock.update(piece):
                out.write(sealed)
        out.write(lock.finalize())
    return Written(size, digest.hexdigest(), archive.members, archive.evidence, archive.page_only)


# --- a challenge -----------------------------------------------------------------------------------
def challenge_members(export: InformationExport, ask: Asking, archive: Archive) -> Iterator[MemberFile]:
    """A sheet to read first, the parts, whom the codes mean, and last the index of what was really put in."""
    yield archive.small(_("Read me first.txt"), _cover(export, archive.at))
    for number, part in enumerate(export.parts):
        archive.show(5 + 90 * number // max(1, len(export.parts)), label_of(part))
        yield from _part(part, ask, archive)
    yield archive.sheet(names(ask))
    archive.index += not_included()
    yield archive.index_sheet()


def _part(part: str, ask: Asking, archive: Archive) -> Iterator[MemberFile]:
    before = archive.members
    for build in SHEETS.get(part, ()):
        for sheet in build(ask):
            yield archive.sheet(sheet)
    if part == "answers":
        yield from _position(ask, archive)
    if part == "files":
        yield from _files(ask, archive)
    if part == "report":
        yield from _report(ask, archive)
    if archive.members == before:
        archive.left_out(label_of(part), both(), _("There is nothing of it that your seat may read now."))


def _position(ask: Asking, archive: Archive) -> Iterator[MemberFile]:
    if may(ask.user, Act.ANSWER_READ, ask.challenge):
        text = get_position(ask.challenge).text
        archive.index.append(IndexLine(_("The position statement"), "position.txt", "", council()))
        yield archive.small("position.txt", text.encode())


def _report(ask: Asking, archive: Archive) -> Iterator[MemberFile]:
    try:
        issued = get_issued(ask.user, ask.challenge.ref)
    except (NoSeat, NotNow):
        return
    yield from _document(_("The report as issued"), "report", issued.html, issued.pdf, ask, archive)
    if issued.annex_html and may_read_annex(ask.user, issued.report):
        title = _("The council’s own annex")
        yield from _document(title, "annex", issued.annex_html, issued.annex_pdf, ask, archive)


def _document(
    title: str, name: str, html: str, pdf: StoredFile | None, ask: Asking, archive: Archive
) -> Iterator[MemberFile]:
    archive.index.append(IndexLine(title, f"{name}.html", "", both()))
    yield archive.small(f"{name}.html", html.encode())
    if pdf is None:
        return
    try:
        pieces = _whole(pdf, ask.user)
    except NotNow as refusal:
        archive.left_out(f"{title}, PDF", both(), refusal.message)
    else:
        archive.index.append(IndexLine(f"{title}, PDF", f"{name}.pdf", "", both()))
        yield archive.file(f"{name}.pdf", pdf, pieces)


def _whole(stored: StoredFile, by: User) -> Iterator[bytes]:
    """The verified bytes. Raises NotNow in words for the index, for a damaged file as well."""
    try:
        return open_for_reading(stored)
    except DamagedFile as damage:
        record_damage(stored_file=stored, by=by, damage=damage)
        raise NotNow(
            _("It is damaged in the store, so it is not included. It has been recorded; tell the coordinator.")
        ) from damage


# --- evidence --------------------------------------------------------------------------------------
def _files(ask: Asking, archive: Archive) -> Iterator[MemberFile]:
    try:
        pack = pack_for(ask.user, ask.challenge)
    except (NoSeat, NotNow) as refusal:
        archive.page_only = left_in_page(ask.user, ask.challenge).left_out
        why = refusal.message or _("There is nothing of it that your seat may read now.")
        archive.left_out(label_of("files"), council(), _with_whom_to_ask(why, ask) if archive.page_only else why)
        return
    for entry in pack.entries:
        if entry.item.is_link:
            archive.left_out(entry.item.title, council(), _("It is a link: see evidence.csv for where it leads."))
        elif entry.page_only:
            archive.page_only += 1
            archive.left_out(entry.item.title, council(), _with_whom_to_ask(entry.reason, ask))
        elif not entry.is_sent:
            archive.left_out(entry.item.title, council(), entry.reason)
        else:
            yield from _evidence(entry, pack, ask, archive)


def _with_whom_to_ask(why: str, ask: Asking) -> str:
    words = _("Ask the host lead of %(council)s for a copy of its own, which has it.")
    return f"{why} {words % {'council': ask.challenge.council.name}}"


def _evidence(entry: Entry, pack: Pack, ask: Asking, archive: Archive) -> Iterator[MemberFile]:
    try:
        stored, pieces, copy_id = _opened(entry, pack, ask)
    except (NotNow, NoPreview) as refusal:
        archive.left_out(entry.item.title, council(), refusal.message)
        return
    name = f"evidence/{entry.path}"
    archive.index.append(IndexLine(entry.item.title, name, "", council()))
    archive.show(50, entry.item.title[:80])
    archive.evidence += 1
    yield archive.file(name, stored, pieces)
    if pack.seat not in HOST:
        record_taken_with_pack(item=entry.item, by=ask.user, seat=pack.seat, copy_id=copy_id)


def _opened(entry: Entry, pack: Pack, ask: Asking) -> tuple[StoredFile, Iterator[bytes], str]:
    """The file, its bytes, and the id that they carry when they are a marked copy. Raises NotNow, NoPreview.

    What is so now counts, not what was so when the archive began: it may take long.
    """
    rows = EvidenceItem.objects.filter(pk=entry.item.pk, state=EvidenceItem.State.LIVE, current=entry.item.current_id)
    if not (rows if pack.seat in HOST else rows.filter(SAFE)).exists():
        raise NotNow(_("It was withdrawn, replaced or held back while the copy was made."))
    assert entry.item.current is not None  # an entry that is sent has a file
    stored = StoredFile.objects.get(pk=entry.item.current.stored_file_id)
    pieces = _whole(stored, ask.user)
    if entry.way != Way.MARKED:
        return stored, pieces, ""
    version = entry.item.current
    version.item = entry.item
    copy = marked_copy(version=version, by=ask.user, kind=ReadingReceipt.Kind.PACK, stored=stored)
    return stored, _begun(copy.pieces), copy.copy_id


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, after the first piece is there: what fails, fails before anything of it is written."""
    first = next(pieces)
    return _after(first, pieces)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


# --- words -----------------------------------------------------------------------------------------
def _cover(export: InformationExport, at: datetime) -> bytes:
    assert export.challenge is not None
    return in_lines(
        _("A copy of what is held on the peer challenge of %(council)s, %(ref)s")
        % {"council": export.challenge.council.name, "ref": export.challenge.ref},
        _("OFFICIAL-SENSITIVE, unless a file says otherwise."),
        _("Made for %(name)s, %(moment)s.") % {"name": export.asked_by.full_name, "moment": nice_moment(at)},
        _("Your reference: %(reference)s") % {"reference": export.reference} if export.reference else "",
        _("This is not ready to be published. It helps you to answer a request; what may be released you decide."),
        _("In the tables people stand as codes (P1, P2); names.csv says whom they mean. Keep it apart."),
        _("Names still stand in free text, in the report and in the evidence files. Redact them there."),
        _("index.csv says what is included, what is held and not included, and whom to ask for it."),
        _("This copy is yours to look after. What is deleted in the workspace later stays in it."),
        settings.SITE_URL.rstrip("/") + export.get_absolute_url(),
    )


def in_lines(*words: str) -> bytes:
    return ("\r\n\r\n".join(word for word in words if word) + "\r\n").encode()
