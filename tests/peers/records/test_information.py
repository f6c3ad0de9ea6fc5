"""A host's and a coordinator's copy of a challenge, with things in it that must not come out."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat
from cyber360.files.models import State, blob_path
from cyber360.files.storage import vault
from cyber360.jobs.models import Job
from cyber360.jobs.worker import run
from cyber360.notify.models import OutboxMail
from peers.answers.models import Answer, AnswerComment
from peers.evidence.models import ReadingReceipt
from peers.onsite.models import Attendee, Conversation, Note
from peers.planning.models import Placement, TeamObjection
from peers.pool.models import Interest
from peers.records import services
from peers.records.models import ExportState, InformationExport
from peers.records.queries import PARTS
from peers.records.services import information
from peers.scoring.models import AgreedScore, Score
from peers.stages import Stage
from tests.factories.worlds import make_council
from tests.peers.evidence.conftest import make_item

from .conftest import PLAN, ended, vault_dir  # noqa: F401 - fixtures of this folder

pytestmark = pytest.mark.django_db

SECRETS = {
    "note": "canary-note",
    "score": "canary-score",
    "agreed": "canary-agreed",
    "objection": "canary-objection",
    "tie": "canary-tie",
    "elsewhere": "canary-southmere-file",
    "council": "Eastmoor",
}


@pytest.fixture
def full(ended):  # noqa: F811 - the fixture
    """The ended challenge with an answer, a talk, readings, and one of everything that a host never sees."""
    challenge, question = ended.challenge, ended.questions[0]
    Answer.objects.create(
        challenge=challenge, question=question, level=2, text="=2+2 we train everybody",
        updated_by=ended.contributor, updated_at=timezone.now(),
    )  # fmt: skip
    talk = Conversation.objects.create(challenge=challenge, title="Service desk", starts_at=timezone.now(), minutes=45)
    Attendee.objects.create(conversation=talk, role="Service desk lead", name="Wren Ashdown", job_title="Lead")
    ReadingReceipt.objects.create(
        item=ended.item, version=ended.item.current, reader=ended.peer, seat="peer", kind="download"
    )
    Note.objects.create(challenge=challenge, owner=ended.peer, text=SECRETS["note"])
    Score.objects.create(
        challenge=challenge, question=question, owner=ended.peer, level=1, confidence="high", comment=SECRETS["score"]
    )
    AgreedScore.objects.create(
        challenge=challenge, question=question, level=1, reason=SECRETS["agreed"], agreed_by=ended.lead_peer
    )
    placement = Placement.objects.create(challenge=challenge, profile=ended.pool_peer_profile)
    TeamObjection.objects.create(
        challenge=challenge, placement=placement, reason=SECRETS["objection"], objected_by=ended.host_lead
    )
    Interest.objects.create(
        profile=ended.peer_profile, council=make_council(SECRETS["council"]), kind="family", words=SECRETS["tie"],
        declared_by=ended.peer,
    )  # fmt: skip
    make_item(ended.other_challenge, title=SECRETS["elsewhere"], data=SECRETS["elsewhere"].encode(), name="other.txt")
    return ended


def made(cast, person, parts=tuple(PARTS), **said) -> InformationExport:
    """Asked for and made by the queue's own runner."""
    export = services.ask_for_information(challenge=cast.challenge, by=person, parts=parts, **said)
    run(Job.objects.get(key=f"records.information:{export.pk}").pk)
    export.refresh_from_db()
    return export


