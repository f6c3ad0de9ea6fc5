"""Forms with files as browsers send them, whole, hostile and broken off; what lies on the disk afterwards."""

import builtins
import errno
import hashlib
import io
import os
import tempfile

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from cyber360.exceptions import NoSeat, NotNow, TooBig
from cyber360.files import receiving
from cyber360.files.models import StoredFile, Verdict
from cyber360.files.services import check_plain, open_for_reading
from cyber360.jobs.models import Job
from tests.cyber360.files import urls
from tests.cyber360.files.conftest import pdf, word
from tests.cyber360.files.test_scanner import EICAR

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.cyber360.files.urls")]
SECRET_TEXT = b"the admin pass phrase is correct horse battery staple\r\n"
PLAIN_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


@pytest.fixture(autouse=True)
def room(settings, vault_dir):
    settings.MIDDLEWARE = PLAIN_MIDDLEWARE


@pytest.fixture
def browser(person):
    browser = Client()
    browser.force_login(person)
    return browser


def given(name: str, data: bytes, media_type: str = "text/html") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, media_type)


def send(browser, *files, **fields):
    return browser.post("/upload/12/", {"files": list(files), **fields})


def on_disk(folder) -> list[str]:
    return [str(place) for place in folder.rglob("*") if place.is_file()]


def test_a_file_is_kept_with_our_type_our_hash_and_a_job(browser, person, vault_dir):
    data = word()
    answer = send(browser, given("../../Plan.docx", data), note="hello").json()
    stored = StoredFile.objects.get()
    assert answer == {"kept": [str(stored.pk)], "refused": [], "note": "hello"}
    assert (stored.name, stored.extension, stored.size) == ("Plan.docx", "docx", len(data))
    assert stored.media_type.endswith("wordprocessingml.document")
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert (stored.verdict, stored.uploaded_by, stored.scope) == (Verdict.PENDING, person, "challenge:12")
    assert b"".join(open_for_reading(stored)) == data
    assert on_disk(vault_dir) == [str(vault_dir / stored.path)]
    assert Job.objects.get().payload == {"file_id": str(stored.pk)}


def test_a_large_plain_text_is_proved_as_it_comes_and_the_same_words_are_refused_beside_it(browser, monkeypatch):
    read_again = []
    monkeypatch.setattr(receiving, "check_plain", lambda upload: read_again.append(upload.name) or check_plain(upload))
    data = SECRET_TEXT * 400
    answer = send(
        browser, given("large.txt", data), given("odd.txt", data + b"\x81"), given("page.txt", b"<html>" + data)
    )
    stored = StoredFile.objects.get()
    assert (stored.name, stored.media_type, stored.size) == ("large.txt", "text/plain", len(data))
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert read_again == ["odd.txt", "page.txt"]
    assert len(answer.json()["refused"]) == 2


def test_several_files_good_and_bad_in_one_form(browser, vault_dir):
    answer = send(
        browser,
        given("a.txt", SECRET_TEXT),
        given("empty.txt", b""),
        given("big.txt", b"x" * (urls.LIMIT + 1)),
        given("exact.txt", b"y" * urls.LIMIT),
        given("run.exe", b"MZ" + bytes(50)),
        given("renamed.docx", EICAR),
        given("plan.pdf", pdf()),
        note="after all",
    ).json()
    assert answer["note"] == "after all"
    kept = [StoredFile.objects.get(pk=pk) for pk in answer["kept"]]
    assert [one.name for one in kept] == ["a.txt", "exact.txt", "plan.pdf"]
    empty, big, program, renamed = answer["refused"]
    assert empty == "“empty.txt” is empty. Choose the file again."
    assert big == "“big.txt” is larger than 195 KB. Make it smaller or split it."
    assert "Programs and scripts are not accepted." in program
    assert "“renamed.docx” was not accepted." in renamed
    assert sorted(on_disk(vault_dir)) == sorted(str(vault_dir / one.path) for one in kept)


