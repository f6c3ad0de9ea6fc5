"""Writer, Calc and Impress files (OpenDocument)."""

from typing import BinaryIO

from django.utils.translation import gettext as _

from cyber360.files.checks.base import Refused
from cyber360.files.checks.zips import broken, member_bytes, member_xml, open_zip, refuse_document_types

_PREFIX = "application/vnd.oasis.opendocument."
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
# Written for documents without any macro too.
_EMPTY_LIBRARIES = ("script-lb.xml", "script-lc.xml")


def check_odt(file: BinaryIO) -> list[str]:
    return _check(file, b"text")


def check_ods(file: BinaryIO) -> list[str]:
    return _check(file, b"spreadsheet")


def check_odp(file: BinaryIO) -> list[str]:
    return _check(file, b"presentation")


def _check(file: BinaryIO, kind: bytes) -> list[str]:
    with open_zip(file) as container:
        if member_bytes(container, "mimetype", 200).strip() != _PREFIX.encode() + kind:
            raise Refused(_("The content is not what the name says. Save it again from the program that made it."))
        refuse_document_types(container)
        names = container.namelist()
        if "content.xml" not in names:
            raise broken()
        if any(True for _entry in member_xml(container, "META-INF/manifest.xml").iter(_MANIFEST + "encryption-data")):
            raise Refused(_("It is protected by a password. Save it without a password and upload that."))
        if any(_is_macro(name) for name in names):
            raise Refused(_("It contains macros or other active parts. Save it without macros, or as PDF."))
        embedded = any(name.startswith("Object ") for name in names)
        return [_("contains embedded objects")] if embedded else []


def _is_macro(name: str) -> bool:
    if name.endswith("/") or name.endswith(_EMPTY_LIBRARIES):
        return False
    return name.startswith(("Basic/", "Scripts/"))
