"""The protocol, header by header, as tus.io/protocols/resumable-upload says it."""

import base64
import hashlib

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from cyber360.files.models import Blob, Upload, UploadState
from cyber360.files.resumable import uploads
from cyber360.files.resumable.finishing import finish
from cyber360.files.services import open_for_reading
from tests.cyber360.files.resumable import urls
from tests.cyber360.files.resumable.conftest import CANARY, Tus, described, lines, on_disk, plain_places

pytestmark = pytest.mark.django_db
DATA = lines(100_000)


def signed(data: bytes, algorithm: str = "sha1") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


# --- what the server can do -----------------------------------------------------------------------------
def test_options_tells_what_the_server_can_do(tus):
    answer = tus.ask("OPTIONS", "/uploads/12/", **{"tus-resumable": None})
    assert answer.status_code == 204
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert answer["Tus-Max-Size"] == str(urls.LIMIT)
    assert answer["Tus-Extension"].split(",") == [
        "creation", "creation-with-upload", "termination", "checksum", "expiration",
    ]  # fmt: skip
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"


# --- creation -------------------------------------------------------------------------------------------
def test_creation(tus, person):
    answer = tus.create(len(DATA), "../../Plan.txt")
    assert answer.status_code == 201
    assert answer["Tus-Resumable"] == "1.0.0"
    assert answer["Upload-Offset"] == "0"
    assert "GMT" in answer["Upload-Expires"]
    row = tus.upload
    assert (row.name, row.size, row.offset, row.owner, row.scope) == ("Plan.txt", len(DATA), 0, person, "challenge:12")
    assert (row.state, row.target) == (UploadState.RECEIVING, {"kind": "tests", "challenge": 12})


@pytest.mark.parametrize("size", ["", "-1", "1.5", "x", "٣", "+1", "9" * 19, " 1", "0x1"])
def test_lengths_are_read_strictly(tus, size):
    assert tus.create(size).status_code == 400
    assert not Upload.objects.exists()


@pytest.mark.parametrize("header", [{"upload-defer-length": "1"}, {"upload-concat": "partial"}])
def test_a_length_told_later_is_refused(tus, header):
    assert tus.create(5, **header).status_code == 400


@pytest.mark.parametrize(
    ("size", "name", "status", "words"),
    [
        (0, "plan.txt", 400, "is empty"),
        (urls.LIMIT + 1, "plan.txt", 413, "is larger than 64 MB"),
        (5, "run.exe", 400, "was not accepted"),
        (5, "", 400, "has no name"),
        (5, "TOP SECRET plan.txt", 400, "carries the marking"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_a_byte(tus, size, name, status, words):
    answer = tus.create(size, name)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert not Upload.objects.exists()


def test_the_limit_itself_is_taken(tus):
    assert tus.create(urls.LIMIT).status_code == 201


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        ("filename cGxhbi50eHQ=,modified", 201),
        ("filename", 400),
        ("filename !!!", 400),
        ("filename cGxhbi50eHQ", 400),
        ("filename cGxhbi50eHQ=,filename cGxhbi50eHQ=", 400),
        ("filename /w==", 400),
        ("filename cGxhbi50eHQ=\r\nX: y", 400),
        (described(filename="plan.txt", path="x" * 1600), 413),
    ],
)
def test_metadata_are_read_strictly_and_capped(tus, metadata, status):
    assert tus.create(5, **{"upload-metadata": metadata}).status_code == status


def test_creation_with_upload(tus):
    answer = tus.create(len(DATA), data=DATA[:60_000])
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "60000")
    assert tus.patch(60_000, DATA[60_000:])["Upload-Offset"] == str(len(DATA))
    assert tus.upload.state == UploadState.FINISHING


def test_creation_with_upload_of_another_type_or_too_much(tus):
    assert tus.create(5, data=b"12345", **{"content-type": "text/plain"}).status_code == 415
    assert tus.create(5, data=b"123456").status_code == 413


