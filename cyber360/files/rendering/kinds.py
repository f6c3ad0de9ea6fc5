"""What can be shown of which kind of file."""

from typing import Literal

from cyber360.files.models import State, StoredFile

from .failures import no_preview

PICTURED = {"pdf", "png", "jpg", "jpeg"}
WORDED = {"pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "txt", "csv", "eml", "msg"}


def preview_kind(stored: StoredFile) -> Literal["pages", "words", ""]:
    """Pictures of its pages, its words only, or nothing. By the type that our check proved, not by the name."""
    if not stored.media_type:
        return ""
    if stored.extension in PICTURED:
        return "pages"
    return "words" if stored.extension in WORDED else ""


def require_readable(stored: StoredFile, kinds: set[str]) -> None:
    """Raises NoPreview for a file that is gone, infected, or of another kind."""
    if stored.state != State.STORED:
        raise no_preview("gone")
    if not stored.is_readable:
        raise no_preview("infected")
    if not preview_kind(stored) or stored.extension not in kinds:
        raise no_preview("kind")
