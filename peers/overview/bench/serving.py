"""A web server of the bench's own, as `make run` starts it, and a client that counts time."""

import http.client
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STARTS_WITHIN = 60
MEGABYTE = 1024 * 1024
FIRST_PAGE = "/account/login/"
# As tools/run.py starts it.
GUNICORN = ("-m", "gunicorn", "cyber360.wsgi:application", "--threads", "4", "--worker-class",
            "gthread", "--preload", "--no-control-socket", "--keep-alive", "5", "--log-level", "warning")  # fmt: skip


@dataclass
class Server:
    port: int
    process: subprocess.Popen
    started_in: float

    def mib(self) -> float:
        """Proportional memory of the server and its workers, in MiB (from Linux)."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(_pss_kib(int(pid)) for pid in (str(self.process.pid), *children)) / 1024

    def own_mib(self) -> float:
        """Memory of the server's own with no file behind it, in MiB: it follows each byte that is held."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(_anonymous_kib(int(pid)) for pid in (str(self.process.pid), *children)) / 1024


def _anonymous_kib(pid: int) -> int:
    found = re.search(r"^RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found.group(1)) if found else 0


def _pss_kib(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found.group(1)) if found else 0


@contextmanager
def serving(root: Path, environment: Mapping[str, str], *, workers: int = 2) -> Iterator[Server]:
    """Started, answering, and ended whatever happens. `started_in` is the time to the first page."""
    port = _free_port()
    begun = time.monotonic()
    command = [sys.executable, *GUNICORN, "--workers", str(workers), "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(  # noqa: S603 - our own server
        command, cwd=root, env={**environment, "SITE_URL": f"http://127.0.0.1:{port}"}
    )
    try:
        _wait_for_page(port, process)
        yield Server(port, process, time.monotonic() - begun)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_page(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            status = Client(port).get(FIRST_PAGE).status
            if status == 200:
                return
            raise RuntimeError(f"{FIRST_PAGE} answered {status}")
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the web server did not answer; its lines stand above")


# --- the client -----------------------------------------------------------------------------------
@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes
    ms: float

    @property
    def size(self) -> int:
        """Bytes on the wire: head and body."""
        return len(self.body) + sum(len(name) + len(value) + 4 for name, value in self.headers.items()) + 17


class Client:
    """One connection that stays open, as a browser's does."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Cookie": cookie, "Accept-Encoding": "br, gzip", "Accept": "text/html"}

    def get(self, path: str) -> Reply:
        return self._send("GET", path, None)

    def post(self, path: str, body: str) -> Reply:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: str | None) -> Reply:
        headers = self.headers | ({"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {})
        begun = time.perf_counter()
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        content = reply.read()
        ms = (time.perf_counter() - begun) * 1000
        return Reply(reply.status, dict(reply.getheaders()), content, ms)


@dataclass
class Times:
    """Milliseconds of one page, as the client saw them."""

    p50: float
    p95: float
    queries: int = 0
    server_p50: float = 0.0


def timed(ask: Callable[[], Reply], *, times: int, warm: int, status: int = 200) -> list[Reply]:
    """The replies after warm-up, one at a time. Raises RuntimeError when a reply is not the page."""
    replies = []
    for _n in range(warm + times):
        replies.append(ask())
        if replies[-1].status != status:
            body = replies[-1].body.decode(errors="replace")
            raise RuntimeError(f"status {replies[-1].status}, not {status}: {body[:600]}")
    return replies[warm:]


def summary(replies: list[Reply]) -> Times:
    """`queries` is the usual number; a page that asks more often the first time is not blamed for it."""
    ms = sorted(reply.ms for reply in replies)
    counts = [int(reply.headers.get("X-Bench-Queries", 0)) for reply in replies]
    seconds = [float(reply.headers.get("X-Bench-Seconds", 0)) for reply in replies]
    p95 = ms[min(len(ms) - 1, round(len(ms) * 0.95))]
    return Times(statistics.median(ms), p95, round(statistics.median(counts)), statistics.median(seconds) * 1000)


# --- large answers --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Fetched:
    seconds: float
    first_byte: float
    size: int

    @property
    def mb_per_s(self) -> float:
        return self.size / MEGABYTE / self.seconds


def fetched(server: Server, path: str, cookie: str) -> Fetched:
    """A whole answer, read and thrown away. Raises RuntimeError for another status than 200."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    begun = time.perf_counter()
    line.request("GET", path, headers={"Cookie": cookie})
    reply = line.getresponse()
    if reply.status != 200:
        raise RuntimeError(f"{path} answered {reply.status}")
    size = len(reply.read(1))
    first = time.perf_counter() - begun
    while piece := reply.read(MEGABYTE):
        size += len(piece)
    seconds = time.perf_counter() - begun
    line.close()
    return Fetched(seconds, first, size)
