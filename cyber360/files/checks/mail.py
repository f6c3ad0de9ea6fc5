"""Saved mails: .eml by its headers, .msg by the directory of its compound file."""

import email.parser
import re
import struct
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.files.checks.base import OLE_MAGIC, Refused, TooMuchPacked
from cyber360.files.checks.refused import ARCHIVES, PROGRAMS, SECRETS

HEADER_BYTES = 256 * 1024
LINE_BYTES = 64 * 1024
_KNOWN = {"from", "to", "date", "subject", "message-id", "received", "mime-version", "return-path", "sender"}
HEADER_LINES = 500
_DIRECTORY_LIMIT = 4 * 1024 * 1024
_CHAIN_END = 0xFFFFFFFA  # sector numbers from here on are marks, not places


def check_eml(file: BinaryIO) -> list[str]:
    """Some mails honestly carry NUL bytes in their body, so only the headers must be free of them."""
    file.seek(0)
    start = file.read(HEADER_BYTES)
    head = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
    headers = {name.lower() for name in email.parser.BytesHeaderParser().parsebytes(head)}
    if b"\x00" in head or len(headers & _KNOWN) < 2 or not headers & {"from", "sender", "return-path", "received"}:
        raise Refused(_("The content is not a saved mail. Save the mail again, or print it to PDF."))
    return _attachments(_attachment_names(file))


def _attachment_names(file: BinaryIO) -> set[str]:
    """Read line by line, so that a large mail is never whole in memory: the header of the mail and of each part."""
    file.seek(0)
    names: set[str] = set()
    block: list[bytes] = []
    in_header = True
    while line := file.readline(LINE_BYTES):
        if line.startswith(b"--"):
            block, in_header = [], True
        elif in_header and line.strip() and len(block) < HEADER_LINES:
            block.append(line)
        elif in_header:
            names |= _name_in(b"".join(block))
            in_header = False
    return names | (_name_in(b"".join(block)) if in_header else set())


def _name_in(header: bytes) -> set[str]:
    """The attachment's name in a part's header, in any of the ways that mail programs write it."""
    given = email.parser.BytesHeaderParser().parsebytes(header).get_filename()
    if not given:
        return set()
    try:
        return {str(make_header(decode_header(given))).strip()}
    except (HeaderParseError, LookupError, ValueError):
        return {given.strip()}


def _attachments(names: set[str]) -> list[str]:
    if any(name.rpartition(".")[2].lower() in PROGRAMS for name in names):
        raise Refused(_("A program or script is attached to the mail. Print the mail to PDF and upload that."))
    if any(name.rpartition(".")[2].lower() in SECRETS for name in names):
        raise Refused(_("A key or a password store is attached to the mail. Print the mail to PDF and upload that."))
    if any(name.rpartition(".")[2].lower() in ARCHIVES for name in names):
        raise TooMuchPacked(_("An archive is attached to the mail. Unpack it and upload what is needed on its own."))
    count = len(names)
    return [ngettext("%(count)s attachment", "%(count)s attachments", count) % {"count": count}] if count else []


def check_msg(file: BinaryIO) -> list[str]:
    """An Outlook message has its own named storages at the top of the compound file's directory."""
    names = _directory_names(file)
    if "__properties_version1.0" not in names or "__nameid_version1.0" not in names:
        raise Refused(_("The content is not a saved mail. Save the mail again, or print it to PDF."))
    count = sum(name.startswith("__attach_version1.0_#") for name in names)
    return [ngettext("%(count)s attachment", "%(count)s attachments", count) % {"count": count}] if count else []


def _directory_names(file: BinaryIO) -> list[str]:
    """The names of all entries. Layout: [MS-CFB] sections 2.2, 2.3 and 2.6."""
    try:
        data = _directory(file)
    except (struct.error, IndexError) as error:
        raise _damaged() from error
    names = []
    for place in range(0, len(data) - 127, 128):
        length = struct.unpack_from("<H", data, place + 64)[0]
        if data[place + 66] and 2 <= length <= 64:
            names.append(data[place : place + length - 2].decode("utf-16-le", "replace"))
    return names


def _directory(file: BinaryIO) -> bytes:
    file.seek(0)
    header = file.read(512)
    if not header.startswith(OLE_MAGIC):
        raise Refused(_("The content is not a saved mail. Save the mail again, or print it to PDF."))
    version, order, shift = struct.unpack_from("<3H", header, 26)
    if order != 0xFFFE or (version, shift) not in {(3, 9), (4, 12)}:
        raise _damaged()
    size, sector = 1 << shift, struct.unpack_from("<L", header, 48)[0]
    tables = struct.unpack_from("<109L", header, 76)
    found = bytearray()
    while sector < _CHAIN_END:
        if len(found) > _DIRECTORY_LIMIT:  # also ends a chain that runs in a circle
            raise _damaged()
        found += _sector(file, sector, size)
        sector = _next(file, tables, sector, size)
    return bytes(found)


def _next(file: BinaryIO, tables: tuple[int, ...], sector: int, size: int) -> int:
    table, place = divmod(sector, size // 4)
    if table >= len(tables) or tables[table] >= _CHAIN_END:
        raise _damaged()
    return struct.unpack_from("<L", _sector(file, tables[table], size), place * 4)[0]


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    return file.read(size)


def _damaged() -> Refused:
    return Refused(_("The mail is damaged. Save the mail again, or print it to PDF."))
