"""The words of each type, from documents as the usual programs write them."""

import email.message
import json

import pytest
from django.db import IntegrityError

from cyber360.files import blobs
from cyber360.files.models import Blob, BlobKind, StoredFile, Verdict
from cyber360.files.rendering import NoPreview, keeping, make_pages, words, words_are_cut, words_of
from cyber360.files.sandbox import SandboxFailed
from cyber360.files.services import delete_file
from cyber360.files.storage import vault
from tests.cyber360.files.conftest import mail, picture
from tests.cyber360.files.rendering import documents as make


@pytest.fixture
def read(keep):
    """`read(name, data)` -> the words of a file that is kept so."""
    return lambda name, data: words_of(keep(data, name, media_type="checked/type"))


def test_pdf_page_by_page(read):
    assert read("a.pdf", make.pdf_of("First page", "", "Third £5")) == ["First page", "", "Third £5"]


def test_word_by_its_breaks_with_what_stands_in_the_header(read):
    first, second, third = read("a.docx", make.plan())
    assert first.split("\n") == ["OFFICIAL-SENSITIVE", "Incident plan"]
    assert second == "Who is called\tSam Okoro\nCafé \t£5"
    assert third == "Last part"


def test_word_without_breaks_in_pages_of_about_the_same_length(read):
    pages = read("a.docx", make.flowing())
    assert len(pages) == 5
    assert all(2000 < len(page) <= 3000 for page in pages[:-1])
    assert all(page.startswith("Paragraph ") for page in pages)
    assert "Paragraph 119:" in pages[-1]


def test_excel_sheet_by_sheet_with_dates_as_dates(read):
    assert read("a.xlsx", make.register()) == [
        "Assets\nName\tBought\tCount\tIn use\nLaptop\t2025-04-01\t12\tTRUE",
        "Empty",
        "Owners\nSam Okoro\t2026-01-02 13:30",
    ]


def test_powerpoint_slide_by_slide_in_their_order_with_the_notes(read):
    first, second = read("a.pptx", make.talk())
    assert first == "What comes next\nPoints of What comes next"
    assert second.startswith("Where we are\nPoints of Where we are")
    assert "Do not read aloud" in second


