"""A form sent twice from one page is worked on once; a corrected or a new one always is."""

import threading

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from cyber360.ui.models import SentForm
from cyber360.ui.once import KEPT, forget_old
from peers.challenges.models import Challenge
from peers.councils.models import Council
from tests.people import make_cast


def _body(client, council, note="We ask."):
    page = client.get("/challenges/register/")
    token = page.context["csrf_token"]
    return {"csrfmiddlewaretoken": str(token), "council": council.pk, "interest_note": note}


def _send(client, body):
    encoded = "&".join(f"{key}={value}" for key, value in body.items())
    return client.post("/challenges/register/", encoded, content_type="application/x-www-form-urlencoded")


def test_the_second_click_leads_where_the_first_did(cast):
    client = cast.client_for(cast.coordinator)
    before = Challenge.objects.count()
    body = _body(client, cast.challenge.council)
    first, second = _send(client, body), _send(client, body)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert Challenge.objects.count() == before + 1


def test_a_new_page_or_a_changed_text_is_a_new_form(cast):
    client = cast.client_for(cast.coordinator)
    before = Challenge.objects.count()
    body = _body(client, cast.challenge.council)
    _send(client, body)
    _send(client, body | {"interest_note": "Another."})
    _send(client, _body(client, cast.challenge.council))
    assert Challenge.objects.count() == before + 3


def test_a_form_with_errors_can_be_sent_again(cast):
    client = cast.client_for(cast.coordinator)
    body = _body(client, cast.challenge.council) | {"council": ""}
    assert _send(client, body).status_code == 200
    assert not SentForm.objects.exists()
    assert _send(client, body).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_one_instant_register_one_challenge(transactional_db):
    cast = make_cast()
    client = cast.client_for(cast.coordinator)
    body = _body(client, Council.objects.get(pk=cast.challenge.council_id))
    before = Challenge.objects.count()
    start, answers = threading.Barrier(2), []

    def click():
        mine = Client()
        mine.cookies = client.cookies
        start.wait()
        answers.append(_send(mine, body))
        connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer["Location"] for answer in answers}) == 1
    assert Challenge.objects.count() == before + 1


def test_old_sendings_are_forgotten(db):
    SentForm.objects.create(key="old", location="/", at=timezone.now() - KEPT * 2)
    SentForm.objects.create(key="new", location="/")
    assert forget_old() == 1
    assert SentForm.objects.get().key == "new"
