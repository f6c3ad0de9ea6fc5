"""The reader's name, the time and the marking across what is shown and what is handed out.

This deters from passing things on and tells where a copy came from. It does not prevent: whoever sees a page can
type it out.
"""

from collections.abc import Iterator

from django.utils.module_loading import import_string

from cyber360.files.models import StoredFile
from cyber360.files.sandbox import SandboxFailed, stream
from cyber360.files.services import open_for_reading

from .failures import no_preview
from .kinds import require_readable

_ROOM = 96 * 1024 * 1024  # by which a marked copy may be larger, and twice: a page takes about 12 KB


def marked_picture(png: bytes, lines: list[str]) -> bytes:
    """`png` is one that `page_picture` gave and nothing else, because it is opened in this process."""
    return import_string("cyber360.files.rendering.drawing.draw")(png, lines)


def marked_pdf(stored: StoredFile, lines: list[str], copy_id: str = "") -> Iterator[bytes]:
    """The PDF in pieces with the lines drawn into every page's content. Raises NoPreview, DamagedFile.

    `copy_id` also goes into what the document says about itself (Info and XMP), if given.

    Both come before the first piece. A copy of a signed PDF is no longer the one that was signed, and says so when
    it is opened; one that was protected against changes is no longer.
    """
    require_readable(stored, {"pdf"})
    try:
        return stream(
            "mark",
            pieces=open_for_reading(stored),
            size=stored.size,
            options={"lines": lines, "copy": copy_id},
            most=2 * stored.size + _ROOM,
            patient=True,
        )
    except SandboxFailed as failed:
        raise no_preview(failed.word) from failed
