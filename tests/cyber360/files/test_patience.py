import socket
import time

import pytest
from django.test import RequestFactory

from cyber360.files import patience


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        request = RequestFactory().get("/")
        request.environ["gunicorn.socket"] = ours
        request.read = ours.recv
        yield request, theirs


def test_a_stranger_with_a_slow_body_is_answered_and_never_waited_for(line):
    request, theirs = line
    patience.stop_reading(request)
    assert request.read(1) == b""
    request.environ["gunicorn.socket"].sendall(b"404")
    assert theirs.recv(3) == b"404"


def test_reading_away_ends_in_all_however_often_a_byte_comes(line, monkeypatch):
    monkeypatch.setattr(patience, "READ_AWAY_SECONDS", 0.2)
    request, theirs = line
    theirs.sendall(b"x")
    begun = time.monotonic()
    patience.read_away(request)
    assert time.monotonic() - begun < 2


def test_a_line_below_the_least_rate_is_given_up_and_what_came_is_kept(line, monkeypatch):
    monkeypatch.setattr(patience, "RATE_SECONDS", 0.1)
    request, theirs = line
    theirs.sendall(b"what came")
    with patience.at_least_rate(request) as read:
        assert read(1024) == b"what came"


def test_a_quick_line_is_read_to_its_end(line, monkeypatch):
    monkeypatch.setattr(patience, "RATE_SECONDS", 0.1)
    monkeypatch.setattr(patience, "RATE_BYTES", 10)
    request, theirs = line
    with patience.at_least_rate(request) as read:
        for _turn in range(3):
            theirs.sendall(b"x" * 100)
            assert len(read(100)) == 100
            time.sleep(0.05)
