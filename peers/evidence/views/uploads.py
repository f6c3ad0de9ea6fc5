"""Addresses that the page's script sends files to, and pages about what became of them."""

import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cyber360.exceptions import BadInput, ExpectedError
from cyber360.files import resumable
from cyber360.files.waiting_words import opened_words, sealed_words
from cyber360.ui.numbers import whole
from peers.access import acts, may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge, questions_in_scope
from peers.evidence import queries, services
from peers.evidence.forms import DescribeForm, UploadWordsForm
from peers.evidence.models import EvidenceItem, EvidenceRequest

from .base import page

# In the session: the words of the last few sendings, by their token, until all is sent. Under the challenge's key:
# they go with it, out of every row and backup.
WORDS = "evidence-upload-words"
SENDINGS = 8
WORDS_SECONDS = 60 * 60  # then the script tells them again
ASKED_AT_ONCE = 250
ASKS_FOR = timedelta(minutes=30)  # a page of checks that go on asks by itself no longer than this


class WordsMissing(ExpectedError):
    """The session does not know the words of this sending (any more): the script tells them again."""

    status = 428


# --- what the script asks ------------------------------------------------------------------------------
@acts(Act.EVIDENCE_UPLOAD)
@require_POST
def upload_words(request: HttpRequest, ref: str) -> HttpResponse:
    """The words for all files of one sending, told before the first file. 204, or 400 with what to mend."""
    return _words(request, get_challenge(request.user, ref, Act.EVIDENCE_UPLOAD), None)


@acts(Act.EVIDENCE_UPLOAD)
@require_POST
def request_upload_words(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_UPLOAD)
    return _words(request, row.challenge, row)


def _words(request: HttpRequest, challenge: Challenge, row: EvidenceRequest | None) -> HttpResponse:
    services.may_take_files(challenge, row, request.user)
    form = _form_of(challenge, row, request.POST)
    if not form.is_valid():
        return render(request, "evidence/_upload_errors.html", {"form": form}, status=400)
    kept = _fresh(request)
    token = form.cleaned_data["token"]
    kept.pop(token, None)
    kept[token] = [int(time.time()), sealed_words(challenge.scope, token, request.POST.urlencode())]
    request.session[WORDS] = dict(list(kept.items())[-SENDINGS:])
    return HttpResponse(status=204)


def _fresh(request: HttpRequest) -> dict[str, Any]:
    """What the session holds, without the words that are too old; those are taken out of it."""
    told, oldest = request.session.get(WORDS, {}), time.time() - WORDS_SECONDS
    kept = {token: words for token, words in told.items() if isinstance(words, list) and words[0] >= oldest}
    if kept != told:
        request.session[WORDS] = kept
    return kept


def _forget_sent(request: HttpRequest, challenge: Challenge) -> None:
    """Take out the words of sendings of which nothing comes in any more; the script tells them again if they lack."""
    kept = _fresh(request)
    if sent := queries.sent(request.user, challenge, set(kept)):
        request.session[WORDS] = {token: words for token, words in kept.items() if token not in sent}


def _form_of(challenge: Challenge, row: EvidenceRequest | None, data: QueryDict) -> UploadWordsForm:
    return UploadWordsForm(data, questions=questions_in_scope(challenge) if row is None else None)


@resumable.speaks_tus
@acts(Act.EVIDENCE_UPLOAD)
def uploads(request: HttpRequest, ref: str) -> HttpResponse:
    return _begin(request, get_challenge(request.user, ref, Act.EVIDENCE_UPLOAD), None)


@resumable.speaks_tus
@acts(Act.EVIDENCE_UPLOAD)
def request_uploads(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_UPLOAD)
    return _begin(request, row.challenge, row)


def _begin(request: HttpRequest, challenge: Challenge, row: EvidenceRequest | None) -> HttpResponse:
    if request.method == "OPTIONS":
        return resumable.options(services.zip_limit())
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST, OPTIONS"})
    asked = resumable.wanted(request.headers)
    words = _words_of(request, challenge, row, asked.metadata.get("token", ""))
    upload = services.begin_upload(challenge=challenge, request=row, by=request.user, asked=asked, words=words)
    return resumable.created(request, upload, reverse("evidence:upload", args=[challenge.ref, upload.pk]))


def _words_of(request: HttpRequest, challenge: Challenge, row: EvidenceRequest | None, token: str) -> dict[str, Any]:
    kept = _fresh(request).get(token)
    told = opened_words(challenge.scope, token, kept[1]) if kept else None
    form = _form_of(challenge, row, QueryDict(told)) if told else None
    if form is None or not form.is_valid():
        raise WordsMissing(_("What you said about the files has to be told again."))
    return form.cleaned_data


@resumable.speaks_tus
@acts(Act.EVIDENCE_UPLOAD)
def upload(request: HttpRequest, ref: str, pk) -> HttpResponse:
    """One upload: how far it is, the next piece of it, its end. Every step asks anew for the right."""
    row = queries.get_upload(request.user, queries.open_evidence(request.user, ref), pk)
    if request.method in ("HEAD", "PATCH"):
        services.allow_upload(upload=row, by=request.user)
    return resumable.answer(request, row)


