"""Real processes that are killed in the middle, and public clients that go on. Afterwards: whole, or cleanly absent."""

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cyber360.files.resumable.conftest import STREAM, described, lines, on_disk, plain_places

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="has a database file of its own: run once"
    ),
]
ROOT = Path(__file__).resolve().parents[4]
HERE = "tests.cyber360.files.resumable"
DATA = lines(1_000_000)
SHA = hashlib.sha256(DATA).hexdigest()
PART = 256 * 1024
TOKEN = "t" * 32
STEPS = ["begun", "half-written", "written", "checked", "row written", "handed over", "parts' rows deleted"]


class Place:
    """A folder with data of its own, a web server over it, and a worker that is asked by name."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.server = folder, 0, HERE
        environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEST_SQLITE")}
        self.environment = environment | {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": f"{HERE}.settings"}
        self.session = ""

    def ask(self, *arguments: str) -> dict:
        command = [sys.executable, "-m", f"{HERE}.worker", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def headers(self) -> dict[str, str]:
        cookie = f"sessionid={self.session}; csrftoken={TOKEN}"
        return {"Tus-Resumable": "1.0.0", "Cookie": cookie, "X-CSRFToken": TOKEN}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/uploads/12/"

    @contextmanager
    def serving(self, **environment: str) -> Iterator[subprocess.Popen]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", f"{self.server}.server:application", "--worker-class", "gthread"]
        command += [
            "--threads",
            "4",
            "--no-control-socket",
            "--log-level",
            "critical",
            "--bind",
            f"127.0.0.1:{self.port}",
        ]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment | environment)
        try:
            until(lambda: self.call("OPTIONS", "/uploads/12/")[0] in (204, 302))
            yield process
        finally:
            process.terminate()
            process.wait()

    def call(self, method: str, path: str, data: bytes = b"", **headers: str) -> tuple[int, dict[str, str]]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Content-Length": str(len(data))}
        try:
            line.request(method, path, data, self.headers | sent)
            answer = line.getresponse()
            answer.read()
            return answer.status, dict(answer.getheaders())
        finally:
            line.close()

    def create(self, name: str = "plan.txt") -> str:
        status, headers = self.call(
            "POST", "/uploads/12/", Upload_Length=str(len(DATA)), Upload_Metadata=described(filename=name)
        )
        assert status == 201
        return headers["Location"]

    def offset(self, path: str) -> int:
        """-1 while a request, living or killed, holds the upload."""
        status, headers = self.call("HEAD", path)
        return -1 if status == 423 else int(headers["Upload-Offset"])

    def patch(self, path: str, offset: int, data: bytes) -> int:
        return self.call("PATCH", path, data, Upload_Offset=str(offset), Content_Type=STREAM)[0]

    def begin(self, path: str, offset: int, data: bytes) -> socket.socket:
        """A PATCH of everything from `offset` on that stops after `data`; the line stays open."""
        line = socket.create_connection(("127.0.0.1", self.port))
        told = self.headers | {
            "Host": "127.0.0.1", "Content-Type": STREAM, "Upload-Offset": str(offset),
            "Content-Length": str(len(DATA) - offset),
        }  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        line.sendall(f"PATCH {path} HTTP/1.1\r\n{head}\r\n".encode() + data)
        return line

    def finished(self, path: str, *steps: str) -> dict[str, list]:
        """How runs that were killed at these steps left the rows. In the end there is one stored file with our bytes,
        nothing else in the store, and no plain line of it on any disk."""
        found = self.ask("finish", path.rstrip("/").rpartition("/")[2], *steps)
        after = found.pop("after")
        assert found == {"kept": [SHA], "uploads": [["done", len(DATA), ""]], "parts": 0}
        assert len(on_disk(self.folder / "vault")) == 1
        assert plain_places(self.folder) == []
        return after


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("prepared"))
    return place.folder, place.ask("prepare")["session"]


@pytest.fixture
def place(prepared, tmp_path):
    folder, session = prepared
    place = Place(Path(shutil.copytree(folder, tmp_path / "var")))
    place.session = session
    return place


def until(true, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def kill_web(master: subprocess.Popen) -> None:
    """The process that works; its master starts another."""
    [worker] = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
    os.kill(int(worker), signal.SIGKILL)


def test_web_and_worker_are_killed_at_every_step(place):
    with place.serving() as master:
        path = place.create()
        line = place.begin(path, 0, DATA[: PART + 100_000])
        until(lambda: len(on_disk(place.folder / "vault")) == 2)  # a part that is counted, and a half-written one
        assert place.patch(path, PART, DATA[PART:]) == place.call("HEAD", path)[0] == 423  # another window
        kill_web(master)
        line.close()
        assert len(on_disk(place.folder / "vault")) == 2
        until(lambda: place.offset(path) == PART)  # what was counted stays, what was not is sent again
        until(lambda: place.patch(path, PART, DATA[PART:]) == 204)  # the hold of the killed one runs out
        assert place.offset(path) == len(DATA)
        assert place.call("DELETE", path)[0] == 403
    assert place.finished(path, *STEPS) == {step: ["finishing", 0, 4] for step in STEPS}


@pytest.mark.parametrize("step", ["half received", "received", "kept"])
def test_web_is_killed_while_a_form_is_taken_in(place, step):
    """Without the script there is nothing to go on with: the file is cleanly absent, and sending it again keeps it."""
    place.server = "tests.cyber360.files.proxied"
    place.environment["DJANGO_SETTINGS_MODULE"] = f"{place.server}.settings"
    plain = DATA * 3
    head = [b"--edge", b'Content-Disposition: form-data; name="csrfmiddlewaretoken"', b"", TOKEN.encode(), b"--edge"]
    head += [
        b'Content-Disposition: form-data; name="files"; filename="plan.txt"',
        b"",
        plain,
        b"--edge--",
        b"",
    ]
    body, vault = b"\r\n".join(head), place.folder / "vault"
    told = {"Content-Type": "multipart/form-data; boundary=edge", "X-Forwarded-Proto": "https",
            "Referer": "https://127.0.0.1/", "Host": "127.0.0.1", "Content-Length": str(len(body))}  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**place.headers, **told}.items())
    request = f"POST /challenges/12/evidence/large/ HTTP/1.1\r\n{lines}\r\n".encode() + body
    with place.serving(**({} if step == "half received" else {"TEST_KILL_AFTER": step})) as master:
        with socket.create_connection(("127.0.0.1", place.port), 20) as line:
            if step == "half received":
                line.sendall(request[:-1_400_000])
                until(lambda: on_disk(vault))
                kill_web(master)
            else:
                line.sendall(request)
                until(lambda: (place.folder / "killed").exists())
            with contextlib.suppress(OSError):
                assert line.recv(100) == b""
        assert len(on_disk(vault)) == 1
        assert plain_places(place.folder) == []
        assert place.ask("sweep") == {"kept": [], "uploads": [], "parts": 0}
        assert on_disk(vault) == []
        until(lambda: place.call("OPTIONS", "/uploads/12/")[0] in (204, 302))
        with socket.create_connection(("127.0.0.1", place.port), 20) as line:
            line.sendall(request)
            assert b" 200 " in line.recv(100)
    assert place.ask("sweep")["kept"] == [hashlib.sha256(plain).hexdigest()]


def test_killed_between_rename_and_commit(place):
    with place.serving(TEST_KILL_AT_COMMIT="2"):
        path = place.create()
        with pytest.raises((OSError, http.client.HTTPException)):
            place.patch(path, 0, DATA)
        until(lambda: place.offset(path) == PART)
        assert len(on_disk(place.folder / "vault")) == 2  # one that no row knows
        until(lambda: place.patch(path, PART, DATA[PART:]) == 204)
    assert place.finished(path, "committed") == {"committed": ["done", 1, 0]}


def test_a_line_that_drops_keeps_what_came(place):
    with place.serving():
        path = place.create()
        place.begin(path, 0, DATA[:700_123]).close()
        until(lambda: place.offset(path) >= 700_123 - 100_000)
        offset = place.offset(path)
        assert offset <= 700_123
        until(lambda: place.patch(path, offset, DATA[offset:]) == 204)
    place.finished(path)


def test_tuspy_goes_on_in_a_new_client(place, tmp_path):
    client = pytest.importorskip("tusclient.client")
    file = tmp_path / "plan.txt"
    file.write_bytes(DATA)
    with place.serving(), file.open("rb") as stream:
        speaking = client.TusClient(place.address, headers=place.headers)
        first = speaking.uploader(file_stream=stream, chunk_size=300_000, metadata={"filename": "plan.txt"})
        first.upload(stop_at=600_000)
        again = speaking.uploader(file_stream=stream, chunk_size=300_000, url=first.url, upload_checksum=True)
        assert again.offset == 600_000
        again.upload()
        path = first.url.removeprefix(f"http://127.0.0.1:{place.port}")
    file.unlink()
    place.finished(path)


SCRIPT = """
import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";
const [address, file, headers] = process.argv.slice(1);
const upload = new Upload(readFileSync(file), {
  endpoint: address, headers: JSON.parse(headers), chunkSize: 200000, retryDelays: [100, 500, 1000, 2000, 4000],
  metadata: { filename: "plan.txt" },
  onProgress(sent) { if (sent > 400000) console.log("half"); },
  onError(error) { console.error(String(error)); process.exit(1); },
  onSuccess() { console.log(upload.url); },
});
upload.start();
"""


@pytest.mark.installed
def test_tus_js_client_goes_on_when_the_server_is_killed(place, tmp_path):
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "tus-js-client").is_dir():
        pytest.skip("needs node and node_modules/tus-js-client (npm ci)")
    file = tmp_path / "plan.txt"
    file.write_bytes(DATA)
    with place.serving() as master:
        told = {name: value for name, value in place.headers.items() if name != "Tus-Resumable"}
        command = [node, "--input-type=module", "-e", SCRIPT, "--", place.address, str(file), json.dumps(told)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "half\n"
            kill_web(master)
            said, wrong = running.communicate(timeout=60)
        assert running.returncode == 0, wrong
        url = said.strip().splitlines()[-1]
    file.unlink()
    place.finished(url)
