"""Copies about one person: their own, and a coordinator's without notes and scores."""

import io
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.exceptions import NoSeat
from cyber360.jobs.models import Job
from cyber360.jobs.worker import run
from peers.answers.models import Answer
from peers.challenges.models import Programme
from peers.onsite.models import Note
from peers.records.models import ExportState, InformationExport
from peers.records.services.information_person import ask_about_person
from peers.scoring.models import Score

from .conftest import ended, vault_dir  # noqa: F401 - fixtures of this folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(ended):  # noqa: F811 - the fixture
    for owner, word in ((ended.peer, "canary-own"), (ended.lead_peer, "canary-others")):
        Note.objects.create(challenge=ended.challenge, owner=owner, text=f"{word}-note")
        Score.objects.create(
            challenge=ended.challenge, question=ended.questions[0], owner=owner, level=1, confidence="high",
            comment=f"{word}-score",
        )  # fmt: skip
    return ended


def whole(cast, export, person) -> str:
    job = Job.objects.get(key=f"records.information:{export.pk}")
    run(job.pk)
    run(job.pk)  # a second run changes nothing
    export.refresh_from_db()
    assert export.state == ExportState.READY, export.words
    answer = cast.client_for(person).get(reverse("records:person_archive", args=[export.pk]))
    assert answer.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    return "".join(archive.read(name).decode() for name in archive.namelist())


def test_the_own_copy_has_ones_own_notes_and_nobody_elses(full):
    client = full.client_for(full.peer)
    assert reverse("records:own_information") in client.get(reverse("accounts:own")).content.decode()
    answer = client.post(reverse("records:own_information"), {"reference": ""})
    export = InformationExport.objects.get()
    assert (answer.status_code, answer.url) == (302, export.get_absolute_url())
    assert client.get(answer.url).status_code == 200
    said = whole(full, export, full.peer)
    assert "canary-own-note" in said
    assert "canary-own-score" in said
    assert "canary-others" not in said
    assert b"Take the copy" in client.get(answer.url).content


def test_a_coordinators_copy_has_no_notes_no_scores_and_no_other_programme(full):
    Answer.objects.create(
        challenge=full.challenge, question=full.questions[0], level=2, text="answer-here", updated_by=full.peer,
        updated_at=timezone.now(),
    )  # fmt: skip
    elsewhere = full.other_challenge
    elsewhere.programme = Programme.objects.create(title="Elsewhere")
    elsewhere.save()
    Answer.objects.create(
        challenge=elsewhere, question=full.questions[0], level=2, text="elsewhere-answer", updated_by=full.peer,
        updated_at=timezone.now(),
    )  # fmt: skip
    page = full.client_for(full.coordinator).get(reverse("records:person_information", args=[full.peer.pk]))
    assert page.status_code == 200
    export = ask_about_person(about=full.peer, by=full.coordinator, reference="SAR 4")
    said = whole(full, export, full.coordinator)
    assert "canary" not in said
    assert full.peer.email in said
    assert "answer-here" in said
    assert "elsewhere-answer" not in said


def test_nobody_else_asks_or_takes(full):
    export = ask_about_person(about=full.peer, by=full.coordinator)
    addresses = [
        reverse("records:person_information", args=[full.peer.pk]),
        export.get_absolute_url(),
        reverse("records:person_archive", args=[export.pk]),
    ]
    for name in ("host_lead", "manager", "peer", "lead_peer", "observer", "stranger", "superuser", "administrator"):
        person = getattr(full, name)
        assert [full.client_for(person).get(address).status_code for address in addresses] == [404] * 3, name
        if name != "peer":
            with pytest.raises(NoSeat):
                ask_about_person(about=full.peer, by=person)
