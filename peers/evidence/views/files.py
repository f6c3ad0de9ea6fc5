"""Pages through which files come in and go out."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.exceptions import BadInput, TooBig
from cyber360.files.handler import MEGABYTE
from cyber360.files.receiving import FORM_BYTES, receives_files
from cyber360.ui.numbers import whole
from peers.access import acts, may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge, questions_in_scope
from peers.evidence import queries, services
from peers.evidence.forms import ReplaceForm, UploadForm
from peers.evidence.models import EvidenceItem, EvidenceRequest

from .base import page
from .collecting import collecting

FILES_AT_ONCE = 20


def refuse_huge(request) -> None:
    """Raises TooBig by the length that the browser announces, before a byte of it is read."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    most = min(settings.EVIDENCE_PACK_MB, FILES_AT_ONCE * settings.EVIDENCE_FILE_MB)
    if whole(announced, otherwise=10**18) > most * MEGABYTE + FORM_BYTES:
        raise TooBig(
            _(
                "What you chose is larger than %(most)s MB, so nothing was uploaded and nothing else is lost. "
                "One file may have %(one)s MB. Go back and choose fewer or smaller files, or add a link instead."
            )
            % {"most": most, "one": settings.EVIDENCE_FILE_MB}
        )


def _takes_files(request, challenge: Challenge) -> str:
    if challenge.evidence_policy == Challenge.EvidencePolicy.LINKS:
        raise services.LinksOnly
    refuse_huge(request)
    return challenge.scope


def may_add(request, ref) -> str:
    return _takes_files(request, get_challenge(request.user, ref, Act.EVIDENCE_UPLOAD))


def may_add_to(request, ref, pk) -> str:
    return _takes_files(request, queries.get_request(request.user, ref, pk, Act.EVIDENCE_UPLOAD).challenge)


def may_replace(request, ref, pk) -> str:
    return _takes_files(request, queries.get_item(request.user, ref, pk, Act.EVIDENCE_WITHDRAW).challenge)


# --- in ------------------------------------------------------------------------------------------------
@acts(Act.EVIDENCE_UPLOAD)
@receives_files(may_add, archives=True)
def add_files(request, ref):
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_UPLOAD)
    if challenge.evidence_policy == Challenge.EvidencePolicy.LINKS:  # an old address; its buttons are not shown
        messages.info(request, services.LinksOnly().message)
        return redirect("evidence:add_link", ref)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        limit_mb=settings.EVIDENCE_FILE_MB,
        questions=questions_in_scope(challenge),
        initial={"questions": request.GET.getlist("question")},
    )
    if request.method == "POST" and form.is_valid() and (outcomes := _added(request, form, challenge)):
        return redirect(_after(outcomes) or reverse("evidence:list", args=[ref]))
    return page(request, "add", challenge, form=form, collecting=collecting(request, challenge, None))


@acts(Act.EVIDENCE_READ, Act.EVIDENCE_UPLOAD)
@receives_files(may_add_to, archives=True)
def request_page(request, ref, pk):
    """A request with what was given for it; a POST adds files to it."""
    posted = request.method == "POST"
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_UPLOAD if posted else Act.EVIDENCE_READ)
    form = UploadForm(request.POST or None, request.FILES or None, limit_mb=settings.EVIDENCE_FILE_MB)
    if posted and form.is_valid() and (outcomes := _added(request, form, row.challenge, row)):
        return redirect(_after(outcomes) or row.get_absolute_url())
    items = queries.items_visible_to(request.user, row.challenge).filter(request=row)
    may_add = may(request.user, Act.EVIDENCE_UPLOAD, row)
    return page(
        request,
        "request",
        row.challenge,
        row=row,
        form=form,
        rows=queries.item_rows(
            row.challenge, list(queries.items_in_brief(items)), request.user, reads=False, shows_readers=False
        ),
        question_url=_question_url(request, row),
        may_add=may_add,
        collecting=collecting(request, row.challenge, row) if may_add else None,
        may_edit=may(request.user, Act.EVIDENCE_REQUEST_EDIT, row),
        may_settle=may(request.user, Act.EVIDENCE_REQUEST_SETTLE, row),
        may_remind=row.may_be_reminded_by(request.user) and may(request.user, Act.EVIDENCE_REQUEST_EDIT, row),
        may_hand_over=may(request.user, Act.QUESTION_HAND_OVER, row),
        shows_owner=not row.challenge.pack_locked_at or may(request.user, Act.EVIDENCE_RECEIPTS_READ, row),
    )


def _after(outcomes: list[services.Outcome]) -> str:
    """A zip alone: the page on which it is unpacked; else ""."""
    zips = [outcome.unpacking for outcome in outcomes if outcome.unpacking]
    return zips[0].get_absolute_url() if len(zips) == 1 and len(outcomes) == 1 else ""


def _question_url(request, row: EvidenceRequest) -> str:
    if row.question is None or not may(request.user, Act.ANSWER_READ, row.challenge):
        return ""
    return reverse("answers:question", args=[row.challenge.ref, row.question.code])


def _added(
    request, form: UploadForm, challenge: Challenge, row: EvidenceRequest | None = None
) -> list[services.Outcome]:
    """Hand the form to the service and say what became of each file; [] when none was taken."""
    words = dict(form.cleaned_data)
    outcomes = services.add_files(
        challenge=challenge, by=request.user, request=row, uploads=words.pop("files"), **words
    )
    if not any(outcome.item or outcome.unpacking for outcome in outcomes):
        form.add_error("files", [outcome.message for outcome in outcomes])
        return []
    for outcome in outcomes:
        _tell(request, outcome)
    if added := [outcome.item for outcome in outcomes if outcome.item and not outcome.known]:
        _tell_added(request, challenge, added)
    return outcomes


def _tell_added(request, challenge: Challenge, added: list[EvidenceItem]) -> None:
    words = ngettext("%(count)s file is added: %(names)s.", "%(count)s files are added: %(names)s.", len(added))
    names = ", ".join(item.title for item in added)
    messages.success(request, words % {"count": len(added), "names": names})
    for double in queries.same_files(request.user, challenge, added).values():
        messages.info(request, _("The same file is already here as “%(title)s”.") % {"title": double.title})


def _tell(request, outcome: services.Outcome) -> None:
    if outcome.known:
        messages.info(request, _("“%(name)s” was added before and was not added twice.") % {"name": outcome.name})
    elif outcome.unpacking:
        messages.success(request, _("“%(name)s” is being unpacked.") % {"name": outcome.name})
    elif outcome.item is None:
        messages.error(request, outcome.message)


@acts(Act.EVIDENCE_WITHDRAW)
@receives_files(may_replace)
def item_replace(request, ref, pk):
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_WITHDRAW)
    form = ReplaceForm(request.POST or None, request.FILES or None, row=item)
    if request.method == "POST" and form.is_valid():
        words = dict(form.cleaned_data)
        try:
            services.replace_file(item=item, by=request.user, upload=words.pop("file"), **words)
        except BadInput as wrong:
            form.add_error("file", wrong.message)
        else:
            messages.success(request, _("The new file is in use. The one before is kept."))
            return redirect(item)
    return page(request, "replace", item.challenge, form=form, item=item)
