"""What no browser sends is refused with a page, never with a 500."""

import logging

import pytest
from django.core.exceptions import ValidationError

from cyber360.ui.logs import HideTokens
from cyber360.ui.widgets import DateField, ManyField
from cyber360.wsgi import application
from peers.frameworks.models import Theme


@pytest.mark.parametrize("path", ["/help/?theme=%00", "/help/%00/", "/challenges/%00/people/"])
def test_a_nul_is_refused(client, db, path):
    assert client.get(path).status_code == 400


def test_a_nul_in_a_cookie_is_refused(client, db):
    client.cookies["sessionid"] = "aaaa\x00"
    assert client.get("/help/").status_code == 400


@pytest.mark.parametrize("charset", ["base64", "idna", "undefined", "utf-16"])
def test_a_foreign_charset_changes_nothing(rf, db, charset):
    environ = rf.get("/help/?a=%ff").environ | {"CONTENT_TYPE": f"text/plain; charset={charset}"}
    answers = []
    body = b"".join(application(environ, lambda status, headers: answers.append(status)))
    assert answers == ["200 OK"]
    assert b"<h1" in body


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(client, db, method):
    assert client.generic(method, "/help/").status_code == 405


@pytest.mark.parametrize("value", ["9999-12-31", "0001-01-01", "1799-12-31"])
def test_a_day_outside_the_calendar_is_refused(value):
    with pytest.raises(ValidationError, match="between 1800 and 2100"):
        DateField().clean(value)


@pytest.mark.parametrize("value", ["99999999999999999999", "-1", "1 OR 1", "²"])
def test_an_id_that_is_none_is_refused(db, value):
    with pytest.raises(ValidationError):
        ManyField(queryset=Theme.objects.all()).clean([value])


def test_the_log_keeps_no_address_that_signs_in():
    record = logging.LogRecord("x", 30, "", 0, "Forbidden: %s", ("/in/LIVETOKEN/ and /invitation/OTHER/x",), None)
    assert HideTokens().filter(record)
    assert record.getMessage() == "Forbidden: /in/(hidden)/ and /invitation/(hidden)/x"
