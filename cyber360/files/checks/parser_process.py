"""Run as a program of its own: `parser_process.py KIND SIZE` reads a file on standard input, answers in JSON.

The answer is `{"refusal": word, "notes": [words]}`; `child.py` has the sentences. Nothing of Django is loaded.
"""

import io
import json
import os
import resource
import sys

import pikepdf
from PIL import Image, UnidentifiedImageError

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 20
OBJECTS = 200_000
VALUES = 4_000_000
PIXELS = 40_000_000
_ACTIONS = {"/JavaScript": "javascript", "/Launch": "launch", "/Rendition": "javascript", "/ImportData": "launch",
            "/SubmitForm": "launch", "/GoToR": "launch", "/GoToE": "launch"}  # fmt: skip
_KEYS = {"/JS": "javascript", "/EmbeddedFiles": "embedded", "/EF": "embedded", "/RichMediaContent": "embedded"}


class Refusal(Exception):
    """One word for what is wrong."""


def limit_process(size: int) -> None:
    """Set before the first byte is read: memory, time, no files, no other processes, no core."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY + 3 * size),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 24),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(10)


def check_pdf(data: bytes) -> list[str]:
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if len(pdf.objects) > OBJECTS:
                raise Refusal("objects")
            for thing in pdf.objects:
                _refuse_active(thing)
            _refuse_active(pdf.trailer)
            if not len(pdf.pages):
                raise Refusal("broken")
            notes = ["form"] if "/AcroForm" in pdf.Root and "/XFA" in pdf.Root.AcroForm else []
            return [*notes, "owner"] if pdf.is_encrypted else notes
    except pikepdf.PasswordError as error:
        raise Refusal("password") from error
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal("broken") from error


def _refuse_active(thing) -> None:
    """Look through one indirect object; what it refers to is looked at on its own turn."""
    waiting, seen = [thing], 0
    while waiting:
        thing = waiting.pop()
        seen += 1
        if seen > VALUES:
            raise Refusal("objects")
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            waiting += _parts_of(thing)
        elif isinstance(thing, pikepdf.Array):
            waiting += [part for part in thing if _is_direct(part)]


def _parts_of(thing) -> list:
    if (action := thing.get("/S")) is not None and str(action) in _ACTIONS:
        raise Refusal(_ACTIONS[str(action)])
    parts = []
    for key, part in thing.items():
        if key in _KEYS:
            raise Refusal(_KEYS[key])
        if _is_direct(part):
            parts.append(part)
    return parts


def _is_direct(part) -> bool:
    return isinstance(part, pikepdf.Object) and not part.is_indirect


def check_image(data: bytes, kind: str) -> list[str]:
    try:
        for step in ("verify", "load"):
            with Image.open(io.BytesIO(data), formats=[kind]) as picture:
                if picture.width * picture.height > PIXELS:
                    raise Refusal("pixels")
                if kind == "PNG" and getattr(picture, "is_animated", False):
                    raise Refusal("frames")
                getattr(picture, step)()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refusal("pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise Refusal("broken") from error
    return []


def main(kind: str, size: int) -> dict:
    limit_process(size)
    data = sys.stdin.buffer.read()
    try:
        notes = check_pdf(data) if kind == "pdf" else check_image(data, {"png": "PNG", "jpg": "JPEG"}[kind])
    except Refusal as refusal:
        return {"refusal": str(refusal), "notes": []}
    return {"refusal": "", "notes": notes}


if __name__ == "__main__":
    json.dump(main(sys.argv[1], int(sys.argv[2])), sys.stdout)