def opened(cast, person, export) -> zipfile.ZipFile:
    address = reverse("records:information_archive", args=[cast.challenge.ref, export.pk])
    answer = cast.client_for(person).get(address)
    assert answer.status_code == 200, answer
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def rows(archive: zipfile.ZipFile, name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


def whole(archive: zipfile.ZipFile) -> str:
    return "\n".join(archive.namelist()) + "".join(
        archive.read(name).decode(errors="replace") for name in archive.namelist()
    )


def test_a_hosts_copy_holds_its_own_record_and_nothing_of_the_team(full):
    archive = opened(full, full.host_lead, made(full, full.host_lead, reference="FOI 12/26"))
    said = whole(archive)
    assert [word for word in SECRETS.values() if word in said] == []
    assert {
        "index.csv",
        "names.csv",
        "answers.csv",
        "evidence.csv",
        "timetable.csv",
        "report.html",
        "report.pdf",
    } <= set(archive.namelist())
    evidence = [name for name in archive.namelist() if name.startswith("evidence/")]
    assert [archive.read(name) for name in evidence] == [PLAN]
    assert rows(archive, "answers.csv")[0]["answer"] == "'=2+2 we train everybody"
    assert "FOI 12/26" in archive.read("Read me first.txt").decode()
    left = [row for row in rows(archive, "index.csv") if row["included"] == "no"]
    assert any("Notes" in row["what"] and not row["rows"] for row in left)


def test_a_coordinators_copy_has_no_score_and_no_note(full):
    archive = opened(full, full.coordinator, made(full, full.coordinator))
    said = whole(archive)
    kept_from_all = ("note", "score", "agreed", "objection", "tie", "elsewhere")
    assert [name for name in kept_from_all if SECRETS[name] in said] == []


def test_people_are_codes_but_in_the_names(full):
    full.peer.full_name = "Rowan Tallis"
    full.peer.save()
    archive = opened(full, full.host_lead, made(full, full.host_lead))
    names = {row["code"]: row for row in rows(archive, "names.csv")}
    reader = rows(archive, "readings.csv")[0]["reader"]
    assert names[reader]["name"] == full.peer.full_name
    assert names[reader]["e-mail"] == ""
    writer = rows(archive, "answers.csv")[0]["last changed by"]
    assert (names[writer]["name"], names[writer]["e-mail"]) == (full.contributor.full_name, full.contributor.email)
    met = rows(archive, "timetable.csv")[0]["who is met"]
    assert names[met.split("(")[1][:-1]]["name"] == "Wren Ashdown"
    tables = [name for name in archive.namelist() if name.endswith(".csv") and name != "names.csv"]
    people = (full.peer.full_name, full.contributor.full_name, full.host_lead.full_name, "Wren Ashdown")
    assert [(table, who) for table in tables for who in people if who in archive.read(table).decode()] == []
    assert len({row["name"] for row in names.values()}) == len(names)


def test_remarks_go_to_the_host_while_they_are_theirs(full):
    full.at(Stage.PREPARATION)
    AnswerComment.objects.create(answer=Answer.objects.get(), by=full.host_lead, text="canary-remark")
    assert "canary-remark" in whole(opened(full, full.host_lead, made(full, full.host_lead)))
    assert "canary-remark" not in whole(opened(full, full.coordinator, made(full, full.coordinator)))


def test_what_the_council_lets_be_read_in_the_page_only_is_a_line(full):
    full.challenge.download_policy = "page"
    full.challenge.save()
    archive = opened(full, full.coordinator, made(full, full.coordinator))
    assert not [name for name in archive.namelist() if name.startswith("evidence/")]
    assert any("page only" in row["why not, or whom to ask"] for row in rows(archive, "index.csv"))


@pytest.mark.parametrize(("policy", "left_out"), [("page", 2), ("marked", 2), ("originals", 0)])
def test_what_is_left_in_the_page_is_said_before_and_after(full, policy, left_out):
    make_item(full.challenge, title="Second plan", data=b"More words.", name="second plan.txt")
    full.challenge.download_policy = policy
    full.challenge.save()
    address = reverse("records:information", args=[full.challenge.ref])
    form = full.client_for(full.coordinator).get(address).content.decode()
    assert ("2 of the 2 evidence files will not be in your copy" in form) == bool(left_out)
    assert "will not be in your copy" not in full.client_for(full.host_lead).get(address).content.decode()
    export = made(full, full.coordinator, reference="FOI 12/26")
    archive = opened(full, full.coordinator, export)
    assert sum(name.startswith("evidence/") for name in archive.namelist()) == 2 - left_out
    why = " ".join(row["why not, or whom to ask"] for row in rows(archive, "index.csv"))
    assert ("Ask the host lead of Northmere for a copy of its own" in why) == bool(left_out)
    readings = full.client_for(full.host_lead).get(reverse("evidence:receipts", args=[full.challenge.ref]))
    told = readings.content.decode()
    assert ("in a copy for an information request, FOI 12/26" in told) == (not left_out)
    assert ("Took it in a copy of several files" in told.split("Each reading")[1].split("<table")[-1]) == (not left_out)
    full.challenge.download_policy = "originals"  # what was made stays as it was made
    full.challenge.save()
    ready = full.client_for(full.coordinator).get(export.get_absolute_url()).content.decode()
    assert ("2 of the 2 evidence files are not in this copy" in ready) == bool(left_out)


def test_a_damaged_file_is_a_line_of_the_index(full, vault_dir):  # noqa: F811 - the fixture
    path = vault_dir / full.item.current.stored_file.path
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    archive = opened(full, full.host_lead, made(full, full.host_lead))
    line = next(row for row in rows(archive, "index.csv") if row["what"] == full.item.title)
    assert (line["included"], "damaged" in line["why not, or whom to ask"]) == ("no", True)
    assert AuditEvent.objects.filter(act="file.damaged").exists()


WRONG = ("manager", "peer", "lead_peer", "observer", "contributor", "stranger", "other_host", "superuser",
         "administrator", "editor", "pool_peer")  # fmt: skip


def test_nobody_else_asks_sees_or_takes(full):
    export = made(full, full.host_lead)
    addresses = [
        reverse("records:information", args=[full.challenge.ref]),
        export.get_absolute_url(),
        reverse("records:information_archive", args=[full.challenge.ref, export.pk]),
    ]
    for name in WRONG:
        person = getattr(full, name)
        client = full.client_for(person)
        assert [client.get(address).status_code for address in addresses] == [404] * 3, name
        assert client.post(addresses[0], {"parts": ["answers"]}).status_code == 404
        with pytest.raises(NoSeat):
            services.ask_for_information(challenge=full.challenge, by=person, parts=["answers"])
    for name in ("host_sponsor", "coordinator"):  # they see that it was made; its bytes are not theirs
        client = full.client_for(getattr(full, name))
        assert [client.get(address).status_code for address in addresses] == [200, 404, 404]
    other = reverse("records:information_export", args=[full.other_challenge.ref, export.pk])
    assert full.client_for(full.coordinator).get(other).status_code == 404


def test_one_who_lost_the_seat_takes_nothing(full):
    export = made(full, full.host_lead)
    full.host_lead.challenge_seats.update(ends_on=timezone.localdate() - timedelta(days=1))
    address = reverse("records:information_archive", args=[full.challenge.ref, export.pk])
    assert full.client_for(full.host_lead).get(address).status_code == 404


def test_a_seat_lost_while_it_waits_ends_it(full):
    export = services.ask_for_information(challenge=full.challenge, by=full.host_lead, parts=["answers"])
    full.host_lead.challenge_seats.update(ends_on=timezone.localdate() - timedelta(days=1))
    run(Job.objects.get(key=f"records.information:{export.pk}").pk)
    export.refresh_from_db()
    assert (export.state, export.stored_file) == (ExportState.REFUSED, None)
    assert export.words


def test_the_other_side_is_told_and_it_is_recorded(full):
    export = made(full, full.coordinator)
    told = set(OutboxMail.objects.filter(kind="information").values_list("to__full_name", flat=True))
    assert told == {full.host_lead.full_name, full.host_sponsor.full_name, full.coordinator.full_name}
    assert AuditEvent.objects.get(act="information.export").detail["export"] == export.pk
    opened(full, full.coordinator, export)
    opened(full, full.coordinator, export)
    export.refresh_from_db()
    assert export.times_taken == 2
    assert AuditEvent.objects.filter(act="information.taken").count() == 2


def test_asking_twice_makes_one_and_nothing_is_asked_of_nothing(full):
    ask = {"challenge": full.challenge, "by": full.host_lead}
    first = services.ask_for_information(**ask, parts=["answers"])
    assert services.ask_for_information(**ask, parts=["plan"]) == first
    for parts in ([], ["answers", "notes"]):
        with pytest.raises(BadInput):
            services.ask_for_information(**ask, parts=parts)


def test_nothing_plain_lies_on_the_disk(full, vault_dir, tmp_path):  # noqa: F811 - the fixture
    made(full, full.host_lead)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [word for word in (PLAN, b"train everybody", b"index.csv", b"PK\x03\x04") if word in data], path


def test_a_killed_job_starts_again(full, monkeypatch):
    export = services.ask_for_information(challenge=full.challenge, by=full.host_lead, parts=["answers", "files"])

    def killed(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(information, "_kept", killed)
        with pytest.raises(KeyboardInterrupt):
            services.make_information(export_id=export.pk, show=lambda *_: None, about_person=None)
    export.refresh_from_db()
    assert export.state == ExportState.MAKING
    left = blob_path(export.making)
    assert vault().exists(left)
    run(Job.objects.get(key=f"records.information:{export.pk}").pk)
    export.refresh_from_db()
    assert export.state == ExportState.READY
    assert opened(full, full.host_lead, export).testzip() is None


def test_a_run_that_was_overtaken_writes_nothing_into_the_row(full, monkeypatch):
    export = services.ask_for_information(challenge=full.challenge, by=full.host_lead, parts=["answers"])
    begun = information._begin(export.pk)
    run(Job.objects.get(key=f"records.information:{export.pk}").pk)
    ready = InformationExport.objects.get(pk=export.pk)
    assert information._finish(begun, information.Written(1, "a" * 64, 1)) == {"state": ExportState.READY}
    assert InformationExport.objects.get(pk=export.pk).sha256 == ready.sha256


def test_it_ends_after_two_weeks_and_with_the_evidence(full, django_capture_on_commit_callbacks):
    export = made(full, full.host_lead)
    assert services.end_information(on=export.ends_on) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert services.end_information(on=export.ends_on + timedelta(days=1)) == 1
    export.refresh_from_db()
    assert (export.state, export.stored_file.state) == (ExportState.GONE, State.GONE)
    assert not vault().exists(export.stored_file.path)
    words, files = made(full, full.host_lead, parts=["answers"]), made(full, full.coordinator, parts=["files"])
    full.challenge.evidence_disposed_at = timezone.now()
    full.challenge.save()
    assert services.end_information() == 1
    words.refresh_from_db()
    files.refresh_from_db()
    assert (words.state, files.state) == (ExportState.READY, ExportState.GONE)
    address = reverse("records:information_archive", args=[full.challenge.ref, files.pk])
    assert full.client_for(full.coordinator).get(address).status_code == 403


def test_asking_in_the_page(full):
    client = full.client_for(full.host_lead)
    address = reverse("records:information", args=[full.challenge.ref])
    assert b"Choose at least one part" in client.post(address, {"reference": "x"}).content
    answer = client.post(address, {"reference": "FOI 7", "parts": ["answers", "plan"]})
    export = InformationExport.objects.get()
    assert (answer.status_code, answer.url) == (302, export.get_absolute_url())
    assert b"Waiting" in client.get(answer.url).content
    made(full, full.host_lead)
    assert b"Take the copy" in client.get(answer.url).content
    assert b"Answer a request for information" in client.get(reverse("records:room", args=[full.challenge.ref])).content


@pytest.mark.parametrize("count", [1, 15])
def test_few_queries_however_many(full, count):
    for number in range(count):
        InformationExport.objects.create(
            challenge=full.challenge, asked_by=full.host_lead, seat="host_lead", state="refused", words="No.",
            reference=f"FOI {number}",
        )  # fmt: skip
    client = full.client_for(full.host_sponsor)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(reverse("records:information", args=[full.challenge.ref]))
    assert page.content.count(b"FOI ") == count
    assert len(queries) <= 15
