"""PDFs and pictures go through large C libraries: they are read in the sandbox (`sandbox/programs/check.py`)."""

import json
import os
from functools import partial
from typing import BinaryIO

from django.utils.translation import gettext as _

from cyber360.exceptions import NotNow
from cyber360.files.checks.base import Refused
from cyber360.files.sandbox import SandboxFailed, run

ANSWER_BYTES = 64 * 1024
PIECE = 256 * 1024


def _sentences() -> dict[str, str]:
    """The child's one-word answers as sentences."""
    return {
        "password": _("It is protected by a password. Save it without a password and upload that."),
        "broken": _("The file is damaged or was renamed. Save it again and upload the new copy."),
        "cut": _("This PDF is damaged or cut off. Save it again and send it anew."),
        "javascript": _("It contains scripts (JavaScript). Print it to a new PDF and upload that."),
        "opens": _("It opens a web address by itself. Print it to a new PDF and upload that."),
        "launch": _("It starts other programs. Print it to a new PDF and upload that."),
        "embedded": _("Other files are embedded in it. Upload them on their own, and print this to a new PDF."),
        "objects": _("It is too complex to be checked. Print it to a new PDF and upload that."),
        "pixels": _("The picture has more than 40 megapixels. Make it smaller and upload that."),
        "frames": _("Moving pictures are not accepted. Save a single picture."),
        "form": _("contains a form"),
        "owner": _("is protected against changes"),
        "repaired": _("is slightly damaged but can be read"),
    }


def check_pdf(file: BinaryIO) -> list[str]:
    return _ask("pdf", file, b"%PDF-")


def check_png(file: BinaryIO) -> list[str]:
    return _ask("png", file, b"\x89PNG\r\n\x1a\n")


def check_jpg(file: BinaryIO) -> list[str]:
    return _ask("jpg", file, b"\xff\xd8\xff")


def _ask(kind: str, file: BinaryIO, magic: bytes) -> list[str]:
    sentences = _sentences()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(magic):
        raise Refused(sentences["broken"])
    file.seek(0)
    refusal, notes = _answer(kind, file, size)
    if refusal:
        raise Refused(sentences[refusal])
    return [sentences[note] for note in notes]


def _answer(kind: str, file: BinaryIO, size: int) -> tuple[str, list[str]]:
    """The child's words; "objects" when a limit, the clock or a crash ended it. Raises NotNow without a sandbox."""
    known = _sentences()
    try:
        pieces = iter(partial(file.read, PIECE), b"")
        answer = json.loads(run("check", pieces=pieces, size=size, options={"kind": kind}, most=ANSWER_BYTES))
        refusal, notes = answer["refusal"], answer["notes"]
        if not {refusal, *notes} <= {"", *known}:
            raise ValueError(refusal)
    except SandboxFailed as failed:
        if failed.word == "missing":
            raise NotNow(_no_sandbox()) from failed
        return "objects", []
    except (ValueError, KeyError, TypeError):  # what a child that was taken over might answer
        return "objects", []
    return refusal, notes


def _no_sandbox() -> str:
    return _(
        "PDFs and pictures cannot be taken at the moment, because this installation has nowhere safe to read them. "
        "Tell the people who look after it."
    )
