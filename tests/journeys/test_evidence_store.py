"""Forty documents are given in the browser, read by a peer, watched by the council, disposed of with a certificate; and
a backup of before opens no more."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.utils import timezone

pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Type: make test-all")

from playwright.sync_api import expect

from cyber360.accounts.models import User
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import DestroyedScope, State, StoredFile, VaultKey, Verdict
from cyber360.files.services import open_for_reading
from peers.access import SeatName
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, ReadingReceipt
from peers.planning.models import Placement
from peers.records.services import plan_runs
from peers.stages import Stage
from tests.cyber360.files.test_scanner import FakeClamd, saying
from tests.factories.worlds import make_challenge, make_council, make_user, sit
from tests.journeys import forty
from tests.journeys.house import House, furnish

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SEARCHED = "kittiwake09"  # stands on the second page of a PDF


class Store:
    """The house, a challenge in preparation, its people; masters in a file, as in an installation of one machine."""

    def __init__(self, house: House, vault: Path) -> None:
        self.house, self.vault, self.world = house, vault, furnish()
        self.challenge = make_challenge(council=make_council("Southmere"), framework_version=self.world.version)
        self.lead = self.person("Hanna Leith", SeatName.HOST_LEAD)
        self.peer = self.person("Piotr Vale", SeatName.PEER, self.world.pool["Piotr Vale"].user)
        self.coordinator = house.signed_in("Cora Ordway", self.world.coordinator)

    def person(self, name: str, seat: SeatName, user=None):
        user = user or make_user(name)
        sit(user, seat, self.challenge)
        return self.house.signed_in(name, user)

    @property
    def home(self) -> str:
        return f"/challenges/{self.challenge.ref}/"

    def stands(self, stage: Stage, **fields) -> None:
        """The moves themselves are walked by another journey."""
        Challenge.objects.filter(pk=self.challenge.pk).update(stage=stage, **fields)
        self.challenge.refresh_from_db()

    def items(self) -> list[EvidenceItem]:
        return list(self.challenge.evidence_items.select_related("current__stored_file").order_by("pk"))


@pytest.fixture
def store(house, settings, tmp_path) -> Store:
    keys, vault = tmp_path / "master_keys", tmp_path / "vault"
    keys.write_text("1:" + "cd" * 32)
    keys.chmod(0o400)
    settings.VAULT_MASTER_KEYS, settings.VAULT_MASTER_KEYS_PATH = "", str(keys)
    place = {"BACKEND": "cyber360.files.storage.LocalVault", "OPTIONS": {"location": str(vault)}}
    settings.STORAGES = {**settings.STORAGES, "vault": place}
    settings.FILES_DISK_FLOOR_MB = 1
    scanner = FakeClamd(saying(b"stream: OK\0"))
    settings.CLAMD = scanner.address
    yield Store(house, vault)
    scanner.close()


def test_forty_documents_from_first_to_last(store, tmp_path):
    give_the_pack(store, tmp_path / "papers")
    read_the_pack(store, tmp_path)
    see_who_has_read(store)
    before = keep_a_backup(store, tmp_path / "backup")
    end_the_evidence(store, tmp_path)
    ask_what_is_held(store, tmp_path)
    bring_the_backup_back(store, before, tmp_path / "backup")
    store.house.watch.none()


def give_the_pack(store: Store, folder: Path) -> None:
    """All at once into the page; the script sends them one by one, the worker checks and adds them."""
    lead = store.lead
    lead.open(f"{store.home}evidence/")
    lead.follow("Add files")
    lead.attach("Files", forty.documents(folder))
    lead.page.locator("main").get_by_role("button", name="Add files", exact=True).click()
    over = lead.page.get_by_text("Your files are in.")
    for _look in range(120):
        store.house.work()
        if over.is_visible():
            break
        lead.page.wait_for_timeout(250)
    expect(over).to_be_visible()
    lead.look()
    store.house.work()
    assert len(store.items()) == forty.COUNT
    assert {item.current.stored_file.verdict for item in store.items()} == {Verdict.CLEAN}
    lead.open(f"{store.home}evidence/?by=item")
    lead.sees(re.compile(r"of 40"))


def read_the_pack(store: Store, folder: Path) -> None:
    """Found by a word, read in the page with the reader's name across it, taken away as a marked copy."""
    store.stands(Stage.DESK_REVIEW, pack_locked_at=timezone.now())
    peer = store.peer
    peer.open(f"{store.home}evidence/")
    peer.fill("Search the evidence", SEARCHED)
    peer.press("Search")
    peer.sees(re.compile(SEARCHED))
    (found,) = [item for item in store.items() if item.title.endswith(" 09")]
    peer.open(f"{store.home}evidence/{found.pk}/pages/2/")
    peer.sees(re.compile(SEARCHED))
    picture = peer.page.locator("img.c360-leaf__picture")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 600
    peer.open(f"{store.home}evidence/{found.pk}/")
    copy = peer.download("Download", folder)
    with pikepdf.open(copy) as pdf:
        assert len(pdf.pages) == 3
    plain = next((folder / "papers").glob("* 09.pdf"))
    assert copy.read_bytes() != plain.read_bytes()
    word = next(item for item in store.items() if item.title.endswith(" 02"))
    peer.open(f"{store.home}evidence/{word.pk}/pages/1/")
    peer.sees("Preview of the words only")
    peer.open(f"{store.home}evidence/{word.pk}/versions/1/download/", status=403)
    peer.open(f"{store.home}evidence/receipts/", status=404)
    peer.open(f"{store.home}evidence/pack.zip", status=404)


