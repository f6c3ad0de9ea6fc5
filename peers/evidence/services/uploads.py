"""Files that come in pieces: what they are for is written down at the beginning, the right is asked at every step.

The words about a file (what it shows, its dates, the questions it serves) wait in the upload's `target`, which goes
with the scope's other rows at disposal.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.files import resumable
from cyber360.files.models import StoredFile, Upload
from cyber360.files.names import ARCHIVE, extension_of
from cyber360.files.receiving import file_limit
from cyber360.files.resumable.registry import finishes
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceRequest

from .adding import add_one, folder_from, may_take_files, packed, title_from, unpacked
from .base import in_scope, kind_of, once_mark
from .unpacking import begin_unpacking, zip_limit

KIND = "evidence"


def begin_upload(
    *,
    challenge: Challenge,
    request: EvidenceRequest | None,
    by: User,
    asked: resumable.Wanted,
    words: dict[str, Any],
) -> Upload:
    """Begin to take in one file. `words` are the cleaned words of the form, `title` and `token` among them.

    `asked.metadata["path"]` names the folder that it came from. Raises NoSeat, NotNow, BadInput, TooBig.
    """
    may_take_files(challenge, request, by)
    about = {key: value for key, value in words.items() if key not in ("title", "token", "questions")}
    about["shows"], about["source"] = about.get("shows", "").strip(), kind_of(request, about.get("source", ""))
    target = {
        "kind": KIND,
        "challenge": challenge.pk,
        "request": None if request is None else request.pk,
        "title": words.get("title", "").strip(),
        "folder": folder_from(asked.metadata.get("path", "")),
        "token": words.get("token", ""),
        "words": packed(about, in_scope(challenge, list(words.get("questions", [])))),
    }
    is_zip = extension_of(asked.name) == ARCHIVE
    return resumable.create(
        scope=challenge.scope,
        name=asked.name,
        size=asked.size,
        owner=by,
        target=target,
        limit=zip_limit() if is_zip else file_limit(),
        metadata=asked.raw,
        archives=True,
    )


def allow_upload(*, upload: Upload, by: User) -> None:
    """Before every piece: may what was begun still go on? Raises NoSeat, NotNow."""
    challenge, request = _place(upload)
    may_take_files(challenge, request, by)


def end_upload(*, upload: Upload, by: User) -> None:
    """The person cancels what they began; nobody else can. Raises NoSeat, NotNow once it was received."""
    if upload.owner_id != by.pk:
        raise NoSeat
    resumable.end(upload)


def _place(upload: Upload) -> tuple[Challenge, EvidenceRequest | None]:
    """Where it was to go, as that stands now. Raises NotNow when it is gone."""
    target = upload.target
    rows = Challenge.objects.select_related("council", "programme", "framework_version")
    challenge = rows.filter(pk=target.get("challenge")).first()
    request = None
    if target.get("request") is not None:
        request = EvidenceRequest.objects.select_related("question", "owner").filter(pk=target["request"]).first()
    if challenge is None or (target.get("request") is not None and request is None):
        raise NotNow(_("What this file was asked for is no longer here."))
    if request is not None:
        request.challenge = challenge
    return challenge, request


@finishes(KIND)
@transaction.atomic
def add_received(upload: Upload, stored_file: StoredFile) -> None:
    """The file becomes an item, or a zip to unpack, for the person who began it, if they may add it now.

    Raises BadInput or NotNow, and then nothing of it is kept. One that was added before by the same form is not kept
    a second time.
    """
    try:
        challenge, request = _place(upload)
        _add(upload, stored_file, challenge, request)
    except NoSeat as lost:
        raise NotNow(_("You can no longer add evidence here.")) from lost


def _add(upload: Upload, stored: StoredFile, challenge: Challenge, request: EvidenceRequest | None) -> None:
    target = upload.target
    words, questions = unpacked(target["words"], challenge)
    place: dict[str, Any] = {
        "challenge": challenge,
        "request": request,
        "by": upload.owner,
        "keep": lambda: stored,
        "questions": questions,
        "mark": once_mark(target["token"], stored.sha256, target["folder"], stored.name),
    }
    if stored.extension == ARCHIVE:
        _row, known = begin_unpacking(words=words, **place)
    else:
        words["title"] = target["title"] or title_from(stored.name, target["folder"])
        _item, known = add_one(words=words, **place)
    if known:
        raise BadInput(_("“%(name)s” was added before and was not added twice.") % {"name": stored.name})
