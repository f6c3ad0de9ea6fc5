"""Evidence in preparation: files, links, what is taken over, what is held back, what is settled in words."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle
from typing import Any

from cyber360.files.handler import Limits, VaultUpload, VaultUploadHandler
from cyber360.files.models import Verdict
from cyber360.files.receiving import file_limit
from cyber360.files.services import check_and_scan, check_plain
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest, EvidenceVersion
from peers.evidence.services import (
    Chosen,
    add_files,
    add_link,
    ask_for_reuse,
    hand_request,
    mark_not_held,
    mark_not_needed,
    release_version,
    replace_file,
    set_policy,
    take_over,
    withdraw_item,
)
from peers.evidence.services.following import follow_file
from peers.frameworks.models import Question
from peers.stages import Stage

from .makers import make_file
from .tale import Tale
from .texts import text

FEW_THEMES = 6
Requests = dict[str, EvidenceRequest]


def gather_evidence(tale: Tale) -> None:
    """In part: some requests and files are still open, one file is held back for the council's answer."""
    shelf, under_way = text("evidence"), not tale.whole(Stage.PREPARATION)
    given = shelf[tale.plan["shelf"]] if "shelf" in tale.plan else shelf
    requests = {row.prompt: row for row in tale.challenge.evidence_requests.select_related("question")}
    _say_policy(tale)
    for entry in (one for one in given["files"] if _is_given(tale, one, requests)):
        _upload(tale, requests, entry)
    for entry in (one for one in given["links"] if _is_given(tale, one, requests)):
        _link(tale, requests, entry)
    if not tale.plan.get("late_change"):
        replace_one(tale)
    _take_one_back(tale, shelf["withdrawn"])
    if tale.plan.get("takes_over"):
        _take_over(tale, shelf["reused"])
    if under_way:
        _upload(tale, requests, shelf["held"])
        _hand_over(tale)
    check_and_release(tale, all_of_them=not under_way)
    _settle(tale, shelf, under_way)


def _say_policy(tale: Tale) -> None:
    if "downloads" in tale.plan:
        set_policy(
            challenge=tale.challenge, by=tale.lead, evidence_policy=Challenge.EvidencePolicy.BOTH,
            download_policy=tale.plan["downloads"],
        )  # fmt: skip
        tale.fresh()


def _is_given(tale: Tale, entry: dict, requests: Requests) -> bool:
    """Whether there is something here to give it for, and room for it."""
    if entry.get("large_sets_only") and not (tale.plan.get("whole_pack") or len(tale.themes) > FEW_THEMES):
        return False
    return entry["prompt"] in requests if "prompt" in entry else bool(_also(tale, entry))


def _also(tale: Tale, entry: dict) -> list[Question]:
    return [question for question in tale.questions if question.code in entry.get("also", [])]


# --- one thing -------------------------------------------------------------------------------------------
def receive(tale: Tale, name: str, data: bytes) -> VaultUpload:
    """The bytes as a form would bring them: encrypted from the first one, then checked by content."""
    receiver = VaultUploadHandler(None, tale.challenge.scope, Limits(file_limit()))
    receiver.new_file("files", name, "application/octet-stream", len(data))
    receiver.receive_data_chunk(data, 0)
    upload = receiver.file_complete(len(data))
    if upload is None or upload.refusal:
        raise RuntimeError(f"The demo's own file {name} was refused: {upload and upload.refusal}")
    upload.checked = check_plain(upload)
    return upload


def _bytes_of(tale: Tale, entry: dict) -> tuple[str, bytes]:
    lines = [tale.say(line) if isinstance(line, str) else _cells(tale, line) for line in entry["lines"]]
    return f"{entry['name']}.{entry['kind']}", make_file(entry["kind"], tale.say(entry["title"]), lines)


def _cells(tale: Tale, row: list) -> list:
    return [tale.say(cell) if isinstance(cell, str) else cell for cell in row]


def _upload(tale: Tale, requests: Requests, entry: dict) -> None:
    name, data = _bytes_of(tale, entry)
    request = requests[entry["prompt"]] if "prompt" in entry else None
    own = [request.question] if request is not None and request.question is not None else []
    outcome = add_files(
        challenge=tale.challenge, by=tale.lead, uploads=[receive(tale, name, data)], request=request,
        title=entry["title"], shows=tale.say(entry["shows"]), source=entry.get("source", ""),
        questions=[*own, *_also(tale, entry)], **_dates(tale, entry),
    )[0]  # fmt: skip
    if outcome.item is None:
        raise RuntimeError(outcome.message)


