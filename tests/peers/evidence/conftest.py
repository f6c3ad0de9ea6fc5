"""Requests, files and links of the cast's challenge, and files as browsers send them."""

import itertools
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from cyber360.files import cipher
from cyber360.files.keys import key_for
from cyber360.files.models import State, StoredFile, Verdict, blob_path
from cyber360.files.scanner import Scan
from cyber360.files.services import check_and_scan
from cyber360.files.storage import vault
from peers.evidence.models import EvidenceItem, EvidenceLink, EvidenceRequest, EvidenceVersion, Release
from peers.evidence.services import open_requests_from_framework
from tests.people import Cast

_number = itertools.count(1)


@pytest.fixture(autouse=True)
def vault_dir(settings, tmp_path):
    folder = tmp_path / "vault"
    options = {"BACKEND": "cyber360.files.storage.LocalVault", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "vault": options}
    settings.FILES_DISK_FLOOR_MB = 1
    return folder


@pytest.fixture
def room(cast) -> Cast:
    """The cast in preparation with the requests of the questionnaire, here and on the other council's challenge."""
    for challenge in (cast.challenge, cast.other_challenge):
        open_requests_from_framework(challenge=challenge, by=cast.coordinator, at=timezone.now())
    return cast


@pytest.fixture
def scanner_says(monkeypatch):
    """`scanner_says(Verdict.CLEAN)`: what the scanner outside answers from now on."""

    def say(verdict: Verdict, detail: str = "") -> None:
        class Outside:
            def scan(self, pieces, size):
                assert sum(len(piece) for piece in pieces) == size
                return Scan(verdict, detail, "Test 1.0")

        monkeypatch.setattr("cyber360.files.services.scanner", Outside)

    return say


def a_request(cast, code: str = "T1.1") -> EvidenceRequest:
    rows = EvidenceRequest.objects.select_related("challenge__council", "question", "owner")
    return rows.get(challenge=cast.challenge, question__code=code)


def hand(cast, code: str = "T1.1", person=None) -> EvidenceRequest:
    """A request in the contributor's hands, without a mail."""
    row = a_request(cast, code)
    row.owner = person or cast.contributor
    row.save()
    return row


def make_file(challenge, data: bytes = b"plain words", name: str = "plan.txt", verdict=Verdict.CLEAN) -> StoredFile:
    file_id = uuid.uuid4()
    with vault().write(blob_path(file_id)) as out:
        out.write(cipher.seal(key_for(challenge.scope), cipher.file_context(challenge.scope, file_id), data))
    measured = cipher.measure([data])
    return StoredFile.objects.create(
        id=file_id, scope=challenge.scope, name=name, size=measured.size, sha256=measured.sha256, state=State.STORED,
        media_type="text/plain", extension=name.rpartition(".")[2], verdict=verdict,
        scanned_at=timezone.now() if verdict == Verdict.CLEAN else None,
    )  # fmt: skip


def make_item(
    challenge,
    *,
    verdict=Verdict.CLEAN,
    title: str = "",
    request=None,
    release: bool = False,
    questions=(),
    **file_fields,
) -> EvidenceItem:
    number = next(_number)
    item = EvidenceItem.objects.create(
        challenge=challenge,
        kind="file",
        title=title or f"Paper number {number}",
        shows=f"Shows thing {number}.",
        request=request,
    )
    stored = make_file(challenge, verdict=verdict, **file_fields)
    version = EvidenceVersion.objects.create(item=item, number=1, stored_file=stored)
    item.current = version
    item.save()
    if release:
        Release.objects.create(version=version, reason="Scanned by the council itself.")
    EvidenceLink.objects.bulk_create([EvidenceLink(item=item, question=question) for question in questions])
    return item


def make_link(challenge, title: str = "Intranet page", **fields) -> EvidenceItem:
    return EvidenceItem.objects.create(
        challenge=challenge, kind="link", title=title, url="https://intranet.example.org/plan", **fields
    )


def withdraw(item: EvidenceItem) -> EvidenceItem:
    item.state, item.withdrawn_reason, item.withdrawn_at = "withdrawn", "Wrong paper.", timezone.now()
    item.save()
    return item


def judge(item: EvidenceItem) -> EvidenceItem:
    """What the worker does with the item's file."""
    check_and_scan(file_id=item.current.stored_file_id)
    return EvidenceItem.objects.get(pk=item.pk)


def given(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "text/html")  # what the browser claims is not believed


def url(cast, name: str = "list", *args) -> str:
    return reverse(f"evidence:{name}", args=[cast.challenge.ref, *args])


def send(cast, person, *files, to: str = "add", args=(), **fields):
    words = {"marking": "official-sensitive", "token": str(uuid.uuid4()), **fields}
    return cast.client_for(person).post(url(cast, to, *args), {"files": list(files), **words})


def items_of(cast) -> list[EvidenceItem]:
    return list(EvidenceItem.objects.filter(challenge=cast.challenge).order_by("pk"))


def on_disk(folder) -> list[str]:
    return sorted(str(place) for place in folder.rglob("*") if place.is_file())
