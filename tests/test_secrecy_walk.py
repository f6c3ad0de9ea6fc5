"""Every path of a challenge, asked for by everybody who has no seat on it: always the one 404, whatever is there.

The challenge is filled first, so that there is something to find behind each path.
"""

import datetime
import re

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from cyber360.files.models import Upload
from peers.access import SeatName
from peers.actionplans.models import Action, ActionPlan, Response
from peers.agreements.models import Agreement
from peers.answers.models import Answer, Assignment
from peers.evidence.models import EvidenceItem, EvidenceRequest, Unpacking
from peers.findings.models import Finding
from peers.onsite.models import Conversation, KeyLine, Note
from peers.planning.models import Placement
from peers.records.models import DisposalCertificate, DisposalRun
from peers.reports.models import Report, ReportSection, ReportTemplate
from peers.scoring.models import Score
from peers.stages import Stage

STAGES = [Stage.PREPARATION, Stage.ON_SITE, Stage.FOLLOW_UP]
WRITERS = {"other_host", "superuser"}


def challenge_paths(patterns, before="", space=""):
    """(view name, parameters) of every path below a challenge."""
    for one in patterns:
        if hasattr(one, "url_patterns"):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from challenge_paths(one.url_patterns, before + str(one.pattern), inner)
        elif re.search(r"<(str:)?ref>", before + str(one.pattern)):
            yield f"{space}{one.name}", tuple(one.pattern.converters)


PATHS = sorted(set(challenge_paths(get_resolver().url_patterns)))


@pytest.fixture
def filled(cast):
    """One row behind every kind of path, by the room's name."""
    challenge, question = cast.challenge, cast.questions[0]
    theme = question.theme
    cast.rows = {}
    Answer.objects.create(challenge=challenge, question=question, level=2, text="Held on paper.")
    hand = Assignment.objects.create(
        challenge=challenge, question=question, person=cast.contributor, handed_by=cast.host_lead
    )
    slot = Conversation.objects.create(challenge=challenge, title="Finance", starts_at=timezone.now(), minutes=45)
    line = KeyLine.objects.create(challenge=challenge, theme=theme, text="Who decides?", raised_by=cast.peer)
    note = Note.objects.create(challenge=challenge, owner=cast.peer, conversation=slot, text="They guess.")
    Score.objects.create(challenge=challenge, question=question, owner=cast.peer, level=1)
    finding = Finding.objects.create(challenge=challenge, theme=theme, kind="strength", headline="Calm people")
    ask = EvidenceRequest.objects.create(challenge=challenge, question=question, prompt="Plan")
    item = EvidenceItem.objects.create(
        challenge=challenge, title="Plan", kind="link", url="https://intranet.example.org/plan", added_by=cast.host_lead
    )
    placement = Placement.objects.create(
        challenge=challenge, profile=cast.pool_peer_profile, proposed_by=cast.coordinator
    )
    plan = ActionPlan.objects.create(challenge=challenge)
    response = Response.objects.create(plan=plan, finding=finding, number=1, recommendation="Print the plan")
    action = Action.objects.create(
        response=response,
        title="Print",
        lead_officer="Director",
        due_on=timezone.localdate(),
        success_measure="Printed",
    )
    report = Report.objects.create(challenge=challenge, template=ReportTemplate.objects.create(title="T", number=1))
    section = ReportSection.objects.create(report=report, code="summary", title="Summary", source="text", place=1)
    seat = challenge.seats.filter(permission__codename=SeatName.PEER).first()
    upload = Upload.objects.create(
        scope=challenge.scope, name="plan.pdf", size=9, owner=cast.host_lead, touched_at=timezone.now(),
        target={"kind": "evidence", "challenge": challenge.pk},
    )  # fmt: skip
    zipped = Unpacking.objects.create(challenge=challenge, by=cast.host_lead, name="plans.zip")
    run = DisposalRun.objects.create(challenge=challenge, kind="notes", due_on=timezone.localdate())
    paper = DisposalCertificate.objects.create(
        programme=challenge.programme, number=1, run=run, issued_at=timezone.now(), html="<p>Gone.</p>",
        html_sha256="0" * 64,
    )  # fmt: skip
    cast.rows = {
        "answers": hand, "onsite:line_edit": line, "onsite:note": note, "onsite:note_autosave": note, "onsite": slot,
        "findings": finding, "evidence:request": ask, "evidence": item, "planning": placement, "actionplans": action,
        "challenges": seat, "reports": section, "question": question,
        "evidence:upload": upload, "evidence:upload_cancel": upload, "evidence:unpacking": zipped,
        "evidence:unpack_again": zipped, "records": run, "records:certificate": paper,
        "records:certificate_pdf": paper,
    }  # fmt: skip
    return cast


