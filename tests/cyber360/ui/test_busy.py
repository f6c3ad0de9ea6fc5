"""A database that another write holds: the reader hears that nothing was saved, and the next try goes through."""

import sqlite3
from contextlib import closing

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from cyber360.ui.middleware import is_lock
from tests.people import make_cast

only_sqlite = pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="SQLite alone locks the whole database"
)


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_locked_database_is_said_and_nothing_is_half_written():
    cast = make_cast()
    client = cast.client_for(cast.coordinator)
    client.get("/")
    url = f"/challenges/{cast.challenge.ref}/hold/"
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        connection.ensure_connection()
        connection.connection.execute("PRAGMA busy_timeout = 200")
        answer = client.post(url, {"reason": "A live incident"})
        assert answer.status_code == 503
        assert "Nothing of what you sent was saved" in answer.content.decode()
        other.execute("ROLLBACK")
    cast.challenge.refresh_from_db()
    assert cast.challenge.on_hold_since is None
    assert client.post(url, {"reason": "A live incident"}).status_code == 302


@pytest.mark.parametrize(
    ("words", "expected"),
    [("database is locked", True), ("canceling statement due to lock timeout", True), ("no such table: x", False)],
)
def test_only_locks_are_called_busy(words, expected):
    assert is_lock(OperationalError(words)) is expected
