"""Word, Excel and PowerPoint files (OOXML): the main part proves the type, macros are refused."""

import posixpath
import zipfile
from typing import BinaryIO

from django.utils.translation import gettext as _

from cyber360.files.checks.base import Refused
from cyber360.files.checks.zips import broken, member_xml, open_zip, refuse_document_types

_OOXML = "application/vnd.openxmlformats-officedocument."
_MAIN = {
    "docx": _OOXML + "wordprocessingml.document.main+xml",
    "xlsx": _OOXML + "spreadsheetml.sheet.main+xml",
    "pptx": _OOXML + "presentationml.presentation.main+xml",
}
_SLIDE_SHOW = _OOXML + "presentationml.slideshow.main+xml"
_ACTIVE = ("macro", "vbaproject", "vbadata", "activex")
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def check_docx(file: BinaryIO) -> list[str]:
    return _check(file, "docx")


def check_xlsx(file: BinaryIO) -> list[str]:
    return _check(file, "xlsx")


def check_pptx(file: BinaryIO) -> list[str]:
    return _check(file, "pptx")


def _check(file: BinaryIO, extension: str) -> list[str]:
    with open_zip(file) as container:
        refuse_document_types(container)
        types = _content_types(container)
        _refuse_active(container, types)
        if types.get(_main_part(container)) not in {_MAIN[extension], _SLIDE_SHOW if extension == "pptx" else None}:
            raise Refused(_("The content is not what the name says. Save it again from the program that made it."))
        return _notes(container)


def _content_types(container: zipfile.ZipFile) -> dict[str, str]:
    """Part name without its leading slash -> content type; defaults stand under `*.<extension>`."""
    root = member_xml(container, "[Content_Types].xml")
    found = {
        entry.get("PartName", "").lstrip("/"): entry.get("ContentType", "") for entry in root.iter(_TYPES + "Override")
    }
    for entry in root.iter(_TYPES + "Default"):
        found[f"*.{entry.get('Extension', '').lower()}"] = entry.get("ContentType", "")
    return found


def _main_part(container: zipfile.ZipFile) -> str:
    for relation in member_xml(container, "_rels/.rels").iter(_RELATION):
        if relation.get("Type", "").endswith("/relationships/officeDocument"):
            return posixpath.normpath(relation.get("Target", "")).lstrip("/")
    raise broken()


def _refuse_active(container: zipfile.ZipFile, types: dict[str, str]) -> None:
    """Macros, ActiveX and Excel 4 macro sheets show in a part's type or name."""
    words = [*types.values(), *container.namelist()]
    if any(sign in word.lower() for word in words for sign in _ACTIVE):
        raise Refused(_("It contains macros or other active parts. Save it without macros, or as PDF."))


def _notes(container: zipfile.ZipFile) -> list[str]:
    names = container.namelist()
    notes = set()
    for name in names:
        if name.endswith(".rels"):
            for relation in member_xml(container, name).iter(_RELATION):
                notes |= _note_of(relation.get("Type", ""), relation.get("Target", ""), relation.get("TargetMode"))
    if any("/embeddings/" in name for name in names):
        notes.add(_("contains embedded objects"))
    if any("/externalLinks/" in name for name in names):
        notes.add(_("refers to other workbooks"))
    return sorted(notes)


def _note_of(kind: str, target: str, mode: str | None) -> set[str]:
    outside, kind = mode == "External", kind.rsplit("/", 1)[-1]
    if not outside or kind == "hyperlink":
        return set()
    if kind == "attachedTemplate":
        raise Refused(_("It loads a template from elsewhere. Save it as PDF, or detach the template."))
    if kind in {"oleObject", "frame"} and target.lower().startswith(("http:", "https:", "\\\\", "mhtml:")):
        raise Refused(_("It loads content from elsewhere when it is opened. Save it as PDF and upload that."))
    return {_("refers to pictures elsewhere") if kind == "image" else _("refers to content elsewhere")}
