"""PDFs and pictures go through large C libraries: they are read in a short-lived process with hard limits."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

from django.utils.translation import gettext as _

from cyber360.files.checks.base import Refused

SECONDS = 20
ANSWER_BYTES = 64 * 1024
PIECE = 256 * 1024
_SCRIPT = Path(__file__).with_name("parser_process.py")


def _sentences() -> dict[str, str]:
    """The child's one-word answers as sentences."""
    return {
        "password": _("It is protected by a password. Save it without a password and upload that."),
        "broken": _("The file is damaged or was renamed. Save it again and upload the new copy."),
        "javascript": _("It contains scripts (JavaScript). Print it to a new PDF and upload that."),
        "launch": _("It starts other programs. Print it to a new PDF and upload that."),
        "embedded": _("Other files are embedded in it. Upload them on their own, and print this to a new PDF."),
        "objects": _("It is too complex to be checked. Print it to a new PDF and upload that."),
        "pixels": _("The picture has more than 40 megapixels. Make it smaller and upload that."),
        "frames": _("Moving pictures are not accepted. Save a single picture."),
        "form": _("contains a form"),
        "owner": _("is protected against changes"),
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
    answer = _run([sys.executable, "-I", str(_SCRIPT), kind, str(size)], file)
    if answer is None:
        raise Refused(sentences["objects"])
    if refusal := answer["refusal"]:
        raise Refused(sentences[refusal])
    return [sentences[note] for note in answer["notes"]]


def _run(command: list[str], file: BinaryIO) -> dict | None:
    """The child's answer; None when a limit, the clock or a crash ended it."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and script
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, close_fds=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        clock = threading.Timer(SECONDS, process.kill)
        clock.start()
        try:
            _feed(process.stdin, file)
            output = process.stdout.read(ANSWER_BYTES)
            code = process.wait()
        finally:
            clock.cancel()
            process.kill()
    if code != 0:
        return None
    try:
        return json.loads(output)
    except ValueError:
        return None


def _feed(door: IO[bytes], file: BinaryIO) -> None:
    with suppress(BrokenPipeError):  # it ended early; its exit code tells
        while piece := file.read(PIECE):
            door.write(piece)
    with suppress(BrokenPipeError):
        door.close()
