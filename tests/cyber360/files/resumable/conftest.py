"""A signed-in client that speaks tus by hand, and a look at everything that lies on the disk."""

import base64
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from cyber360.files.models import Upload
from tests.cyber360.files.conftest import SCOPE
from tests.cyber360.files.resumable import urls
from tests.cyber360.files.test_receiving import PLAIN_MIDDLEWARE

CANARY = b"the canary sings at the data centre door\r\n"
STREAM = "application/offset+octet-stream"


def described(**metadata: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())


class Tus:
    """One person's client. Every call gives the response."""

    def __init__(self, person, **client) -> None:
        self.browser = Client(**client)
        self.browser.force_login(person)
        self.place = ""

    def ask(self, method: str, path: str = "", data: bytes = b"", **headers):
        sent = {"tus-resumable": "1.0.0", **headers}
        sent = {name: value for name, value in sent.items() if value is not None}
        kind = sent.pop("content-type", STREAM if method == "PATCH" else "")
        extra = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(data))} if kind else {}  # left out for an empty body
        return self.browser.generic(method, path or self.place, data, kind, headers=sent, **extra)

    def create(self, size: int | str, name: str = "plan.txt", data: bytes = b"", challenge: int = 12, **headers):
        described_as = headers.pop("upload-metadata", described(filename=name))
        sent = {"upload-length": str(size), "upload-metadata": described_as, **headers}
        if data:
            sent.setdefault("content-type", STREAM)
        answer = self.ask("POST", f"/uploads/{challenge}/", data, **sent)
        self.place = answer.headers.get("Location", self.place)
        return answer

    def patch(self, offset: int | str, data: bytes, **headers):
        return self.ask("PATCH", "", data, **{"upload-offset": str(offset), **headers})

    @property
    def upload(self) -> Upload:
        return Upload.objects.get(pk=self.place.rstrip("/").rpartition("/")[2])


@pytest.fixture
def room(settings, vault_dir):
    settings.ROOT_URLCONF = urls.__name__
    settings.MIDDLEWARE = PLAIN_MIDDLEWARE
    urls.CLOSED.clear()
    urls.taken.clear()
    return vault_dir


@pytest.fixture
def tus(person, room):
    return Tus(person)


def settle() -> None:
    """Do what waits for the commit that a test's own transaction never reaches."""
    while connection.run_on_commit:
        _savepoints, function, _robust = connection.run_on_commit.pop(0)
        function()


def on_disk(folder: Path) -> list[str]:
    settle()
    return sorted(str(place.relative_to(folder)) for place in folder.rglob("*") if place.is_file())


def plain_places(*folders: Path) -> list[str]:
    """Files that hold a line of the canary in clear."""
    found = []
    for folder in folders:
        found += [str(place) for place in folder.rglob("*") if place.is_file() and CANARY in place.read_bytes()]
    return found


def lines(size: int) -> bytes:
    """So many bytes of text that all differ, the canary among them."""
    made = bytearray(CANARY)
    while len(made) < size:
        made += os.urandom(24).hex().encode() + b"\r\n"
    return bytes(made[:size])


__all__ = ["CANARY", "SCOPE", "STREAM", "Tus", "described", "lines", "on_disk", "plain_places", "settle"]
