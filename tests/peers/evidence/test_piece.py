"""The piece that other rooms' pages include, drawn as they draw it."""

from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from cyber360.files.models import Verdict
from peers.stages import Stage

from .conftest import hand, make_item, make_link

pytestmark = pytest.mark.django_db


def drawn(cast, person, question) -> str:
    request = RequestFactory().get("/")
    request.user = person
    answer = SimpleNamespace(question=question)
    return render_to_string(
        "evidence/_for_question.html", {"challenge": cast.challenge, "answer": answer, "request": request}
    )


def test_the_evidence_of_a_question_by_seat(room):
    question = room.questions[0]
    make_item(room.challenge, title="Open paper", questions=[question])
    make_item(room.challenge, title="Held paper", questions=[question], verdict=Verdict.ERROR)
    make_link(room.challenge, title="Of another question")
    host = drawn(room, room.host_lead, question)
    assert "Open paper" in host
    assert "Held paper" in host
    assert "Paper on T1.1" in host
    assert "Add files for this question" in host
    assert "Of another question" not in host
    assert "Paper on" not in drawn(room, room.peer, question)
    hand(room)
    contributor = drawn(room, room.contributor, question)
    assert "Paper on T1.1" in contributor
    assert "Open paper" not in contributor
    room.at(Stage.DESK_REVIEW)
    peer = drawn(room, room.peer, question)
    assert "Open paper" in peer
    assert "Held paper" not in peer
    assert "Add files" not in peer
