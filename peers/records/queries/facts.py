"""What a disposal takes and what stays: counted before the first thing goes, and printed on the certificate."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.files.models import State, StoredFile
from peers.acts import Act
from peers.agreements.models import Agreement
from peers.challenges.models import Challenge
from peers.evidence.models import QUALITIES, EvidenceItem, EvidenceVersion, Judgement, PackExport, ReadingReceipt, Reuse
from peers.onsite.models import Note
from peers.records.models import DisposalRun, Kind
from peers.reports.models import DraftPdf, IssuedReport
from peers.scoring.models import Score


def files_that_stay(challenge: Challenge) -> list[StoredFile]:
    """Reports, their annexes and drafts, agreements and signed copies that still lie under the evidence's key."""
    issued = IssuedReport.objects.filter(report__challenge=challenge)
    agreements = Agreement.objects.filter(challenge=challenge)
    wanted = (
        Q(pk__in=issued.values("pdf"))
        | Q(pk__in=issued.values("annex_pdf"))
        | Q(pk__in=DraftPdf.objects.filter(report__challenge=challenge).values("pdf"))
        | Q(pk__in=agreements.values("pdf_file"))
        | Q(pk__in=agreements.values("returned_file"))
    )
    return list(StoredFile.objects.filter(wanted, scope=challenge.scope, state=State.STORED))


def facts_of(run: DisposalRun) -> dict[str, Any]:
    """Plain JSON: `takes` and `copies` as counts, for evidence `files` with title, version, type, size and SHA-256."""
    return _of_evidence(run.challenge) if run.kind == Kind.EVIDENCE else _of_notes(run.challenge)


def _of_evidence(challenge: Challenge) -> dict[str, Any]:
    versions = EvidenceVersion.objects.filter(item__challenge=challenge).select_related("item", "stored_file")
    files = [_file_line(row) for row in versions.order_by("item__title", "item_id", "number")]
    items = EvidenceItem.objects.filter(challenge=challenge)
    kinds = items.aggregate(files=Count("pk", filter=Q(kind="file")), links=Count("pk", filter=Q(kind="link")))
    there = [line for line in files if line["was_kept"]]
    return {
        "takes": {
            "items": kinds["files"],
            "links": kinds["links"],
            "files": len(there),
            "bytes": sum(line["size"] for line in there),
        },
        "files": files,
        "copies": _copies(challenge),
    }


def _file_line(row: EvidenceVersion) -> dict[str, Any]:
    stored = row.stored_file
    return {
        "title": row.item.title,
        "version": row.number,
        "type": stored.extension.upper(),
        "size": stored.size,
        "sha256": stored.sha256,
        "given_on": str(timezone.localdate(row.uploaded_at)),
        "was_kept": stored.state == State.STORED,
    }


def _copies(challenge: Challenge) -> dict[str, int]:
    """What people have taken away, which no disposal of ours reaches."""
    taken = ReadingReceipt.objects.filter(item__challenge=challenge, kind__in=["download", "pack"])
    sums = taken.aggregate(times=Sum("times"), people=Count("reader", distinct=True))
    exports = AuditEvent.objects.filter(scope=challenge.scope, act=Act.INFORMATION_EXPORT)
    return {
        "downloads": taken.filter(kind="download").aggregate(times=Sum("times"))["times"] or 0,
        "people": sums["people"],
        "packs": PackExport.objects.filter(challenge=challenge).count(),
        "exports": exports.count(),
        "taken_over": Reuse.objects.filter(source__challenge=challenge, state=Reuse.State.DONE).count(),
    }


def _of_notes(challenge: Challenge) -> dict[str, Any]:
    notes = Note.objects.filter(challenge=challenge)
    return {
        "takes": {
            "notes": notes.count(),
            "people": notes.values("owner").distinct().count(),
            "comments": Score.objects.filter(challenge=challenge).exclude(comment="").count(),
            "judgements": _judgements_with_words(challenge).count(),
        },
        "files": [],
        "copies": {},
    }


def _judgements_with_words(challenge: Challenge) -> Any:
    said = Q()
    for name in QUALITIES:
        said |= ~Q(**{f"{name}_why": ""})
    return Judgement.objects.filter(said, challenge=challenge)


def has_asked(run: DisposalRun, user: User) -> bool:
    """Whether the person ever asked for this disposal, also when it was put off since: they do not approve it."""
    events = AuditEvent.objects.filter(act=Act.DISPOSAL_ASK, actor_id=user.pk)
    return events.filter(object_type=run._meta.model_name, object_id=str(run.pk)).exists()
