"""What the evidence store costs: files in and out against views without encryption.

The ratios are to plain views that do the same in clear (hash, sync to the disk, verify before the first byte). Beside
them stand those to what Django does by itself, which does neither. All are asked in turn, so that they meet the same
load of the machine; medians are compared.
"""

import http.client
import os
import re
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from cyber360.files.models import StoredFile, Verdict
from cyber360.files.services import delete_file
from peers.access import SeatName
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceVersion
from peers.stages import Stage

from .serving import Server, fetched, serving
from .visits import TOKEN, cookie_of, measured_challenge, standing

MEGABYTE = 1024 * 1024
RATIO_MB, GROWTH_MB = 100, 500
TIMES, DOWN_TIMES = 7, 15
BARE_UPLOAD, BARE_DOWNLOAD = "/bench/bare/upload/", "/bench/bare/download/"
PLAIN_UPLOAD, PLAIN_DOWNLOAD = "/bench/plain/upload/", "/bench/plain/download/"
UNVERIFIED_DOWNLOAD = "/bench/unverified/download/"
BOUNDARY = "bench-boundary-of-one-form"
ROOMY = {"EVIDENCE_FILE_MB": "600", "EVIDENCE_PACK_MB": "40000"}
Figures = dict[str, float]


@dataclass(frozen=True)
class Place:
    """Who sends what whither: the measured challenge with its host lead's session."""

    challenge: Challenge
    cookie: str

    def path(self, name: str, *arguments: object) -> str:
        return reverse(f"evidence:{name}", args=[self.challenge.ref, *arguments])


def measure_vault() -> Figures:
    """`evidence.*`: ratios of medians, peaks in MiB above the idle process, seconds, counts."""
    challenge = measured_challenge()
    place = Place(challenge, cookie_of(challenge, SeatName.HOST_LEAD))
    environment = os.environ | ROOMY
    # No preloading master and one process, so that the memory is that of the process which does the work.
    with serving(Path(settings.BASE_DIR), environment, workers=1) as server, standing(challenge, Stage.PREPARATION):
        with without_traces(challenge):
            figures = _ups(server, place, RATIO_MB) | _downs(server, place)
        with without_traces(challenge):
            figures |= _growth(server, place, GROWTH_MB)
    return figures


@contextmanager
def without_traces(challenge: Challenge) -> Iterator[None]:
    """What is added inside is removed again, its bytes too."""
    before = set(EvidenceItem.objects.filter(challenge=challenge).values_list("pk", flat=True))
    try:
        yield
    finally:
        added = EvidenceItem.objects.filter(challenge=challenge).exclude(pk__in=before)
        files = list(StoredFile.objects.filter(evidence_version__item__in=added))
        added.update(current=None)
        EvidenceVersion.objects.filter(item__in=added).delete()
        added.delete()
        for stored in files:
            delete_file(stored_file=stored)
            stored.delete()


def _ups(server: Server, place: Place, megabytes: int) -> Figures:
    """Medians of rounds in which each view has its turn; the first round only warms up. The last file stays."""
    rounds = []
    for number in range(TIMES + 1):
        own, plain, bare = (
            _send(server, path, place.cookie, _form(megabytes), status)
            for path, status in ((place.path("add"), 302), (PLAIN_UPLOAD, 200), (BARE_UPLOAD, 200))
        )
        rounds.append((own, plain, bare))
        if number < TIMES:
            _forget_newest(place.challenge)
    own, plain, bare = _medians(rounds)
    return {
        "evidence.upload_ratio": own / plain,
        "evidence.upload_ratio_unsynced": own / bare,
        "evidence.upload_s": own,
    }