def see_who_has_read(store: Store) -> None:
    lead = store.lead
    lead.open(f"{store.home}evidence/receipts/")
    lead.sees("Piotr Vale")
    kinds = set(ReadingReceipt.objects.filter(reader__full_name="Piotr Vale").values_list("kind", flat=True))
    assert {"opened", "previewed", "download"} <= kinds
    lead.follow("Piotr Vale")
    assert " 09" in lead.text()


def keep_a_backup(store: Store, place: Path) -> dict:
    """What an operator's backup holds: the files, the rows of files and keys."""
    shutil.copytree(store.vault, place)
    stored = [item.current.stored_file for item in store.items()]
    assert b"".join(open_for_reading(stored[0]))
    return {
        "keys": list(VaultKey.objects.values()),
        "files": list(StoredFile.objects.filter(pk__in=[one.pk for one in stored]).values()),
    }


def end_the_evidence(store: Store, folder: Path) -> None:
    """Two warnings, the day, a coordinator's approval with the reference typed, the certificate as page and PDF."""
    today = timezone.localdate()
    long_ago = {"visit_first_day": today - timedelta(400), "visit_last_day": today - timedelta(398)}
    store.stands(Stage.FOLLOW_UP, **long_ago)
    Placement.objects.filter(challenge=store.challenge).delete()
    for days in (0, 23, 30):
        plan_runs(today + timedelta(days))
    coordinator = store.coordinator
    coordinator.open("/")
    coordinator.menu("Settings")
    coordinator.follow("Disposals")
    coordinator.open(f"{store.home}records/")
    coordinator.follow("See the disposal", part=True)
    coordinator.follow("Approve this disposal")
    coordinator.press_empty("Approve and begin")
    coordinator.page.locator("main input[type=text]").fill(store.challenge.ref)
    coordinator.press("Approve and begin")
    coordinator.is_done()
    store.house.work()
    store.challenge.refresh_from_db()
    assert store.challenge.evidence_disposed_at is not None
    lead = store.lead
    lead.open(f"{store.home}records/")
    lead.follow("Certificate", part=True)
    lead.sees(re.compile("destroyed", re.IGNORECASE))
    store.house.work()
    lead.page.reload()
    paper = lead.download("Download the PDF", folder)
    with pikepdf.open(paper) as pdf:
        assert pdf.Root.Lang == "en-GB"
    lead.open(f"{store.home}evidence/")
    lead.sees(re.compile("was disposed of"))
    lead.open(f"{store.home}evidence/search/?q={SEARCHED}", status=403)


def ask_what_is_held(store: Store, folder: Path) -> None:
    """Copies on request, a correction, and at the end of the challenge a peer who wants to be forgotten."""
    lead, peer, coordinator = store.lead, store.peer, store.coordinator
    lead.open(f"{store.home}records/")
    lead.follow("Answer a request for information", part=True)
    lead.press("Make the copy")
    peer.open("/account/")
    peer.follow("Ask for a copy of what is held about you")
    peer.press("Make the copy")
    store.house.work()
    peer.page.reload()
    assert peer.download("Take the copy", folder).stat().st_size > 1000
    coordinator.open(f"{store.home}people/")
    coordinator.follow("What is held about this person Piotr Vale", part=True)
    here = coordinator.page.url
    coordinator.follow("Make a copy")
    coordinator.page.goto(here)
    coordinator.follow("Correct name, job title or address")
    coordinator.fill("Job title", "Head of Service")
    coordinator.press("Save the correction")
    coordinator.follow("Erase this person")
    coordinator.sees("cannot be erased now")
    store.stands(Stage.CLOSED)
    coordinator.page.reload()
    coordinator.press_empty("Erase for good")
    coordinator.fill("Type the person’s name to confirm", "Piotr Vale")
    coordinator.press("Erase for good")
    coordinator.sees(re.compile("What is held about Former person"))
    assert not User.objects.filter(full_name="Piotr Vale").exists()


def bring_the_backup_back(store: Store, before: dict, place: Path) -> None:
    """The files, the rows of the files and even the old rows of the keys: no master that is left opens one of them."""
    shutil.rmtree(store.vault)
    shutil.copytree(place, store.vault)
    DestroyedScope.objects.all().delete()
    VaultKey.objects.all().delete()
    VaultKey.objects.bulk_create(VaultKey(**row) for row in before["keys"])
    for row in before["files"]:
        StoredFile.objects.filter(pk=row["id"]).update(**{name: row[name] for name in row if name != "id"})
    for stored in StoredFile.objects.filter(pk__in=[row["id"] for row in before["files"]]):
        assert stored.state == State.STORED
        with pytest.raises(DamagedFile):
            b"".join(open_for_reading(stored))