def test_open_documents(read):
    assert read("a.odt", make.open_text()) == ["OFFICIAL\nPlan\nOne  two\tthree", "Café"]
    assert read("a.ods", make.open_sheet()) == ["Assets\nLaptop \t12", "Owners\nSam"]
    assert read("a.odp", make.open_talk()) == ["Slide 1", "Slide 2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_any_encoding_that_we_take(read, encoding):
    assert read("a.txt", "Café £5\r\n\fpage two".encode(encoding)) == ["Café £5", "page two"]


def test_a_table_of_values(read):
    assert read("a.csv", b"name,count\r\nlaptop,3\r\n") == ["name,count\nlaptop,3"]


def test_a_mail_with_its_attachments_by_name(read):
    [page] = read("a.eml", mail("budget.xlsx"))
    assert page.startswith("From: a@example.org\nTo: b@example.org\n")
    assert "Subject: Plan\n" in page
    assert "Here it is." in page
    assert page.endswith("Attached: budget.xlsx")


def test_a_mail_that_is_only_a_web_page(read):
    message = email.message.EmailMessage()
    message["From"], message["Subject"] = "a@example.org", "Siân’s plan"
    message.set_content("<style>p{}</style><p>One</p><p>Two &amp; three<script>x()</script></p>", subtype="html")
    [page] = read("a.eml", message.as_bytes())
    assert page == "From: a@example.org\nSubject: Siân’s plan\n\nOne\nTwo & three"


def test_a_mail_in_letters_that_nobody_knows(read):
    raw = b"From: a@example.org\nSubject: =?nonsense?q?x?=\nContent-Type: text/plain; charset=nonsense\n\nPlan \xe9"
    assert "Plan é" in read("a.eml", raw)[0]


def test_an_outlook_mail(read):
    data = make.outlook(**{"0C1A": "Sam Okoro", "0037": "The plan", "1000": "Dear all,\r\nhere it is. Siân"})
    assert read("a.msg", data) == [
        "From: Sam Okoro\nSubject: The plan\n\nDear all,\nhere it is. Siân\n\nAttached: budget.xlsx"
    ]


def test_a_picture_has_no_words(read):
    assert read("a.png", picture()) == []
    assert not Blob.objects.exists()


def test_a_long_text_is_cut_into_pages_and_at_last_off(keep):
    long = keep(b"word " * 1_100_000, "a.txt", media_type="text/plain")
    pages = words_of(long)
    assert len(pages) == 500
    assert max(map(len, pages)) <= 3000
    assert words_are_cut(long)
    assert not words_are_cut(keep(b"short", "b.txt"))


# --- kept, and made again -----------------------------------------------------------------------------
def test_they_are_read_once_and_kept_encrypted(keep, vault_dir, monkeypatch):
    stored = keep(b"a secret of the council", "a.txt")
    first = words_of(stored)
    monkeypatch.setattr(words, "run", None)
    assert words_of(stored) == first == ["a secret of the council"]
    assert Blob.objects.get().kind == BlobKind.WORDS
    lying = [path.read_bytes() for path in vault_dir.rglob("*") if path.is_file()]
    assert len(lying) == 2
    assert not any(b"secret of" in data for data in lying)


def test_a_damaged_blob_is_made_again(keep):
    stored = keep(b"kept", "a.txt")
    words_of(stored)
    before = Blob.objects.get()
    with vault().write(before.path) as out:
        out.write(b"x" * 100)
    assert words_of(stored) == ["kept"]
    assert Blob.objects.get().pk != before.pk


def test_a_document_that_breaks_its_reader_is_tried_twice_and_never_again(keep, monkeypatch):
    stored, asked = keep(b"x", "a.docx"), []

    def ended(*_given, **_options):
        asked.append(1)
        raise SandboxFailed("crash")

    monkeypatch.setattr(words, "run", ended)
    for _time in range(4):
        with pytest.raises(NoPreview, match="damaged or too complex"):
            words_of(stored)
    assert len(asked) == 2


def test_without_a_sandbox_it_is_tried_again_once_there_is_one(keep, settings):
    stored = keep(b"x", "a.txt")
    settings.PRODUCTION, settings.FILES_SANDBOX = True, "none"
    for _time in range(3):
        with pytest.raises(NoPreview, match="switched off"):
            words_of(stored)
    settings.FILES_SANDBOX, settings.PRODUCTION = "auto", False
    assert words_of(stored) == ["x"]


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b'{"pages": "x", "cut": false}', b'{"pages": [1], "cut": false}', b"{}"]
)
def test_an_answer_that_is_no_list_of_texts_is_no_preview(keep, monkeypatch, answer):
    monkeypatch.setattr(words, "run", lambda *_given, **_options: answer)
    with pytest.raises(NoPreview):
        words_of(keep(b"x", "a.txt"))


def test_an_infected_file_is_not_read(keep):
    with pytest.raises(NoPreview, match="virus"):
        words_of(keep(b"x", "a.txt", verdict=Verdict.INFECTED))


def test_the_words_go_with_the_file(keep, django_capture_on_commit_callbacks):
    stored = keep(b"x", "a.txt")
    words_of(stored)
    path = Blob.objects.get().path
    assert json.loads(blobs.blob_bytes(Blob.objects.get()))["pages"] == ["x"]
    with django_capture_on_commit_callbacks(execute=True):
        delete_file(stored_file=stored)
    assert not Blob.objects.exists()
    assert path not in {one for one, _changed in vault().paths()}


@pytest.mark.parametrize(("name", "make_it"), [("a.txt", words_of), ("a.pdf", make_pages)])
def test_a_file_that_is_deleted_while_it_is_read_leaves_nothing(
    keep, monkeypatch, django_capture_on_commit_callbacks, name, make_it
):
    stored, honest = keep(make.pdf_of("x"), name), keeping.write_blob

    def deleted_meanwhile(**given):
        honest(**given)
        delete_file(stored_file=StoredFile.objects.get(pk=stored.pk))
        return honest(**given)

    monkeypatch.setattr(keeping, "write_blob", deleted_meanwhile)
    with pytest.raises(NoPreview, match="no longer here"), django_capture_on_commit_callbacks(execute=True):
        make_it(stored)
    assert not Blob.objects.exists()
    assert list(vault().paths()) == []


def test_two_that_make_the_same_at_once_do_no_harm(keep, monkeypatch):
    stored, honest = keep(b"once", "a.txt"), keeping.write_blob

    def overtaken(**given):
        honest(**given)
        raise IntegrityError("one_blob_per_place")

    monkeypatch.setattr(keeping, "write_blob", overtaken)
    assert words_of(stored) == ["once"]
    monkeypatch.undo()
    assert words_of(stored) == ["once"]
    assert Blob.objects.count() == 1
