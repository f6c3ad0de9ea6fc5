"""The sheets that go with an archive of the pack: what to know first, and the list of what is in it."""

import csv
import io
import json
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.ui.cells import safe_cell
from cyber360.ui.templatetags.ui import nice_moment
from peers.evidence.models import EvidenceItem
from peers.evidence.queries.pack import Entry, Pack

Line = dict[str, object]


def line(entry: Entry, reason: str, copy_sha256: str) -> Line:
    """One item of the manifest. `reason` is why it is not in the archive; then its path is empty."""
    item = entry.item
    return {
        "path": "" if reason else entry.path,
        "left out because": reason,
        "title": item.title,
        "what it shows": item.shows,
        "date of the document": _day(item.document_date),
        "covers from": _day(item.period_from),
        "covers to": _day(item.period_to),
        "review by": _day(item.review_on),
        "questions": "; ".join(question.code for question in item.questions.all()),
        "themes": "; ".join(_themes(item)),
        "request": item.request.prompt if item.request is not None else "",
        "marking": item.get_marking_display(),
        **_file_words(item),
        "sha256 of the marked copy": copy_sha256,
        "address": item.url,
        "where it is kept": item.where,
        "who can open it": item.who_can_open,
    }


def _file_words(item: EvidenceItem) -> Line:
    if item.current is None:
        return {"version": "", "file name": "", "size in bytes": "", "sha256": "", "check": ""}
    stored = item.current.stored_file
    return {
        "version": item.current.number,
        "file name": stored.name,
        "size in bytes": stored.size,
        "sha256": stored.sha256,
        "check": item.current.status.word,
    }


def _day(day: object) -> str:
    return "" if day is None else str(day)


def _themes(item: EvidenceItem) -> list[str]:
    """Those of its questions, then its own, once each."""
    codes = [question.theme.code for question in item.questions.all()] + [theme.code for theme in item.themes.all()]
    return list(dict.fromkeys(codes))


def as_csv(lines: list[Line]) -> bytes:
    """UTF-8 with a byte-order mark; no cell is taken for a formula."""
    out = io.StringIO()
    columns = list(lines[0]) if lines else ["path"]
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([[safe_cell(row[column]) for column in columns] for row in lines])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_json(pack: Pack, lines: list[Line], at: datetime) -> bytes:
    whole = {
        "challenge": pack.challenge.ref,
        "council": pack.challenge.council.name,
        "made": at.isoformat(),
        "taken as": pack.seat,
        "items": lines,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def cover(pack: Pack, by: User, at: datetime) -> bytes:
    """What whoever opens the archive should know before anything else."""
    address = settings.SITE_URL.rstrip("/") + reverse("evidence:list", args=[pack.challenge.ref])
    words = [
        _("Evidence of %(council)s, %(ref)s") % {"council": pack.challenge.council.name, "ref": pack.challenge.ref},
        _("OFFICIAL-SENSITIVE, unless a file says otherwise."),
        _("Taken by %(name)s, %(moment)s.") % {"name": by.full_name, "moment": nice_moment(at)},
        _("This copy is yours to look after. Keep it as its marking says, and delete it when it is no longer needed."),
        _("Deleting the evidence in the workspace later does not delete this copy."),
        _("The folders are the themes. manifest.csv and manifest.json say what each file is, with its SHA-256."),
        _("If the manifest is missing, the archive broke off on its way. Take it again from:"),
        address,
    ]
    return ("\r\n\r\n".join(words) + "\r\n").encode()