def test_no_plain_byte_reaches_any_disk(browser, vault_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened, real = [], builtins.open
    monkeypatch.setattr(os, "open", spy(opened, os.open))
    monkeypatch.setattr(builtins, "open", spy(opened, real))
    send(browser, given("hidden agenda.txt", SECRET_TEXT * 3000))
    assert [path for path in opened if "vault" not in path] == []
    assert len(opened) == 2  # the ciphertext, and its folder for fsync
    for path in on_disk(tmp_path):
        with real(path, "rb") as handle:
            content = handle.read()
        assert b"pass phrase" not in content
        assert b"hidden agenda" not in content
        assert "hidden" not in path


def spy(opened: list[str], real):
    def watched(path, *args, **kwargs):
        opened.append(str(path))
        return real(path, *args, **kwargs)

    return watched


@pytest.mark.parametrize("field", ["keep_nothing", "explode"])
def test_what_the_view_does_not_keep_is_removed(browser, vault_dir, field):
    browser.raise_request_exception = False
    send(browser, given("a.txt", SECRET_TEXT), **{field: "1"})
    assert on_disk(vault_dir) == []
    assert not StoredFile.objects.exists()


def test_a_forged_form_leaves_nothing_and_a_true_one_passes(person, vault_dir):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    assert send(browser, given("a.txt", SECRET_TEXT)).status_code == 403
    assert send(browser, given("a.txt", SECRET_TEXT), csrfmiddlewaretoken="x" * 64).status_code == 403
    assert on_disk(vault_dir) == []
    browser.get("/upload/12/")
    token = browser.cookies["csrftoken"].value
    assert len(send(browser, given("a.txt", SECRET_TEXT), csrfmiddlewaretoken=token).json()["kept"]) == 1


def body(*lines: bytes) -> bytes:
    return b"\r\n".join(lines)


HEAD = (b"--edge", b'Content-Disposition: form-data; name="files"; filename="a.txt"', b"Content-Type: text/plain", b"")


def raw(person, data: bytes, length: int | None = None, content_type: str = "multipart/form-data; boundary=edge"):
    """The view's answer to a body as it came over the line."""
    request = RequestFactory().generic("POST", "/upload/12/", data, content_type)
    request.user = person
    request._dont_enforce_csrf_checks = True
    if length is not None:
        request.META["CONTENT_LENGTH"] = str(length)
    return urls.upload(request, challenge=12)


def test_a_form_that_breaks_off_leaves_nothing(person, vault_dir):
    whole = body(*HEAD, SECRET_TEXT * 100, b"--edge--", b"")
    assert b'"kept": ["' in raw(person, whole).content
    StoredFile.objects.all().delete()
    for place in on_disk(vault_dir):
        os.unlink(place)
    for cut in (len(whole) // 2, len(whole) - 12):
        assert raw(person, whole[:cut]).content == b'{"kept": [], "refused": [], "note": null}'
        assert on_disk(vault_dir) == []


class Gone(io.BytesIO):
    """A browser that went away in the middle."""

    def read(self, size=-1):
        if self.tell() > 1000:
            raise ConnectionResetError("gone")
        return super().read(min(size, 500) if size > 0 else 500)


def test_a_browser_that_goes_away_leaves_nothing(person, vault_dir):
    data = body(*HEAD, SECRET_TEXT * 1000, b"--edge--", b"")
    request = RequestFactory().generic("POST", "/upload/12/", data, "multipart/form-data; boundary=edge")
    request.user, request._dont_enforce_csrf_checks = person, True
    request.META["wsgi.input"] = request._stream = Gone(data)
    with pytest.raises(OSError, match="gone"):
        urls.upload(request, challenge=12)
    assert on_disk(vault_dir) == []


def test_no_boundary_no_length_and_no_file(person, browser, vault_dir):
    with pytest.raises(Exception, match="Invalid boundary"):
        raw(person, b"x" * 100, content_type="multipart/form-data")
    assert raw(person, body(*HEAD, b"x", b"--edge--", b""), length=0).status_code == 200
    assert send(browser).json()["kept"] == []
    assert on_disk(vault_dir) == []


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["open", "fsync", "rename"])
def test_a_full_disk_is_a_plain_refusal_and_leaves_nothing(browser, vault_dir, monkeypatch, step):
    monkeypatch.setattr(f"cyber360.files.storage.{'Path' if step == 'rename' else 'os'}.{step}", full)
    answer = send(browser, given("a.txt", SECRET_TEXT), given("b.txt", SECRET_TEXT)).json()
    assert answer["kept"] == []
    assert answer["refused"][0] == "“a.txt” could not be kept: there is no room left in the store. Try again later."
    assert len(answer["refused"]) == 2
    monkeypatch.undo()
    assert on_disk(vault_dir) == []


def test_a_disk_that_fills_in_the_middle_of_a_file(browser, vault_dir, monkeypatch):
    monkeypatch.setattr("cyber360.files.storage._WholeWrites.write", full)
    answer = send(browser, given("a.txt", SECRET_TEXT * 1000)).json()
    assert "no room left" in answer["refused"][0]
    monkeypatch.undo()
    assert on_disk(vault_dir) == []


def test_a_store_that_is_broken_is_no_plain_refusal_but_leaves_nothing(browser, vault_dir, monkeypatch):
    def broken(*args):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("cyber360.files.storage.os.fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        send(browser, given("a.txt", SECRET_TEXT))
    monkeypatch.undo()
    assert on_disk(vault_dir) == []


def test_a_disk_nearly_full_refuses_beforehand(browser, vault_dir, settings):
    settings.FILES_DISK_FLOOR_MB = 10**9
    assert "nearly full" in send(browser, given("a.txt", SECRET_TEXT)).json()["refused"][0]
    assert on_disk(vault_dir) == []


def test_the_pack_has_its_own_limit(browser, keep, settings):
    settings.EVIDENCE_PACK_MB = 1
    keep(b"x" * (1024 * 1024 - 250_000))
    names = [given(f"{number}.txt", b"y" * 100_000) for number in range(3)]
    answer = send(browser, *names).json()
    assert len(answer["kept"]) == 2
    assert "“2.txt” does not fit into what is left" in answer["refused"][0]
    assert "does not fit" in send(browser, given("more.txt", b"y" * 100_000)).json()["refused"][0]


def test_rights_come_before_the_first_byte(person, vault_dir, settings):
    settings.LOGIN_URL = "/sign-in/"
    request = RequestFactory().post("/upload/404/", {"files": given("a.txt", SECRET_TEXT)})
    request.user = person
    with pytest.raises(NoSeat):
        urls.upload(request, challenge=404)
    assert not request._read_started
    request.user = AnonymousUser()
    assert urls.upload(request, challenge=12).status_code == 302
    assert not request._read_started
    assert on_disk(vault_dir) == []


def test_a_not_now_reads_the_body_away_so_that_its_page_arrives(person, vault_dir):
    request = RequestFactory().post("/upload/403/", {"files": given("a.txt", SECRET_TEXT * 1000)})
    request.user = person
    with pytest.raises(NotNow, match="locked"):
        urls.upload(request, challenge=403)
    assert request.read() == b""
    assert on_disk(vault_dir) == []


def test_an_enormous_body_is_not_read(person):
    request = RequestFactory().post("/upload/12/", {"files": given("a.txt", SECRET_TEXT)})
    request.user, request.META["CONTENT_LENGTH"] = person, str(receiving.BODY_BYTES + 1)
    with pytest.raises(TooBig):
        urls.upload(request, challenge=12)
    assert not request._read_started


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("n" * 300 + ".txt", "n" * 146 + ".txt"),
        ("plan\u202etxt.txt", "plantxt.txt"),
        ("..\\..\\boot.txt", "boot.txt"),
        ("CON.txt", "file-CON.txt"),
    ],
)
def test_names_are_cleaned(browser, name, shown):
    send(browser, given(name, SECRET_TEXT))
    assert StoredFile.objects.get().name == shown