# --- version, type, method --------------------------------------------------------------------------------
@pytest.mark.parametrize("version", [None, "0.2.2", "1.0", "1.0.0, 1.1.0"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_is_412(tus, method, version):
    tus.create(5)
    answer = tus.ask(method, "/uploads/12/" if method == "POST" else "", **{"tus-resumable": version})
    assert answer.status_code == 412
    assert answer["Tus-Version"] == "1.0.0"
    assert Upload.objects.count() == 1


def test_a_method_in_a_header_is_not_honoured(tus):
    tus.create(5)
    answer = tus.ask("HEAD", **{"x-http-method-override": "DELETE"})
    assert answer.status_code == 200
    assert tus.ask("POST", **{"x-http-method-override": "PATCH"}).status_code == 405
    assert tus.ask("GET").status_code == 405
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("kind", ["", "text/plain", "application/octet-stream", "multipart/form-data; boundary=x"])
def test_another_content_type_is_415(tus, kind):
    tus.create(5)
    assert tus.patch(0, b"12345", **{"content-type": kind}).status_code == 415
    assert tus.upload.offset == 0


def test_tokens_go_by_header(person, room):
    tus = Tus(person, enforce_csrf_checks=True)
    assert tus.create(5).status_code == 403
    tus.browser.get(f"/sign-in/{person.pk}/")
    token = {"x-csrftoken": tus.browser.cookies["csrftoken"].value}
    assert tus.create(5, **token).status_code == 201
    assert tus.patch(0, b"12345").status_code == 403
    assert tus.ask("DELETE").status_code == 403
    assert tus.upload.offset == 0
    assert tus.patch(0, b"12345", **token).status_code == 204


# --- offsets ------------------------------------------------------------------------------------------------
def test_head(tus):
    tus.create(len(DATA))
    tus.patch(0, DATA[:1000])
    answer = tus.ask("HEAD")
    assert answer.status_code == 200
    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("1000", str(len(DATA)))
    assert answer["Cache-Control"] == "no-store"
    assert answer["Upload-Metadata"] == described(filename="plan.txt")
    assert "GMT" in answer["Upload-Expires"]


def test_pieces_one_after_the_other(tus, room, django_capture_on_commit_callbacks):
    tus.create(len(DATA))
    for start in range(0, len(DATA), 30_000):
        answer = tus.patch(start, DATA[start : start + 30_000])
        assert answer.status_code == 204
        assert answer["Upload-Offset"] == str(min(start + 30_000, len(DATA)))
    assert Blob.objects.filter(kind="part").count() == 4
    assert len(on_disk(room)) == 4
    assert plain_places(room) == []
    with django_capture_on_commit_callbacks(execute=True):
        row = finish(tus.upload.pk)
    assert row.state == UploadState.DONE
    assert b"".join(open_for_reading(row.stored_file)) == DATA
    assert urls.taken == [(str(row.pk), str(row.stored_file.pk))]
    assert len(on_disk(room)) == 1


@pytest.mark.parametrize("offset", [999, 1001, 0])
def test_another_offset_is_409(tus, offset):
    tus.create(len(DATA))
    tus.patch(0, DATA[:1000])
    assert tus.patch(offset, DATA[1000:2000]).status_code == 409
    assert tus.upload.offset == 1000


@pytest.mark.parametrize("offset", ["", "-1", "x", "1e3", None])
def test_an_offset_that_cannot_be_read_is_400(tus, offset):
    tus.create(5)
    assert tus.patch(0, b"12345", **{"upload-offset": offset}).status_code == 400


def test_more_than_was_announced_is_413_and_nothing_of_it_is_taken(tus, room):
    tus.create(5)
    assert tus.patch(0, b"123456").status_code == 413
    assert tus.upload.offset == 0
    assert on_disk(room) == []


def test_an_empty_piece_changes_nothing(tus, room):
    tus.create(5)
    assert tus.patch(0, b"")["Upload-Offset"] == "0"
    assert on_disk(room) == []


def test_a_piece_without_its_length_is_411(person, tus):
    tus.create(5)
    request = RequestFactory().generic("PATCH", tus.place, b"12345", "application/offset+octet-stream")
    request.META |= {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_OFFSET": "0"}
    del request.META["CONTENT_LENGTH"]
    request.user = person
    assert urls.upload(request, 12, tus.upload.pk).status_code == 411


# --- checksum -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_checksum(tus, room, algorithm):
    tus.create(len(DATA))
    wrong = tus.patch(0, DATA[:1000], **{"upload-checksum": signed(DATA[:999], algorithm)})
    assert wrong.status_code == 460
    assert tus.upload.offset == 0
    assert on_disk(room) == []
    right = tus.patch(0, DATA[:1000], **{"upload-checksum": signed(DATA[:1000], algorithm)})
    assert (right.status_code, right["Upload-Offset"]) == (204, "1000")


@pytest.mark.parametrize("value", ["md5 " + "A" * 22 + "==", "sha1", "sha1 x", "sha1 AAAA", "SHA1 AAAA", ""])
def test_a_checksum_that_we_cannot_prove_is_400(tus, value):
    tus.create(5)
    assert tus.patch(0, b"12345", **{"upload-checksum": value}).status_code == 400
    assert tus.upload.offset == 0


# --- ending -----------------------------------------------------------------------------------------------------
def test_termination(tus, room, django_capture_on_commit_callbacks):
    tus.create(len(DATA))
    tus.patch(0, DATA[:1000])
    with django_capture_on_commit_callbacks(execute=True):
        assert tus.ask("DELETE").status_code == 204
    assert on_disk(room) == []
    assert not Upload.objects.exists()
    for method in ("HEAD", "PATCH", "DELETE"):
        assert tus.ask(method, **{"upload-offset": "1000"}).status_code == 404


def test_what_was_received_is_not_ended_by_the_protocol(tus):
    tus.create(len(DATA))
    tus.patch(0, DATA)
    assert tus.ask("DELETE").status_code == 403
    finish(tus.upload.pk)
    assert tus.ask("DELETE").status_code == 403
    assert tus.upload.stored_file.state == "stored"


def test_head_says_received_whatever_comes_of_it(tus):
    tus.create(len(DATA))
    tus.patch(0, DATA)
    for state in (UploadState.FINISHING, UploadState.DONE):
        assert tus.upload.state == state
        answer = tus.ask("HEAD")
        assert (answer.status_code, answer["Upload-Offset"]) == (200, str(len(DATA)))
        assert tus.patch(len(DATA), b"")["Upload-Offset"] == str(len(DATA))
        assert tus.patch(0, DATA).status_code == 409
        finish(tus.upload.pk)


def test_an_untouched_upload_is_over_after_a_day(tus, room, django_capture_on_commit_callbacks):
    tus.create(len(DATA))
    tus.patch(0, DATA[:1000])
    Upload.objects.update(touched_at=timezone.now() - uploads.EXPIRY * 1.01)
    assert tus.ask("HEAD").status_code == 410
    assert tus.patch(1000, DATA[1000:]).status_code == 410
    with django_capture_on_commit_callbacks(execute=True):
        assert uploads.sweep() == 1
    assert tus.upload.state == UploadState.EXPIRED
    assert on_disk(room) == []
    assert not Blob.objects.exists()
    assert tus.ask("HEAD").status_code == 410


# --- whose ----------------------------------------------------------------------------------------------------
def test_nobody_else_finds_it(tus, room, django_user_model):
    tus.create(5)
    other = Tus(django_user_model.objects.create_user("kim.lee@example.org", "Kim Lee", "a long pass phrase 2"))
    never = tus.place.replace(str(tus.upload.pk), "0" * 8 + str(tus.upload.pk)[8:])
    for method in ("HEAD", "PATCH", "DELETE"):
        theirs = other.ask(method, tus.place, **{"upload-offset": "0"})
        none = other.ask(method, never, **{"upload-offset": "0"})
        assert (theirs.status_code, theirs.content) == (none.status_code, none.content) == (404, b"")
    assert tus.ask("HEAD", tus.place.replace("/12/", "/13/")).status_code == 404


def test_a_person_who_is_signed_out_is_told_so(tus):
    tus.create(5)
    answer = Client().generic("PATCH", tus.place, b"12345", headers={"tus-resumable": "1.0.0", "upload-offset": "0"})
    assert answer.status_code == 401
    assert "Sign in" in answer.content.decode()


def test_the_right_is_asked_with_every_piece(tus):
    tus.create(len(DATA))
    tus.patch(0, DATA[:1000])
    urls.CLOSED.add("challenge:12")
    answer = tus.patch(1000, DATA[1000:])
    assert (answer.status_code, answer.content) == (403, b"The pack is locked.")
    assert tus.upload.offset == 1000
    assert CANARY not in answer.content
