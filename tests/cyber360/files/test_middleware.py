"""Bodies on slow lines, over a real socket as gunicorn lends it."""

import socket
import threading
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpResponse
from django.test import RequestFactory

from cyber360.files import patience
from cyber360.files.middleware import BrokenOff, LeastRate
from cyber360.files.models import StoredFile
from cyber360.files.resumable.protocol import CONTENT_TYPE
from tests.cyber360.files import urls
from tests.cyber360.files.test_receiving import HEAD, SECRET_TEXT, body, on_disk

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.cyber360.files.urls")]
FORM = body(*HEAD, SECRET_TEXT * 100, b"--edge--", b"")


@pytest.fixture
def posted(settings, vault_dir, monkeypatch):
    """`posted(begun, length)` -> the request and the other end of its line, which has sent that much."""
    settings.MIDDLEWARE = []
    monkeypatch.setattr(patience, "RATE_SECONDS", 0.15)
    ours, theirs = socket.socketpair()

    source = ours.makefile("rb")

    def make(begun: bytes, length: int, kind: str = "multipart/form-data; boundary=edge", path: str = "/upload/12/"):
        request = RequestFactory().post(path)
        environ = {**request.environ, "wsgi.input": source, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind}
        request = type(request)({**environ, "gunicorn.socket": ours})
        request.user, request.session = get_user_model()(pk=1), {}
        request._dont_enforce_csrf_checks = True
        theirs.sendall(begun)
        return request, theirs

    with ours, theirs, source:
        yield make


def test_a_form_that_comes_too_slowly_is_told_so_and_nothing_is_kept(posted, vault_dir):
    request, theirs = posted(FORM[:-400], len(FORM))
    begun = time.monotonic()
    answer = LeastRate(convert_exception_to_response(lambda one: urls.upload(one, challenge=12)))(request)
    assert time.monotonic() - begun < 3
    assert answer.status_code == 408
    assert "so slow that what you sent did not arrive" in answer.content.decode()
    assert on_disk(vault_dir) == []
    assert not StoredFile.objects.exists()
    request.environ["gunicorn.socket"].sendall(b"408")
    assert theirs.recv(3) == b"408"


def test_drop_after_drop_is_too_slow_as_well(posted):
    request, theirs = posted(b"title=", 5000, "application/x-www-form-urlencoded")
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.02):
            try:
                theirs.send(b"a")
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    worked_on: list[str] = []
    view = convert_exception_to_response(lambda one: worked_on.append(one.POST["title"]) or HttpResponse())
    try:
        assert LeastRate(view)(request).status_code == 408
    finally:
        over.set()
    assert worked_on == []


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=edge", "application/x-www-form-urlencoded"])
def test_nobody_acts_on_a_form_whose_line_broke(posted, vault_dir, kind):
    """Two files, or a text, of which only the beginning came: the first file is whole, and yet nothing is kept."""
    begun = FORM.replace(b"--edge--\r\n", b"") + b"\r\n".join([*HEAD, b"half"])
    request, theirs = posted(begun, len(begun) + 500, kind)
    theirs.shutdown(socket.SHUT_WR)
    worked_on: list[str] = []

    def view(one):
        worked_on.append(str(one.POST))
        return HttpResponse()

    answer = LeastRate(
        convert_exception_to_response(view if "urlencoded" in kind else lambda one: urls.upload(one, 12))
    )
    assert answer(request).status_code >= 400
    assert (worked_on, on_disk(vault_dir), StoredFile.objects.count()) == ([], [], 0)


def test_a_view_that_reads_by_itself_is_no_fault_of_ours(rf):
    page = LeastRate(HttpResponse).process_exception(rf.post("/"), BrokenOff())
    assert page.status_code == 408
    assert LeastRate(HttpResponse).process_exception(rf.post("/"), OSError()) is None


def test_a_quick_line_may_wait_for_a_slow_product(posted, person):
    request, _theirs = posted(FORM, len(FORM))
    request.user = person

    def view(one):
        answer = urls.upload(one, challenge=12)
        time.sleep(0.4)
        return answer

    assert b'"kept": ["' in LeastRate(view)(request).content


def test_what_a_view_leaves_unread_holds_no_thread(posted, monkeypatch):
    monkeypatch.setattr(patience, "READ_AWAY_SECONDS", 0.2)
    request, _theirs = posted(b"title=", 5_000_000, "application/x-www-form-urlencoded")
    begun = time.monotonic()
    assert LeastRate(lambda one: HttpResponse("never read"))(request).content == b"never read"
    assert time.monotonic() - begun < 3
    assert request.environ["gunicorn.socket"].recv(1) == b""


def test_without_the_servers_socket_nothing_is_watched(rf):
    request = rf.post("/upload/12/", {"title": "Plan"})
    before = threading.active_count()
    answer = LeastRate(lambda one: HttpResponse(f"{one.POST['title']} {threading.active_count() - before}"))
    assert answer(request).content == b"Plan 0"


@pytest.mark.parametrize("path", ["/upload/12/", "/static/any.css", "/no/such/address/"])
def test_the_type_of_a_piece_spares_no_other_address_the_watch(posted, path):
    request, _theirs = posted(b"begun", 5000, CONTENT_TYPE, path)
    begun = time.monotonic()
    answer = LeastRate(convert_exception_to_response(lambda one: HttpResponse(one.body)))(request)
    assert answer.status_code == 408
    assert time.monotonic() - begun < 3


@pytest.mark.urls("tests.cyber360.files.resumable.urls")
def test_a_view_that_takes_pieces_watches_by_itself(posted):
    request, theirs = posted(b"begun", 5000, CONTENT_TYPE, "/uploads/12/")
    theirs.shutdown(socket.SHUT_WR)
    told = {"Tus-Resumable": "1.0.0"}
    assert LeastRate(lambda one: HttpResponse(one.read(), headers=told))(request).content == b"begun"


@pytest.mark.urls("tests.cyber360.files.resumable.urls")
def test_a_piece_that_is_turned_away_before_its_view_is_not_waited_for(posted):
    """As without a token: the server would read the rest away itself, for as long as it takes."""
    request, _theirs = posted(b"", 5000, CONTENT_TYPE, "/uploads/12/")
    assert LeastRate(lambda one: HttpResponse(status=403))(request).status_code == 403
    assert request.environ["gunicorn.socket"].recv(1) == b""
