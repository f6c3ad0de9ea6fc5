"""Is a file what its name says, and free of active content? The extension picks the check, the content proves it.

Guessing libraries are not used: they take most spreadsheets and slides for something else.
"""

from collections.abc import Callable
from typing import BinaryIO

from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput
from cyber360.files.checks import child, mail, office, opendocument, refused, text
from cyber360.files.checks.base import Checked, ContentRefused, Refused
from cyber360.files.checks.text import TextGlance, plain_text
from cyber360.files.names import extension_of

__all__ = [
    "ACCEPTED",
    "TYPES",
    "Checked",
    "ContentRefused",
    "Glance",
    "check_content",
    "plain_text",
    "refuse_extension",
]

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

# extension -> (media type we will serve, check)
TYPES: dict[str, tuple[str, Callable[[BinaryIO], list[str]]]] = {
    "docx": (_OOXML + "wordprocessingml.document", office.check_docx),
    "xlsx": (_OOXML + "spreadsheetml.sheet", office.check_xlsx),
    "pptx": (_OOXML + "presentationml.presentation", office.check_pptx),
    "odt": (_ODF + "text", opendocument.check_odt),
    "ods": (_ODF + "spreadsheet", opendocument.check_ods),
    "odp": (_ODF + "presentation", opendocument.check_odp),
    "pdf": ("application/pdf", child.check_pdf),
    "png": ("image/png", child.check_png),
    "jpg": ("image/jpeg", child.check_jpg),
    "jpeg": ("image/jpeg", child.check_jpg),
    "txt": ("text/plain", text.check_txt),
    "csv": ("text/csv", text.check_csv),
    "eml": ("message/rfc822", mail.check_eml),
    "msg": ("application/vnd.ms-outlook", mail.check_msg),
}
ACCEPTED = ", ".join(sorted(f".{extension}" for extension in TYPES))  # for a file field's `accept`


def refuse_extension(name: str) -> None:
    """Raises BadInput with advice when the name's type is not accepted."""
    extension = extension_of(name)
    if extension not in TYPES:
        advice = refused.ADVICE.get(extension, refused.OTHERWISE)
        raise BadInput(_("“%(name)s” was not accepted. %(advice)s") % {"name": name, "advice": advice})


def check_content(name: str, file: BinaryIO) -> Checked:
    """Prove that the seekable plain `file` is what `name` says. Raises BadInput with what to do instead."""
    refuse_extension(name)
    extension = extension_of(name)
    media_type, check = TYPES[extension]
    try:
        notes = check(file)
    except Refused as refusal:
        message = _("“%(name)s” was not accepted. %(advice)s") % {"name": name, "advice": refusal.reason}
        raise ContentRefused(message, refusal.step) from refusal
    return Checked(media_type, extension, notes)


class Glance:
    """A look at a file while it comes in, so that plain text need not be read a second time. Other types are."""

    def __init__(self, name: str) -> None:
        self._text = TextGlance() if extension_of(name) == "txt" else None

    def take(self, data: bytes) -> None:
        if self._text is not None:
            self._text.take(data)

    def checked(self) -> Checked | None:
        """What `check_content` would find, asked when all was taken; None where only that can tell."""
        if self._text is None:
            return None
        self._text.end()
        return Checked(TYPES["txt"][0], "txt", []) if self._text.is_plain else None
