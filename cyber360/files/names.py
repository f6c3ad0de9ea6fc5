"""File names as people gave them, made safe to show and to save; they are never used on our disk."""

import re
import unicodedata

from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput
from cyber360.files.models import NAME_LENGTH

_UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, bidi and other invisible characters
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
# The marking is written in capitals; "secretary" or "secrets management" are not markings.
_MARKING = re.compile(r"(?<![A-Za-z])(SECRET(?![A-Za-z])|(?i:top[\s_.-]*secret)(?![A-Za-z]))")
ARCHIVE = "zip"  # the one kind that a room may ask for in order to unpack it
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,10}")


def clean_name(given: str) -> str:
    """The last part of `given`, NFC, without invisible characters, at most 150 long with its extension kept.

    Raises BadInput for a name that is empty then, or that carries a marking above OFFICIAL.
    """
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(" " if mark.isspace() else mark for mark in name if mark.isspace() or not _is_unwanted(mark))
    name = _NOT_ON_WINDOWS.sub("-", " ".join(name.split())).strip(" .")
    if not name:
        raise BadInput(_("A file has no name. Give it a name and try again."))
    refuse_marking(name)
    if _RESERVED.fullmatch(name):
        name = f"file-{name}"
    return shortened(name)


def _is_unwanted(mark: str) -> bool:
    return unicodedata.category(mark) in _UNWANTED


def shortened(name: str) -> str:
    """At most 150 characters, cut before the extension."""
    if len(name) <= NAME_LENGTH:
        return name
    extension = extension_of(name)
    tail = f".{name.rsplit('.', 1)[1]}" if extension else ""
    return name[: NAME_LENGTH - len(tail)].rstrip(" .") + tail


def refuse_marking(name: str) -> None:
    """Raises BadInput when the name carries SECRET or TOP SECRET."""
    if found := _MARKING.search(name):
        raise BadInput(
            _(
                "The name of “%(name)s” carries the marking %(marking)s. Nothing marked above OFFICIAL-SENSITIVE may "
                "be put here. If it is not a marking, rename the file and try again."
            )
            % {"name": name[:NAME_LENGTH], "marking": found.group(0).upper().replace("_", " ")}
        )


def extension_of(name: str) -> str:
    """In lower case and without the dot; empty when there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if stem and dot and _EXTENSION.fullmatch(extension) else ""