def _value(cast, name: str, key: str):
    rows = cast.rows
    if key == "pk" and name.startswith("evidence:request"):
        return rows["evidence:request"].pk
    row = rows.get(name) or rows.get(name.split(":")[0])
    fixed = {
        "ref": cast.challenge.ref,
        "code": "summary" if name.startswith("reports:") else cast.questions[0].code,
        "number": 1,
        "form": "csv",
        "to": Stage.SETUP.value,
        "conversation_pk": rows["onsite"].pk,
        "section": "summary",
        "slug": "summary",
    }
    return fixed.get(key, row.pk if row is not None else 1)


def plain(page) -> str:
    """The page without what differs each time: the nonce and the masked token."""
    text = page.content.decode()
    return re.sub(
        r'(nonce|value|content|hx-headers|X-CSRFToken)=?("|\')[^"\']*("|\')',
        "",
        re.sub(r"[A-Za-z0-9_-]{20,}", "", text),
    )


def test_there_is_a_path_for_every_room():
    rooms = {name.split(":")[0] for name, _keys in PATHS}
    assert rooms >= {"overview", "challenges", "planning", "agreements", "answers", "evidence", "onsite", "scoring",
                     "findings", "reports", "actionplans", "records"}  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_no_seat_finds_nothing(filled, stage):
    challenge = filled.at(stage)
    for who, person in filled.outsiders.items():
        client = filled.client_for(person)
        unknown = client.get("/challenges/C360-1999-999/people/")
        assert unknown.status_code == 404
        for name, keys in PATHS:
            url = reverse(name, kwargs={key: _value(filled, name, key) for key in keys})
            answers = [client.get(url)] + ([client.post(url, {})] if who in WRITERS else [])
            for answer in answers:
                assert answer.status_code in {404, 405}, (who, stage, name, answer.status_code)
                if answer.status_code == 404:
                    assert challenge.council.name not in answer.content.decode(), (who, name)
                    assert plain(answer) == plain(unknown), (who, name)


def test_a_seat_that_ended_finds_nothing(filled):
    challenge = filled.at(Stage.ON_SITE)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    for seat in challenge.seats.filter(user=filled.peer):
        seat.ends_on = yesterday
        seat.save()
    client = filled.client_for(filled.peer)
    for name, keys in PATHS:
        url = reverse(name, kwargs={key: _value(filled, name, key) for key in keys})
        assert client.get(url).status_code in {404, 405}, name


def test_another_challenges_rows_are_not_found_through_ones_own(filled):
    """The other host, in their own challenge, with ids of this one."""
    filled.other_challenge.stage = Stage.PREPARATION
    filled.other_challenge.save()
    client = filled.client_for(filled.other_host)
    for name, keys in PATHS:
        if "pk" not in keys:
            continue
        values = {key: _value(filled, name, key) for key in keys} | {"ref": filled.other_challenge.ref}
        assert client.get(reverse(name, kwargs=values)).status_code in {403, 404, 405}, name


def test_a_superuser_reads_no_content(filled):
    """Not even through the reference-data admin: it holds none."""
    client = filled.client_for(filled.superuser)
    index = client.get("/reference-data/").content.decode()
    for word in ("answer", "score", "note", "finding", "evidence", "report", "agreement"):
        assert f"/reference-data/peers/{word}" not in index
    assert Agreement.objects.count() == 0


def numbered_paths(patterns, before="", space=""):
    """(view name, parameters) of every path that holds a number, on a challenge or not."""
    for one in patterns:
        if hasattr(one, "url_patterns"):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from numbered_paths(one.url_patterns, before + str(one.pattern), inner)
        elif "<int:" in before + str(one.pattern) and one.name and not space.startswith("reference_data"):
            yield f"{space}{one.name}", tuple(re.findall(r"<(?:(\w+):)?(\w+)>", before + str(one.pattern)))


@pytest.mark.parametrize("who", ["coordinator", "peer"])
def test_no_number_is_too_long_for_a_path(cast, who):
    """Twenty digits fit no column: the answer is that nothing is there, before any right is asked."""
    client = cast.client_for(getattr(cast, who))
    found = {}
    paths = sorted(set(numbered_paths(get_resolver().url_patterns)))
    assert len(paths) > 40
    for name, parts in paths:
        values = {"int": "9" * 20, "str": "peer", "slug": "x", "": "x"}
        kwargs = {part: cast.challenge.ref if part == "ref" else values[kind] for kind, part in parts}
        for method in (client.get, client.post):
            status = method(reverse(name, kwargs=kwargs)).status_code
            if status not in {302, 400, 403, 404, 405}:
                found[name] = status
    assert found == {}
