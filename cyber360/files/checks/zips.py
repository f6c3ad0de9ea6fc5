"""Zip containers: every limit is read from the central directory before a single member is opened."""

import os
import re
import stat
import struct
import zipfile
import zlib
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from cyber360.files.checks.base import OLE_MAGIC, XML_LIMIT, Refused, TooMuchPacked

# Highest seen in 197 honest office files: 125 members, ratio 32.
MEMBERS = 3000
MEMBER_BYTES = 60 * 1024 * 1024
TOTAL_BYTES = 250 * 1024 * 1024
RATIO = 100
RATIO_FROM = 1024 * 1024
DIRECTORY_BYTES = 2 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, struct.error)
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_HEAD = 4096  # bytes of a member in which a document type must stand before the root
_OUTSIDE = re.compile(r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|\x00")


def open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """The container, its directory within all limits. Raises Refused."""
    _refuse_wrong_start(file)
    size = file.seek(0, os.SEEK_END)
    _refuse_directory(file, size)
    try:
        container = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise broken() from error
    _refuse_members(container.infolist(), size)
    return container


def broken() -> Refused:
    return Refused(_("The file is damaged or was renamed. Open it, save it again and upload the new copy."))


def _too_much() -> Refused:
    return TooMuchPacked(_("It unpacks to far more than an ordinary document. Save it as PDF and upload that."))


def _refuse_wrong_start(file: BinaryIO) -> None:
    file.seek(0)
    start = file.read(8)
    if start == OLE_MAGIC:
        raise Refused(
            _("It is protected by a password or in an old Office format. Save it without a password as a new file.")
        )
    if not start.startswith(b"PK\x03\x04"):
        raise Refused(_("The content is not what the name says. Save it again from the program that made it."))


def _refuse_directory(file: BinaryIO, size: int) -> None:
    reach = min(size, _END.size + 65535)
    file.seek(size - reach)
    tail = file.read(reach)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END.size:
        raise broken()
    _magic, _disk, _start_disk, _here, members, directory, _offset, comment = _END.unpack_from(tail, place)
    if place + _END.size + comment != len(tail) or tail[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        raise broken()
    if members > MEMBERS or directory > DIRECTORY_BYTES:
        raise _too_much()


def _refuse_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = {member.filename.lower() for member in members}
    if len(members) > MEMBERS or sum(member.file_size for member in members) > TOTAL_BYTES:
        raise _too_much()
    # Overlapping members let a few kilobytes pose as gigabytes.
    if len(names) < len(members) or sum(member.compress_size for member in members) > size:
        raise broken()
    for member in members:
        _refuse_member(member)


def _refuse_member(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise Refused(_("It is protected by a password. Save it without a password and upload that."))
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise broken()
    if _OUTSIDE.search(member.orig_filename) or stat.S_ISLNK(member.external_attr >> 16):
        raise broken()
    packed = max(1, member.compress_size)
    if member.file_size > MEMBER_BYTES or (member.file_size > RATIO_FROM and member.file_size / packed > RATIO):
        raise _too_much()


def refuse_document_types(container: zipfile.ZipFile) -> None:
    """No XML member may declare a document type or an entity: no office program writes one. Raises Refused."""
    for name in container.namelist():
        if name.lower().endswith((".xml", ".rels")) and _DECLARATION.search(_head_of(container, name)):
            raise Refused(
                _("Its inner parts declare entities, which no office program writes. Save it again, or save it as PDF.")
            )


def _head_of(container: zipfile.ZipFile, name: str) -> bytes:
    """The first bytes of a member without zero bytes, so that UTF-16 and UTF-32 read as the letters they stand for."""
    try:
        with container.open(name) as member:
            return member.read(_HEAD).replace(b"\0", b"")
    except (KeyError, *_BROKEN) as error:
        raise broken() from error


def member_bytes(container: zipfile.ZipFile, name: str, limit: int = XML_LIMIT) -> bytes:
    """At most `limit` bytes of one member. Raises Refused when it is missing, broken or longer."""
    try:
        with container.open(name) as member:
            data = member.read(limit + 1)
    except (KeyError, *_BROKEN) as error:
        raise broken() from error
    if len(data) > limit:
        raise _too_much()
    return data


def member_xml(container: zipfile.ZipFile, name: str) -> Element:
    """The root of an XML member; a document type or an entity in it is refused."""
    try:
        return fromstring(member_bytes(container, name), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise broken() from error
