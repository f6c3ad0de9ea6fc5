import os

import pytest
from django.http import HttpRequest
from django.test import Client

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NotNow
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import Verdict
from cyber360.files.responses import attachment
from cyber360.files.storage import vault
from tests.cyber360.files.test_receiving import PLAIN_MIDDLEWARE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.cyber360.files.urls")]
DATA = os.urandom(1_200_000)


@pytest.fixture(autouse=True)
def room(settings):
    settings.MIDDLEWARE = PLAIN_MIDDLEWARE


@pytest.fixture
def stored(keep):
    return keep(DATA, name="Cynllun – “A”.txt", media_type="text/plain")


@pytest.fixture
def browser(person):
    browser = Client()
    browser.force_login(person)
    return browser


def get(browser, stored, **headers):
    return browser.get(f"/download/{stored.pk}/", headers=headers)


def content(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_whole_file_as_a_harmless_attachment(browser, stored):
    answer = get(browser, stored)
    assert answer.status_code == 200
    assert content(answer) == DATA
    assert answer["Content-Length"] == str(len(DATA))
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Cynllun")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["ETag"] == f'"{stored.sha256}"'
    assert answer["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=1000000-1100000", 1_000_000, 1_100_001),
        ("bytes=1199990-", 1_199_990, 1_200_000),
        ("bytes=-10", 1_199_990, 1_200_000),
        ("bytes=100-9999999", 100, 1_200_000),
    ],
)
def test_one_range(browser, stored, asked, start, end):
    answer = get(browser, stored, range=asked)
    assert answer.status_code == 206
    assert content(answer) == DATA[start:end]
    assert answer["Content-Length"] == str(end - start)
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{len(DATA)}"


@pytest.mark.parametrize("asked", ["bytes=1200000-", "bytes=9999999-10000000", "bytes=-0"])
def test_a_range_past_the_end(browser, stored, asked):
    answer = get(browser, stored, range=asked)
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(DATA)}"
    assert answer.content == b""


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=5-2", "bytes=-", "lines=1-2", "bytes=a-b", "bytes=0-" + "9" * 30]
)
def test_several_or_unreadable_ranges_give_the_whole(browser, stored, asked):
    answer = get(browser, stored, range=asked)
    assert answer.status_code == 200
    assert content(answer) == DATA


def test_if_range(browser, stored):
    assert get(browser, stored, range="bytes=0-1", if_range=f'"{stored.sha256}"').status_code == 206
    assert get(browser, stored, range="bytes=0-1", if_range='"another"').status_code == 200


def test_a_download_broken_off_resumes_to_the_same_bytes(browser, stored):
    first = content(get(browser, stored, range="bytes=0-499999"))
    rest = content(get(browser, stored, range="bytes=500000-", if_range=f'"{stored.sha256}"'))
    assert first + rest == DATA


def test_a_damaged_file_sends_nothing_and_is_recorded(browser, person, stored):
    place = vault()._place(stored.path)
    data = bytearray(place.read_bytes())
    data[-1] ^= 1
    place.write_bytes(data)
    for headers in ({}, {"range": "bytes=0-1"}):
        with pytest.raises(DamagedFile, match="is damaged in the store, so nothing was sent"):
            get(browser, stored, **headers)
    first, second = AuditEvent.objects.filter(act="file.damaged")
    assert (first.object_id, first.actor_id, first.scope) == (str(stored.pk), person.pk, "challenge:12")
    assert first.detail == second.detail == {"reason": "The stored file is damaged."}


def test_an_infected_file_is_not_sent(browser, stored):
    stored.verdict = Verdict.INFECTED
    request = HttpRequest()
    request.method = "GET"
    with pytest.raises(NotNow):
        attachment(request, stored)