@acts(Act.EVIDENCE_READ)
@require_safe
def upload_states(request: HttpRequest, ref: str) -> HttpResponse:
    """What became of the uploads named by `id`, and a token that is good now (signing in again changes it).

    `more`: the script has files that it has not begun to send.
    """
    challenge = queries.open_evidence(request.user, ref)
    if "more" not in request.GET:
        _forget_sent(request, challenge)
    ids = _ids(request.GET.getlist("id")[:ASKED_AT_ONCE])
    found = queries.fates(request.user, challenge, ids) if ids else []
    told = [{**fate._asdict(), "word": fate.word} for fate in found]
    return JsonResponse({"token": get_token(request), "uploads": told})


def _ids(texts: Iterable[str]) -> set[UUID]:
    ids = set()
    for text in texts:
        with suppress(ValueError):
            ids.add(UUID(text))
    return ids


# --- pages ---------------------------------------------------------------------------------------------
@acts(Act.EVIDENCE_UPLOAD)
@require_POST
def upload_cancel(request: HttpRequest, ref: str, pk) -> HttpResponse:
    """The same as the script's Cancel, for an upload that waits to be gone on with."""
    row = queries.get_upload(request.user, queries.open_evidence(request.user, ref), pk)
    services.end_upload(upload=row, by=request.user)
    messages.success(request, _("“%(name)s” is cancelled. Nothing of it was kept.") % {"name": row.name})
    asked_for = row.target.get("request")
    return redirect("evidence:request", ref, asked_for) if asked_for else redirect("evidence:add", ref)


@acts(Act.EVIDENCE_READ)
@require_safe
def unpacking(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """What became of a zip; while it is being unpacked the page asks again by itself."""
    row = queries.get_unpacking(request.user, ref, pk)
    job = None if row.is_ended else queries.job_of(row)
    may_add = may(request.user, Act.EVIDENCE_UPLOAD, row)
    told = queries.unpacked_fates(request.user, row)
    return page(
        request,
        "unpacking",
        row.challenge,
        row=row,
        job=job,
        told=[fate for fate in told if not fate.is_quiet],
        checking=sum(fate.waits for fate in told),
        asks=not row.ended_at or row.ended_at > timezone.now() - ASKS_FOR,
        ignored=row.words.get("ignored", 0),
        is_stopped=job is not None and job.state == "stopped",
        may_add=may_add,
        to_describe=may_add and row.is_ended and queries.undescribed_items(request.user, row.challenge).exists(),
    )


@acts(Act.EVIDENCE_UPLOAD)
@require_POST
def unpack_again(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_unpacking(request.user, ref, pk)
    services.unpack_again(unpacking=row, by=request.user)
    messages.success(request, _("The unpacking goes on."))
    return redirect(row)


@acts(Act.EVIDENCE_UPLOAD)
def describe(request: HttpRequest, ref: str) -> HttpResponse:
    """New files of which nothing is said yet, ten at a time: title, what it shows, questions."""
    challenge = queries.open_evidence(request.user, ref)
    waiting = queries.undescribed_items(request.user, challenge, whole(request.GET.get("after", "")))
    items = list(_named(request, challenge) if request.method == "POST" else waiting[: queries.DESCRIBED_AT_ONCE])
    if not items:
        messages.info(request, _("Something is said of every file that you added."))
        return redirect("evidence:list", ref)
    for item in items:
        require(request.user, Act.EVIDENCE_UPLOAD, item)
    offered = list(questions_in_scope(challenge))
    forms = [DescribeForm(request.POST or None, item=item, offered=offered) for item in items]
    after = queries.undescribed_items(request.user, challenge, items[-1].pk)
    if request.method == "POST" and _described(request, forms):
        if not after.exists():
            return redirect("evidence:list", ref)
        return redirect(f"{request.path}?after={items[-1].pk}")
    return page(request, "describe", challenge, forms=forms, left=after.count(), last=items[-1].pk)


def _named(request: HttpRequest, challenge: Challenge) -> QuerySet[EvidenceItem]:
    """The files on the page that was sent, whatever was said of them meanwhile."""
    named = [whole(text) for text in request.POST.getlist("item")[: queries.DESCRIBED_AT_ONCE]]
    files = queries.items_visible_to(request.user, challenge).filter(pk__in=named, kind=EvidenceItem.Kind.FILE)
    return files.prefetch_related("questions").order_by("pk")


def _described(request: HttpRequest, forms: list[DescribeForm]) -> bool:
    wrong_forms = [form for form in forms if not form.is_valid()]  # every form tells its errors, not the first alone
    if wrong_forms:
        return False
    words = [(form.item, form.cleaned_data) for form in forms]
    try:
        count = services.describe_items(by=request.user, words=words)
    except BadInput as wrong:
        forms[0].add_error(None, wrong.message)
        return False
    done = ngettext("%(count)s file is described.", "%(count)s files are described.", count)
    messages.success(request, done % {"count": count})
    return True
