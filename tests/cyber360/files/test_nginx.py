"""The sample configuration of docs/ in a real nginx, in front of a real gunicorn."""

import contextlib
import datetime
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.cyber360.files.resumable.conftest import CANARY
from tests.cyber360.files.resumable.test_killed import TOKEN, Place, until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.installed,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed here: apt-get install nginx-light"),
]
SAMPLE = Path(__file__).parents[3] / "docs" / "nginx.conf"
HERE = "tests.cyber360.files.proxied"
KEYS = ("in", "invitation", "calendar", "account/password/reset/key")


class Proxied(Place):
    """As the product is run: nginx, then gunicorn, over a folder of this test."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment["DJANGO_SETTINGS_MODULE"] = f"{HERE}.settings"
        self.server, self.nginx = HERE, folder / "nginx"
        self.front, self.plain = free_port(), free_port()

    @contextlib.contextmanager
    def in_front(self) -> Iterator[None]:
        """nginx in front of the server on `self.port`."""
        self.nginx.mkdir(mode=0o755)
        (self.nginx / "nginx.conf").write_text(self.configuration())
        make_certificate(self.nginx)
        command = [str(NGINX), "-p", str(self.nginx), "-c", str(self.nginx / "nginx.conf"), "-e", "start.log"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            until(lambda: socket.create_connection(("127.0.0.1", self.front), 1).close() is None)
            yield
        finally:
            process.terminate()
            process.wait(20)

    def configuration(self) -> str:
        """The sample with places and ports of this test, and a shorter patience."""
        changes = {
            "listen 443 ssl": f"listen 127.0.0.1:{self.front} ssl",
            "listen 80": f"listen 127.0.0.1:{self.plain}",
            "/etc/ssl/cyber360": str(self.nginx),
            "/var/log/nginx": str(self.nginx),
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
            "client_body_timeout 15s": "client_body_timeout 2s",
        }
        sample = SAMPLE.read_text()
        for old, new in changes.items():
            assert old in sample
            sample = sample.replace(old, new)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {self.nginx}/{kind};" for kind in kinds)
        main = f"daemon off; worker_processes 1; pid {self.nginx}/pid; error_log {self.nginx}/main.log crit;"
        usual = f"access_log {self.nginx}/access.log;"  # Debian's own line, which the sample must overrule
        return f"{main} events {{}} http {{ {temporary} {usual}\n{sample}\n}}"

    def line(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.nginx / "fullchain.pem"))
        return context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.front), 30), server_hostname="cyber360.example.org"
        )

    def ask(self, method: str, path: str, body=b"", **headers: str) -> tuple[int, bytes]:  # type: ignore[override]
        line = http.client.HTTPConnection("cyber360.example.org")
        line.sock = self.line()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(line):
            line.request(method, path, body, {**self.headers, **sent}, encode_chunked="Transfer-Encoding" in sent)
            answer = line.getresponse()
            return answer.status, answer.read()

    def written(self) -> bytes:
        """Everything that nginx keeps, logs and temporary files."""
        return b"".join(place.read_bytes() for place in sorted(self.nginx.rglob("*")) if place.is_file())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


def make_certificate(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cyber360.example.org")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        made.serial_number(1).not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("cyber360.example.org")]), critical=False)
    signed = made.sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*form))


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    place = Proxied(tmp_path_factory.mktemp("proxied"))
    place.session = Place.ask(place, "prepare")["session"]
    with place.serving(), place.in_front():
        yield place


def form(size: int) -> tuple[bytes, bytes]:
    """The beginning of a form with one text file of `size` bytes, and its end."""
    head = [b"--edge", b'Content-Disposition: form-data; name="csrfmiddlewaretoken"', b"", TOKEN.encode()]
    head += [b"--edge", b'Content-Disposition: form-data; name="files"; filename="plan.txt"', b"", b""]
    return b"\r\n".join(head) + (CANARY * (size // len(CANARY) + 1))[:size], b"\r\n--edge--\r\n"


def watched(proxied, work):
    """What `work` gives, and whether a line of the canary lay anywhere below nginx while it went on."""
    found, over = [], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            with contextlib.suppress(OSError):
                if CANARY in proxied.written():
                    found.append(time.monotonic())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        return work(), found
    finally:
        over.set()
        looking.join()


FORM = {"Content_Type": "multipart/form-data; boundary=edge", "Referer": "https://cyber360.example.org/"}


@pytest.mark.parametrize("told", ["length", "chunked"])
def test_thirty_megabytes_in_leave_nothing_plain(proxied, told):
    begin, end = form(30_000_000)
    pieces = [begin[at : at + 300_000] for at in range(0, len(begin), 300_000)] + [end]

    def slowly():
        for piece in pieces:
            time.sleep(0.005)
            yield piece

    headers = FORM | ({"Content_Length": str(sum(map(len, pieces)))} if told == "length" else {})
    headers |= {"Transfer_Encoding": "chunked"} if told == "chunked" else {}
    (status, answer), found = watched(
        proxied, lambda: proxied.ask("POST", "/challenges/12/evidence/large/", slowly(), **headers)
    )
    assert found == []
    assert status == 200
    # A body that does not tell its length is no form to the product.
    assert json.loads(answer)["sizes"] == ([30_000_000] if told == "length" else [])


def test_fifteen_megabytes_out_leave_nothing_plain(proxied):
    def read_slowly():
        with proxied.line() as line:
            cookie = proxied.headers["Cookie"]
            line.sendall(
                f"GET /challenges/12/evidence/sent/ HTTP/1.1\r\nHost: cyber360.example.org\r\nCookie: {cookie}\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            count = 0
            while piece := line.recv(65536):
                count += len(piece)
                time.sleep(0.002)
            return count

    count, found = watched(proxied, read_slowly)
    assert count > 15 * 25_000 * len(CANARY)
    assert found == []


def test_a_form_elsewhere_stays_in_memory_too(proxied):
    body = CANARY * (1_900_000 // len(CANARY))
    (status, answer), found = watched(proxied, lambda: proxied.ask("POST", "/challenges/12/answers/", body))
    assert (status, found) == (200, [])
    assert json.loads(answer)["length"] == len(body)
    with contextlib.suppress(OSError):  # it may hang up before all is sent
        assert proxied.ask("POST", "/challenges/12/answers/", body + body)[0] == 413


@pytest.mark.parametrize("pace", ["silent", "dripping"])
def test_a_slow_body_is_given_up(proxied, pace):
    begin, _end = form(1_000_000)
    told = {**proxied.headers, "Host": "cyber360.example.org", "Content-Length": "2000000"}
    told |= {name.replace("_", "-"): value for name, value in FORM.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    begun = time.monotonic()
    with proxied.line() as line:
        line.sendall(f"POST /challenges/12/evidence/large/ HTTP/1.1\r\n{head}\r\n".encode() + begin[:100_000])
        over = threading.Event()
        if pace == "dripping":
            threading.Thread(target=drip, args=(line, over), daemon=True).start()
        answer = line.recv(65536)
        over.set()
    assert time.monotonic() - begun < 15
    assert answer == b"" or b" 408 " in answer.splitlines()[0]
    until(lambda: not list((proxied.folder / "vault").rglob("*.tmp")))


def drip(line: ssl.SSLSocket, over: threading.Event) -> None:
    while not over.wait(0.3):
        try:
            line.send(b"a")
        except OSError:
            return


def test_the_product_says_what_is_too_large(proxied):
    begin, end = form(61 * 1024 * 1024)
    status, answer = proxied.ask("POST", "/challenges/12/evidence/large/", begin + end, **FORM)
    assert status == 200
    assert "is larger than 60 MB" in json.loads(answer)["refused"][0]


def test_nobody_chooses_what_the_product_believes(proxied):
    forged = {"X_Forwarded_For": "6.6.6.6", "X_Forwarded_Proto": "http", "X_Forwarded_Host": "evil.example"}
    status, answer = proxied.ask("GET", "/search/", **forged)
    told = json.loads(answer)
    assert (status, told["secure"], told["forwarded"]) == (200, True, "127.0.0.1")
    assert told["host"] == "cyber360.example.org"


def test_no_log_holds_a_key_or_a_word_that_was_searched(proxied):
    for number, place in enumerate(KEYS):
        assert proxied.ask("GET", f"/{place}/K3Y{number}S3CRET/")[0] == 200
        with contextlib.suppress(OSError):
            proxied.ask("POST", f"/{place}/K3Y{number}S3CRET/", b"x" * 3_500_000)  # an error, which quotes its address
        line = http.client.HTTPConnection("127.0.0.1", proxied.plain, timeout=10)
        with contextlib.closing(line):
            line.request("GET", f"/{place}/K3Y{number}S3CRET/", headers={"Host": "cyber360.example.org"})
            assert line.getresponse().status == 301
    assert proxied.ask("GET", "/search/?q=W0RDSOUGHT")[0] == 200
    time.sleep(0.2)
    kept = proxied.written()
    assert b"GET /search/" in kept
    assert re.findall(rb"S3CRET|W0RDSOUGHT", kept) == []