def _downs(server: Server, place: Place) -> Figures:
    """As above, of the file that was added last."""
    paths = (_download_of_newest(place), PLAIN_DOWNLOAD, UNVERIFIED_DOWNLOAD, BARE_DOWNLOAD)
    own, plain, unverified, bare = _medians(
        [[fetched(server, path, place.cookie).seconds for path in paths] for _n in range(DOWN_TIMES + 1)]
    )
    return {
        "evidence.download_ratio": own / plain,
        "evidence.download_ratio_unverified": own / unverified,
        "evidence.download_ratio_sendfile": own / bare,
        "evidence.download_s": own,
    }


def _medians(rounds: Sequence[Sequence[float]]) -> list[float]:
    return [statistics.median(seconds) for seconds in zip(*rounds[1:], strict=True)]


def _growth(server: Server, place: Place, megabytes: int) -> Figures:
    """A small file first, so that what is loaded once for any file is not counted as growth."""
    _send(server, place.path("add"), place.cookie, _form(1), 302)
    fetched(server, _download_of_newest(place), place.cookie)
    up = peak_growth(server, lambda: _send(server, place.path("add"), place.cookie, _form(megabytes), 302))
    download = _download_of_newest(place)
    down = peak_growth(server, lambda: fetched(server, download, place.cookie))
    return {"evidence.upload_peak_mib": up, "evidence.download_peak_mib": down}


def _forget_newest(challenge: Challenge) -> None:
    """Keep the disk small between the rounds."""
    item = EvidenceItem.objects.filter(challenge=challenge, kind="file", current__isnull=False).latest("pk")
    assert item.current is not None
    delete_file(stored_file=item.current.stored_file)


def _download_of_newest(place: Place) -> str:
    """Judged by hand: no scanner and no worker run beside the measuring."""
    item = EvidenceItem.objects.filter(challenge=place.challenge, kind="file", current__isnull=False).latest("pk")
    assert item.current is not None
    StoredFile.objects.filter(pk=item.current.stored_file_id).update(verdict=Verdict.NOT_SCANNED)
    return place.path("download", item.pk, item.current.number)


# --- over the wire ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Form:
    """A multipart body: what stands before the file, its megabytes, and what stands behind."""

    head: bytes
    megabytes: int
    tail: bytes

    @property
    def size(self) -> int:
        return len(self.head) + self.megabytes * MEGABYTE + len(self.tail)

    def pieces(self) -> Iterator[bytes]:
        yield self.head
        # Words that differ from piece to piece: one repeated byte would flatter whoever compresses.
        line = secrets.token_hex(512).encode()
        for number in range(self.megabytes):
            yield (b"%015d\n" % number + line * 1024)[:MEGABYTE]
        yield self.tail


def _form(megabytes: int) -> Form:
    fields = {"csrfmiddlewaretoken": TOKEN, "marking": "official-sensitive", "shows": "What the bench sends."}
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{secrets.token_hex(6)}.txt"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    )
    return Form(head.encode(), megabytes, f"\r\n--{BOUNDARY}--\r\n".encode())


def _send(server: Server, path: str, cookie: str, form: Form, status: int) -> float:
    """Seconds from the first byte sent to the answer. Raises RuntimeError for another status."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    headers = {
        "Cookie": cookie,
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(form.size),
    }
    begun = time.perf_counter()
    line.request("POST", path, body=form.pieces(), headers=headers)
    reply = line.getresponse()
    said = reply.read()
    seconds = time.perf_counter() - begun
    line.close()
    if reply.status != status:
        raise RuntimeError(f"{path} answered {reply.status} instead of {status}: {_errors(said)}")
    return seconds


def _errors(page: bytes) -> str:
    return " ".join(re.findall(r"error-message[^>]*>(.*?)</", page.decode("utf-8", "replace"), re.DOTALL))[:300]


# --- memory -------------------------------------------------------------------------------------------
def peak_growth(server: Server, work: Callable[[], object]) -> float:
    """MiB by which the server's processes were larger at most while `work` ran than before it."""
    before, most, done = server.own_mib(), [0.0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            most[0] = max(most[0], server.own_mib())
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return max(0.0, most[0] - before)
