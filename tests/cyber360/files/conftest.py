"""A vault in the test's own folder, a person, and small honest files of each type."""

import contextlib
import email.message
import io
import socket
import subprocess
import sys
import time
import uuid
import zipfile

import docx
import openpyxl
import pikepdf
import pytest
from django.contrib.auth import get_user_model
from PIL import Image

from cyber360.files import cipher
from cyber360.files.checks import check_content
from cyber360.files.keys import key_for
from cyber360.files.models import State, StoredFile, blob_path
from cyber360.files.storage import vault

SCOPE = "challenge:12"


@pytest.fixture
def vault_dir(settings, tmp_path):
    """The folder that the vault of this test writes to; it is made by the first write."""
    folder = tmp_path / "vault"
    options = {"BACKEND": "cyber360.files.storage.LocalVault", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "vault": options}
    settings.FILES_DISK_FLOOR_MB = 1
    return folder


@pytest.fixture
def person(db):
    return get_user_model().objects.create_user("sam.okoro@example.org", "Sam Okoro", "a long pass phrase 1")


@pytest.fixture
def keep(db, vault_dir):
    """`keep(data, name="plan.txt", scope=SCOPE)` -> a stored file with these plain bytes."""

    def make(data: bytes, name: str = "plan.txt", scope: str = SCOPE, **fields) -> StoredFile:
        file_id = uuid.uuid4()
        with vault().write(blob_path(file_id)) as out:
            out.write(cipher.seal(key_for(scope), cipher.file_context(scope, file_id), data))
        measured = cipher.measure([data])
        given = {"media_type": "text/plain", "extension": name.rpartition(".")[2], **fields}
        return StoredFile.objects.create(
            id=file_id, scope=scope, name=name, size=measured.size, sha256=measured.sha256, state=State.STORED, **given
        )

    return make


def check(name: str, data: bytes):
    return check_content(name, io.BytesIO(data))


def saved(thing) -> bytes:
    out = io.BytesIO()
    thing.save(out)
    return out.getvalue()


def word(text: str = "Incident plan") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    return saved(document)


def sheet() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "Asset"
    return saved(book)


def pdf(change=lambda made: None, **saving) -> bytes:
    made = pikepdf.new()
    made.add_blank_page(page_size=(200, 200))
    change(made)
    out = io.BytesIO()
    made.save(out, **saving)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 10), **saving) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **saving)
    return out.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as container:
        for name, data in members.items():
            container.writestr(name, data)
    return out.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        return {name: container.read(name) for name in container.namelist()}


def with_members(data: bytes, **changes) -> bytes:
    """An office file with members added or replaced; `None` leaves one out."""
    members = {**members_of(data), **changes.get("members", {})}
    return zipped({name: content for name, content in members.items() if content is not None})


def slides() -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/ppt/presentation.xml" ContentType="{kind}"/></Types>'.encode(),
            "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r" Type="{office}" '
            f'Target="ppt/presentation.xml"/></Relationships>'.encode(),
            "ppt/presentation.xml": b"<presentation/>",
        }
    )


def open_document(kind: str, **more: bytes) -> bytes:
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    members = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
        "content.xml": b"<content/>",
        "META-INF/manifest.xml": manifest,
    }
    return zipped({**members, **more})


def mail(attachment: str = "") -> bytes:
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Plan"
    message["Date"] = "Sun, 22 Nov 2026 10:00:00 +0000"
    message.set_content("Here it is.")
    if attachment:
        message.add_attachment(b"x" * 30, maintype="application", subtype="octet-stream", filename=attachment)
    return message.as_bytes()


def outlook_mail(*names: str) -> bytes:
    """A compound file (version 3) of header, one table sector and the directory; no streams."""
    names = names or ("Root Entry", "__nameid_version1.0", "__properties_version1.0", "__attach_version1.0_#00000000")
    entries = b"".join(_entry(name) for name in names)
    entries += bytes(-len(entries) % 512)
    sectors = len(entries) // 512
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = b"".join(number.to_bytes(4, "little") for number in [*chain, *[0xFFFFFFFF] * (128 - len(chain))])
    header = bytearray(512)
    header[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    for place, value in ((24, 0x3E), (26, 3), (28, 0xFFFE), (30, 9), (32, 6)):
        header[place : place + 2] = value.to_bytes(2, "little")
    header[44:48] = (1).to_bytes(4, "little")
    header[48:52] = (1).to_bytes(4, "little")
    header[76:] = (0).to_bytes(4, "little") + b"\xff" * 432
    return bytes(header) + table + entries


def _entry(name: str) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + b"\x05" + bytes(61)


HONEST = {
    "plan.docx": word,
    "assets.xlsx": sheet,
    "talk.pptx": slides,
    "plan.odt": lambda: open_document("text"),
    "assets.ods": lambda: open_document("spreadsheet"),
    "talk.odp": lambda: open_document("presentation"),
    "plan.pdf": pdf,
    "door.png": picture,
    "door.jpg": lambda: picture("JPEG"),
    "door.JPEG": lambda: picture("JPEG"),
    "notes.txt": lambda: "Café £5\r\n".encode(),
    "assets.csv": lambda: b"name,count\r\nlaptop,-3\r\n",
    "agreed.eml": mail,
    "agreed.msg": outlook_mail,
}


@pytest.fixture(scope="session")
def s3_address():
    """An S3-compatible server of our own on loopback (moto), in a process of its own: its memory is not ours."""
    pytest.importorskip("moto.server", reason="no S3 server here: install moto[server]")
    pytest.importorskip("storages.backends.s3", reason="the extra `s3` is not installed")
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _try in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


@pytest.fixture
def s3_options(s3_address):
    """A bucket for this test alone, as the options of `S3Vault`."""
    options = {
        "bucket_name": f"vault-{uuid.uuid4()}",
        "endpoint_url": s3_address,
        "region_name": "eu-west-2",
        "access_key": "invented",
        "secret_key": "invented",
        "location": "evidence",
    }
    client_of(options).create_bucket(
        Bucket=options["bucket_name"], CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}
    )
    return options


def client_of(options: dict):
    """A plain client of the same bucket, to look from outside."""
    import boto3  # noqa: PLC0415 - an optional extra

    return boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        region_name=options["region_name"],
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
    )


@pytest.fixture
def s3_vault(s3_options, settings):
    """The bucket as the vault of this test."""
    backend = {"BACKEND": "cyber360.files.storage.S3Vault", "OPTIONS": s3_options}
    settings.STORAGES = {**settings.STORAGES, "vault": backend}
    return vault()
