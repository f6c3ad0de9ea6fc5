"""What every test may rely on: fast password hashes, no cache between tests, no network but this machine's own."""

import importlib.util
import ipaddress
import os
import socket

import pytest
from django.conf import settings
from django.core.cache import cache

if importlib.util.find_spec("tests.people"):
    pytest_plugins = ["tests.people"]

_connect = socket.socket.connect


def _is_here(address: object) -> bool:
    """A Unix socket or a loopback address: all that a test may speak to."""
    if not isinstance(address, tuple):
        return True
    if address[0] in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


def _connect_here(self: socket.socket, address: object) -> None:
    if not _is_here(address):
        raise AssertionError(f"a test tried to reach {address!r}")
    _connect(self, address)


@pytest.fixture(scope="session", autouse=True)
def no_network():
    socket.socket.connect = _connect_here
    yield
    socket.socket.connect = _connect


@pytest.fixture(scope="session", autouse=True)
def fast_passwords():
    """Argon2 is slow on purpose; the tests that are about hashing set the real list themselves."""
    before, settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS, ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    settings.PASSWORD_HASHERS = before


@pytest.fixture(autouse=True)
def clean_cache():
    """Rate limits and the like are kept in the cache: none may reach the next test."""
    cache.clear()


def pytest_collection_modifyitems(config, items):
    """Tests that are only true on PostgreSQL say so when they are asked for on another database.

    On PostgreSQL those that open no database are left out when they have run before (ONLY_DATABASE, `make test-all`).
    """
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        if os.environ.get("ONLY_DATABASE"):
            kept = [item for item in items if _opens_a_database(item)]
            config.hook.pytest_deselected(items=[item for item in items if not _opens_a_database(item)])
            items[:] = kept
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="only true on PostgreSQL: make test-all"))


# These are about documents, pictures, programs and the demo's words; which database lies beneath changes nothing.
_ONCE = (
    "tests/cyber360/files/rendering/", "tests/cyber360/files/sandbox/", "tests/cyber360/files/test_clamd.py",
    "tests/cyber360/files/test_storage_s3.py", "tests/cyber360/ui/test_pdf.py", "tests/peers/overview/test_bench.py",
    "tests/peers/overview/test_demo.py", "tests/peers/reports/test_pdf.py",
)  # fmt: skip


def _opens_a_database(item) -> bool:
    if item.nodeid.startswith(_ONCE):
        return False
    fixtures = {"db", "transactional_db", "live_server"}
    return item.get_closest_marker("django_db") is not None or not fixtures.isdisjoint(item.fixturenames)