def _link(tale: Tale, requests: Requests, entry: dict) -> None:
    add_link(
        challenge=tale.challenge, by=tale.lead, request=requests[entry["prompt"]] if "prompt" in entry else None,
        url=tale.url(entry["url"]), title=entry["title"], where=entry["where"], who_can_open=entry["who"],
        shows=tale.say(entry["shows"]), source=entry.get("source", ""), questions=_also(tale, entry),
    )  # fmt: skip


def _dates(tale: Tale, entry: dict) -> dict[str, Any]:
    """Counted back from the visit; the day of review counted forward."""
    visit = tale.calendar.first_day
    first, last = (visit - timedelta(days=days) for days in entry["period"]) if "period" in entry else (None, None)
    review = visit + timedelta(days=entry["review"]) if "review" in entry else None
    written = visit - timedelta(days=entry.get("age", 120))
    return {"document_date": written, "period_from": first, "period_to": last, "review_on": review}


# --- what changes ------------------------------------------------------------------------------------------
def replace_one(tale: Tale) -> EvidenceItem | None:
    """One file comes again in a newer version, where it was given at all."""
    newer = text("evidence")["newer"]
    item = EvidenceItem.objects.filter(challenge=tale.challenge, title=newer["title"]).first()
    if item is None:
        return None
    name, data = _bytes_of(tale, newer)
    return replace_file(item=item, by=tale.lead, upload=receive(tale, name, data))


def _take_one_back(tale: Tale, spare: dict) -> None:
    request = tale.challenge.evidence_requests.filter(state=EvidenceRequest.State.OPEN).first()
    item = add_link(
        challenge=tale.challenge, by=tale.lead, request=request, url=tale.url(spare["url"]), title=spare["title"]
    )
    withdraw_item(item=item, by=tale.lead, reason=spare["reason"])


def _take_over(tale: Tale, entries: list[dict]) -> None:
    """From the council's first challenge: a link and a file, as the form and its job would do it."""
    for entry in entries:
        source = EvidenceItem.objects.filter(
            challenge__council=tale.council, title=entry["title"], challenge__registered_on__lt=tale.calendar.registered
        ).get()
        for reuse in ask_for_reuse(challenge=tale.challenge, by=tale.lead, chosen=[Chosen(source, entry["why"])]):
            take_over(reuse_id=reuse.pk)


def _hand_over(tale: Tale) -> None:
    """One open request for each contributor, from a theme of theirs."""
    waiting = tale.challenge.evidence_requests.filter(state=EvidenceRequest.State.OPEN).order_by("pk")
    for entry in tale.plan.get("contributors", []):
        request = waiting.filter(question__theme__code__in=entry["themes"]).last()
        if request is not None:
            hand_request(
                request=request, by=tale.lead, email=tale.email_of(entry), full_name=entry["name"],
                job_title=entry["job"], due_on=request.due_on,
            )  # fmt: skip


# --- what follows -------------------------------------------------------------------------------------------
def check_and_release(tale: Tale, *, all_of_them: bool) -> None:
    """What the worker would do with each file, then the coordinator's word where there is no scanner."""
    versions = EvidenceVersion.objects.filter(item__challenge=tale.challenge).select_related("stored_file", "item")
    for place, version in enumerate(versions.order_by("item_id", "number")):
        if version.stored_file.verdict == Verdict.PENDING:
            check_and_scan(file_id=version.stored_file_id)
            follow_file(file_id=version.stored_file_id)
            version.stored_file.refresh_from_db()
        is_wanted = version.item.is_live and version.item.current_id == version.pk and not version.is_release_given
        if is_wanted and version.may_be_released and (all_of_them or place % 3):
            release_version(version=version, by=tale.coordinator, reason=text("evidence")["release"])


def _settle(tale: Tale, shelf: dict, under_way: bool) -> None:
    mine = tale.challenge.evidence_requests.filter(state=EvidenceRequest.State.OPEN, owner=tale.lead).order_by("pk")
    not_held, not_needed = (cycle(_said(tale, shelf[name])) for name in ("not_held", "not_needed"))
    for place, request in enumerate(mine):
        if under_way and place % 4 == 1:
            continue
        if place % 3 == 0:
            mark_not_held(request=request, by=tale.lead, reason=next(not_held))
        else:
            mark_not_needed(request=request, by=tale.lead, reason=next(not_needed))


def _said(tale: Tale, reasons: Sequence[str]) -> list[str]:
    return [tale.say(reason) for reason in reasons]