def test_a_marking_in_the_name_is_refused(browser, vault_dir):
    [refusal] = send(browser, given("TOP SECRET plan.txt", SECRET_TEXT)).json()["refused"]
    assert "carries the marking TOP SECRET" in refusal
    assert on_disk(vault_dir) == []


def test_a_form_of_sixty_megabytes_is_read_away(person, vault_dir):
    """Nothing above the limit is kept, and the form's other fields still arrive."""
    size = 60_000_000
    head, tail = (
        body(*HEAD, b""),
        body(b"", b"--edge", b'Content-Disposition: form-data; name="note"', b"", b"last", b"--edge--", b""),
    )
    request = RequestFactory().generic("POST", "/upload/12/", b"x", "multipart/form-data; boundary=edge")
    request.user, request._dont_enforce_csrf_checks = person, True
    request.META["CONTENT_LENGTH"] = str(len(head) + size + len(tail))
    request.META["wsgi.input"] = request._stream = Long(head, size, tail)
    answer = urls.upload(request, challenge=12).content.decode()
    assert "larger than 195 KB" in answer
    assert '"note": "last"' in answer
    assert on_disk(vault_dir) == []


class Long:
    """`head`, then so many newlines, then `tail`, without holding them."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self.head, self.left, self.tail = head, size, tail

    def read(self, size: int = -1) -> bytes:
        for part in ("head", "tail"):
            if part == "tail" and self.left:
                piece = b"\n" * min(size, self.left)
                self.left -= len(piece)
                return piece
            piece, rest = getattr(self, part)[:size], getattr(self, part)[size:]
            setattr(self, part, rest)
            if piece:
                return piece
        return b""

    readline = read
