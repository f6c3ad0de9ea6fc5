import logging
import re

import pytest
from django.conf import settings as django_settings
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_pages")]


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def still(text: str) -> str:
    """The page without what differs at every request: nonce and CSRF token."""
    return re.sub(r'nonce="[^"]*"|"X-CSRFToken": "[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"', "", text)


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/not-now/", 403, ["Scores are closed since Tuesday 3 March 2027."]),
        ("/blocked/", 403, ["Two files wait for the virus check.", "Ann has not accepted the terms."]),
        ("/bad/", 400, ["The date lies before the visit."]),
        ("/big/", 413, ["A file may have 25 MB."]),
        ("/no-seat/", 404, ["Page not found"]),
        ("/stale/", 409, ["A colleague saved this at 10:42."]),
    ],
)
def test_expected_failures_have_their_status_and_say_why(client, address, status, words):
    answer = client.get(address)
    assert answer.status_code == status
    text = answer.content.decode()
    assert all(word in text for word in words)
    title = re.search(r"<title>(.*?) – Cyber 360</title>", text)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", text)
    assert title
    assert heading
    assert title[1] == heading[1]


def test_no_seat_missing_and_unknown_addresses_answer_alike(client):
    pages = {still(client.get(address).content.decode()) for address in ("/no-seat/", "/missing/", "/nothing-here/7/")}
    assert len(pages) == 1
    assert "secret" not in pages.pop()


def test_no_seat_answers_alike_as_a_piece(client):
    headers = {"HX-Request": "true"}
    pieces = {client.get(address, headers=headers).content for address in ("/no-seat/", "/missing/", "/nothing-here/")}
    assert len(pieces) == 1


def test_stale_shows_both_texts_escaped(client):
    answer = client.post("/stale/", {"full_name": "Mine <b>", "email": "a@example.org"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Mine &lt;b&gt;</textarea>" in text
    assert "Saved &lt;name&gt;</textarea>" in text
    assert text.count("<textarea") == 2  # the equal e-mail address is no clash


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"X-Requested-With": "fetch"}])
def test_fetch_and_htmx_get_a_piece(client, headers):
    text = client.get("/blocked/", headers=headers).content.decode()
    assert "<html" not in text
    assert "Two files wait for the virus check." in text


def test_boosted_htmx_gets_a_page(client):
    assert "<html" in client.get("/blocked/", headers={"HX-Request": "true", "HX-Boosted": "true"}).content.decode()


def test_way_back_stays_on_this_site(client):
    back = client.get("/not-now/", headers={"Referer": "http://testserver/sample/?page=2"}).content.decode()
    assert 'href="/sample/?page=2"' in back
    elsewhere = client.get("/not-now/", headers={"Referer": "https://elsewhere.example/"}).content.decode()
    assert "elsewhere" not in elsewhere


def test_broken_page_shows_and_logs_one_reference(client, caplog):
    with caplog.at_level(logging.ERROR):
        answer = client.get("/broken/")
    text = answer.content.decode()
    assert answer.status_code == 500
    assert "inner detail" not in text
    reference = re.search(r"<strong>([0-9A-F]{8})</strong>", text)
    assert reference
    assert f"Reference {reference[1]}: GET /broken/" in caplog.text


def test_csrf_failure_says_that_nothing_was_lost():
    answer = Client(enforce_csrf_checks=True).post("/sample/", {"name": "x"})
    assert answer.status_code == 403
    assert "nothing is lost" in answer.content.decode()


def test_body_over_the_limit_is_413(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = client.post("/sample/", "name=" + "x" * 200, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_headers(client):
    answer = client.get("/offline/")
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Cache-Control" not in answer
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "x" * 32
    assert client.get("/offline/")["Cache-Control"] == "private, no-store"


def test_every_script_element_has_the_nonce_of_the_policy(client):
    answer = client.get("/offline/")
    nonce = re.search(r"'nonce-([^']+)'", answer["Content-Security-Policy"])
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", answer.content.decode())
    assert nonce
    assert len(inline) == 2
    assert all(f'nonce="{nonce[1]}"' in element for element in inline)
    assert " style=" not in answer.content.decode()


def test_healthz(client):
    assert client.get("/healthz").content == b"ok"


def test_readyz_names_what_is_not_ready_without_detail(client, settings):
    settings.READINESS_CHECKS = ["tests.cyber360.ui.test_failures.heartbeat"]
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["heartbeat"] == "not ready"
    assert answer.json()["checks"]["database"] == "ok"


def heartbeat() -> str:
    return "no heartbeat for 90 seconds"
