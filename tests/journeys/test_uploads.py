"""Files sent by the page's script: paused, cut off, refused, unpacked, and then described."""

import re
import zipfile

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Type: make test-all")

from playwright.sync_api import expect

from cyber360.files.models import Upload
from peers.evidence.models import EvidenceItem
from peers.evidence.services import open_requests_from_framework
from tests.journeys.papers import pdf_minutes, spreadsheet, word_paper

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lead(cast, house):
    open_requests_from_framework(challenge=cast.challenge, by=cast.coordinator, at=timezone.now())
    person = house.signed_in("Host Lead", cast.host_lead)
    person.open(f"/challenges/{cast.challenge.ref}/evidence/add/")
    return person


def row(person, name: str):
    return person.page.locator(".c360-upload").filter(has_text=name)


def says(person, name: str, words: str) -> None:
    expect(row(person, name).locator("[data-upload-words]")).to_contain_text(words)


def line(person, bytes_a_second: int) -> None:
    """How fast the person's line sends; -1 for as fast as it can."""
    if not hasattr(person, "tools"):
        person.tools = person.context.new_cdp_session(person.page)
        person.tools.send("Network.enable")
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second, "offline": False}
    person.tools.send("Network.emulateNetworkConditions", speed)


def big(folder, name: str = "Log of calls.txt", megabytes: int = 4):
    place = folder / name
    place.write_bytes(b"A call to the desk, answered.\r\n" * (megabytes * 1024 * 1024 // 31))
    return place


def begin(person) -> None:
    person.page.get_by_role("button", name="Add files").click()


def without(house, *words: str) -> None:
    """Forget what the browser says itself of answers that this test asks for."""
    house.watch.faults = [fault for fault in house.watch.faults if not any(word in fault for word in words)]


def test_three_files_a_refused_one_and_a_zip(lead, house):
    folder = house.folder
    papers = [word_paper(folder), spreadsheet(folder), big(folder)]
    with zipfile.ZipFile(folder / "Minutes.zip", "w") as packed:
        packed.write(pdf_minutes(folder), "2026/Minutes.pdf")
        packed.writestr("tool.exe", b"MZ")
    (folder / "tool.exe").write_bytes(b"MZ")
    lead.attach("Files", [*papers, folder / "Minutes.zip", folder / "tool.exe"])
    expect(lead.page.get_by_role("status")).to_contain_text("5 files chosen.")
    lead.look()
    line(lead, 1024 * 1024)
    begin(lead)
    expect(lead.page.get_by_role("status")).not_to_contain_text("Press “Add files”")
    says(lead, "tool.exe", "Programs and scripts are not accepted.")
    says(lead, "Log of calls.txt", "Sending")
    row(lead, "Log of calls.txt").get_by_role("button", name="Pause").click()
    says(lead, "Log of calls.txt", "Paused at")
    lead.look()
    for name in ("Board paper.docx", "Training record.xlsx", "Minutes.zip"):
        says(lead, name, "Received – being checked")
    line(lead, -1)
    row(lead, "Log of calls.txt").get_by_role("button", name="Go on").click()
    says(lead, "Log of calls.txt", "Received – being checked")
    house.work()
    for name in ("Board paper.docx", "Training record.xlsx", "Log of calls.txt"):
        says(lead, name, "Added")
    says(lead, "Minutes.zip", "Unpacked. 1 file added, 1 left out.")
    expect(lead.page.get_by_role("status")).to_contain_text("4 of 5 files added. 1 not added.")
    lead.sees("That is all that could be added.")
    lead.look()
    assert "Board" not in lead.page.evaluate("JSON.stringify(localStorage)")
    lead.follow("What became of its files")
    lead.sees("1 file is added.")
    lead.sees("tool.exe")
    lead.follow("Say what each of the new files shows")
    lead.page.get_by_role("group", name="Board paper.docx").get_by_label("What this shows").fill("The board read it.")
    lead.press("Save and go on")
    lead.is_done("1 file is described.")
    assert set(EvidenceItem.objects.values_list("title", "shows")) == {
        ("Board paper", "The board read it."),
        ("Training record", ""),
        ("Log of calls", ""),
        ("Minutes (from folder 2026)", ""),
    }
    without(house, "/uploads/", "400 (Bad Request)")
    house.watch.none()


def test_a_held_file_and_one_that_is_here_already(lead, house):
    held, plan, copy = (house.folder / name for name in ("Odd paper.txt", "Plan.txt", "Second.txt"))
    held.write_text("OFFICIAL\n\nSECRET\n")
    plan.write_text("What we do when the lights go out.\n")
    copy.write_text(plan.read_text())
    for papers in ([held, plan], [copy]):
        lead.attach("Files", papers)
        begin(lead)
        for paper in papers:
            says(lead, paper.name, "Received – being checked")
        house.work()
        for paper in papers:
            expect(row(lead, paper.name).get_by_role("link").first).to_be_visible()
    says(lead, held.name, "It looks as if it holds a marking above OFFICIAL-SENSITIVE.")
    says(lead, copy.name, "The same file is already here as “Plan”.")
    expect(lead.page.get_by_role("status")).to_contain_text("2 of 3 files added. 1 held back.")
    lead.sees("Some files are held back until you have said what was noticed in them.")
    lead.look()
    lead.page.reload()
    lead.sees("What you added today")
    lead.sees("It looks as if it holds a marking above OFFICIAL-SENSITIVE.")
    lead.look()
    lead.page.get_by_role("link", name=re.compile("^Use that one or keep both")).click()
    lead.sees("byte for byte")
    lead.look()
    lead.press("Use the one that is here")
    lead.is_done("“Plan” is used for this too.")
    lead.open(f"/challenges/{EvidenceItem.objects.first().challenge.ref}/evidence/add/")
    lead.page.get_by_role("link", name=re.compile("^Answer or remove it")).click()
    lead.sees("If it is not: say why")
    house.watch.none()


def test_a_lost_line_and_a_reload_go_on_where_it_stopped(lead, house):
    paper = big(house.folder)
    lead.attach("Files", [paper])
    line(lead, 1024 * 1024)
    lead.page.route("**/uploads/*-*/", lambda route: route.abort())
    begin(lead)
    says(lead, paper.name, "Connection lost – trying again")
    lead.page.unroute("**/uploads/*-*/")
    says(lead, paper.name, "Sending")
    expect(row(lead, paper.name).locator("[data-upload-words]")).to_contain_text(re.compile("[1-9][0-9] %"))
    row(lead, paper.name).get_by_role("button", name="Pause").click()
    says(lead, paper.name, "Paused at")
    lead.page.reload()
    lead.sees("Not finished")
    before = Upload.objects.get()
    assert 0 < before.offset < before.size
    line(lead, -1)
    lead.attach("Files", [paper])
    begin(lead)
    says(lead, paper.name, "Received – being checked")
    house.work()
    says(lead, paper.name, "Added")
    assert Upload.objects.get().pk == before.pk
    assert EvidenceItem.objects.get().current.stored_file.size == paper.stat().st_size
    without(house, "ERR_FAILED", "/uploads/", "423")
    house.watch.none()


def test_an_upload_waits_while_its_person_signs_in_again(lead, house, cast):
    paper = big(house.folder)
    lead.attach("Files", [paper])
    line(lead, 1024 * 1024)
    begin(lead)
    says(lead, paper.name, "Sending")
    row(lead, paper.name).get_by_role("button", name="Pause").click()
    says(lead, paper.name, "Paused at")
    Session.objects.all().delete()
    line(lead, -1)
    row(lead, paper.name).get_by_role("button", name="Go on").click()
    says(lead, paper.name, "Sign in again in another tab")
    lead.look()
    lead.sign_in_as(cast.host_lead)
    says(lead, paper.name, "Received – being checked")
    house.work()
    says(lead, paper.name, "Added")
    without(house, "/uploads/", "401", "403", "428")
    house.watch.none()


def test_the_keyboard_reaches_everything(lead, house):
    lead.attach("Files", [word_paper(house.folder)])
    remove = row(lead, "Board paper.docx").get_by_role("button", name=re.compile("^Take off the list"))
    remove.focus()
    lead.page.keyboard.press("Enter")
    expect(lead.page.locator(".c360-upload")).to_have_count(0)
    assert lead.page.evaluate("document.activeElement.name") == "files"
    lead.press_empty("Add files")
    lead.sees("Choose at least one file")
    house.watch.none()
