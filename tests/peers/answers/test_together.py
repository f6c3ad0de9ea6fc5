"""Two saves at one instant, from one session, over real connections: none may be lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.audit.services import verify_scope
from peers.answers.models import Answer
from peers.answers.services import open_answers
from tests.people import make_cast

from .conftest import answer_to

ROUNDS = 100


@pytest.fixture
def together(transactional_db):
    cast = make_cast()
    open_answers(challenge=cast.challenge, by=cast.coordinator, at=timezone.now())
    return cast


class Browser:
    """One signed-in session whose requests may run side by side, each over its own connection."""

    def __init__(self, address: str, client) -> None:
        self.address = address
        client.get("/my-questions/")
        self.cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        self.cookies.setdefault(settings.CSRF_COOKIE_NAME, "a" * 32)

    def post(self, path: str, fields: dict) -> int:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        token = self.cookies[settings.CSRF_COOKIE_NAME]
        headers = {"Cookie": cookies, "X-CSRFToken": token, "X-Requested-With": "fetch"}
        request = Request(self.address + path, urlencode(fields).encode(), headers)
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        with opener.open(request, timeout=30) as answer:
            return answer.status


def side_by_side(*calls) -> list:
    """Start all calls at the same instant and give back what each returned."""
    start = threading.Barrier(len(calls))

    def run(call):
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.slow
def test_two_answers_of_one_session_a_hundred_rounds_none_lost(live_server, together):
    browser = Browser(live_server.url, together.client_for(together.host_lead))
    rows = [answer_to(together, code) for code in ("T1.1", "T1.2")]
    paths = [reverse("answers:autosave", args=[together.challenge.ref, row.question.code]) for row in rows]
    lost = []
    for turn in range(1, ROUNDS + 1):
        texts = [f"Round {turn} of {row.question.code}" for row in rows]
        calls = [
            lambda path=path, text=text, turn=turn: browser.post(
                path, {"version": turn, "level": str(turn % 5), "text": text}
            )
            for path, text in zip(paths, texts, strict=True)
        ]
        assert side_by_side(*calls) == [200, 200]
        stored = [Answer.objects.get(pk=row.pk) for row in rows]
        lost += [row.question_id for row, text in zip(stored, texts, strict=True) if row.text != text]
        assert [row.version for row in stored] == [turn + 1, turn + 1]
    assert lost == []
    assert verify_scope(together.challenge.scope) is None
    assert AuditEvent.objects.filter(scope=together.challenge.scope).count() == 2 * ROUNDS


@pytest.mark.slow
def test_two_texts_for_one_answer_at_one_instant_one_is_saved_and_the_other_is_told(live_server, together):
    path = reverse("answers:question", args=[together.challenge.ref, "T1.1"])
    browsers = [Browser(live_server.url, together.client_for(p)) for p in (together.host_lead, together.host_sponsor)]
    for turn in range(1, 11):
        texts = [f"Round {turn} by {number}" for number in range(2)]
        statuses = side_by_side(
            *(
                lambda browser=browser, text=text, turn=turn: _status(
                    browser, path + "autosave/", {"version": turn, "level": "1", "text": text}
                )
                for browser, text in zip(browsers, texts, strict=True)
            )
        )
        assert sorted(statuses) == [200, 409]
        row = answer_to(together, "T1.1")
        assert row.text == texts[statuses.index(200)]
        assert row.version == turn + 1
    connection.close()


def _status(browser: Browser, path: str, fields: dict) -> int:
    try:
        return browser.post(path, fields)
    except OSError as refused:
        return refused.code
