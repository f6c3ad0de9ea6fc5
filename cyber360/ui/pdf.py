"""HTML -> tagged PDF in a process of its own, so that a greedy document can end neither a web nor a job process.

The child (`cyber360.ui.pdf_child`) has no network, reads no path, and gets no variable of this environment.
The same HTML, assets, title and language give the same bytes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from django.utils.translation import gettext as _

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 240
WALL_SECONDS = 300.0
OUT_OF_MEMORY, OUT_OF_TIME = 3, 4
# How Python, the loader and GLib say that the limit was reached.
MEMORY_WORDS = (
    "MemoryError",
    "failed to map segment",
    "annot allocate memory",
    "failed to allocate",
    "Error creating thread",
)
# Fontconfig needs a home for its cache and a locale; hashes must not differ between runs.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


class PdfFailure(Exception):
    """The document could not be made; `reason` is memory, time or crash, the message a sentence for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def render_pdf(
    html: str,
    *,
    title: str,
    lang: str = "en-GB",
    assets: Mapping[str, bytes] | None = None,
    memory_bytes: int = MEMORY_BYTES,
    seconds: float = WALL_SECONDS,
) -> bytes:
    """The PDF of a whole HTML document (pdf/ua-1, tags mended by `pdf_tags`).

    `assets` are the images and style sheets that the HTML names as `asset:<name>`; `package:<name>` names a file
    of `cyber360/ui/pdf_assets`. Anything else is left out. Raises PdfFailure.
    """
    command = [sys.executable, "-m", "cyber360.ui.pdf_child"]
    kept = {
        name: os.environ[name] for name in ("HOME", "PATH", "XDG_CACHE_HOME", "FONTCONFIG_PATH") if name in os.environ
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own module, nothing of the document is on the command line
            command,
            input=_message(html, assets or {}, title, lang, memory_bytes, seconds),
            capture_output=True,
            timeout=seconds,
            cwd=Path(__file__).resolve().parents[2],
            env={**kept, **ENVIRONMENT},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _failure(OUT_OF_TIME, "") from error
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise _failure(done.returncode, done.stderr.decode("utf-8", "replace")[-2000:])
    return done.stdout


def _message(html: str, assets: Mapping[str, bytes], title: str, lang: str, memory: int, seconds: float) -> bytes:
    """One line of JSON with the lengths, then the bytes."""
    body = html.encode()
    cpu = max(1, min(CPU_SECONDS, int(seconds)))
    head = {"title": title, "lang": lang, "html": len(body), "memory": memory, "cpu": cpu}
    head["assets"] = [[name, len(data)] for name, data in assets.items()]
    return json.dumps(head).encode() + b"\n" + body + b"".join(assets.values())


def _failure(code: int, detail: str) -> PdfFailure:
    """A negative code is the signal that ended the child: XCPU (24) is time, KILL (9) mostly memory."""
    if code in (OUT_OF_MEMORY, -9) or any(words in detail for words in MEMORY_WORDS):
        message = _("The document needs more memory than is allowed. Leave out large pictures or split it.")
        failure = PdfFailure("memory", message)
    elif code in (OUT_OF_TIME, -24):
        failure = PdfFailure("time", _("The document took too long to make. Shorten its tables or split it."))
    else:
        failure = PdfFailure("crash", _("The document could not be made. The programme team can see why in the log."))
    if detail:
        failure.add_note(detail)
    return failure
