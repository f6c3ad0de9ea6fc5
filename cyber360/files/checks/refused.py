"""Types that are never accepted, and what to do instead."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_PROGRAM_WORDS = (
    "ade adp apk app appx bat bin chm cmd com cpl dll dmg exe gadget hta inf iso jar js jse lnk mde msc msi msix msp "
    "mst pif ps1 ps2 psc1 py reg scf scr sct sh sys url vb vbe vbs wsc wsf wsh xll"
)
PROGRAMS = frozenset(_PROGRAM_WORDS.split(" "))
_KEPT_AWAY = "1pux agilekeychain bek enpassdb jceks jks kdb kdbx keystore opvault p12 pem pfx ppk psafe3"
SECRETS = frozenset(_KEPT_AWAY.split(" "))  # password stores, private keys and what holds them
ARCHIVES = frozenset(("zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz", "zst", "cab", "arj", "lzh", "ace", "z"))
_TO_WORD = _("Save it as DOCX or PDF.")
_TO_EXCEL = _("Save it as XLSX or PDF.")
_TO_SLIDES = _("Save it as PPTX or PDF.")
_NO_MACROS = _("Files with macros are not accepted. Save it without macros, or as PDF.")
_UNPACK = _("Archives are not accepted. Unpack it and upload the files one by one.")
_PAGE = _("Web pages are not accepted. Print it to PDF and upload that.")
_PICTURE = _("Save the picture as PNG or JPEG.")
_KEPT_APART = _("Keys and password stores must not be put here. Say in a sentence how they are kept instead.")
_MEDIA = _("Sound and film are not accepted. Link to where it is kept instead.")

ADVICE: dict[str, Promise] = {
    **dict.fromkeys(("doc", "dot", "dotx", "rtf", "pages", "wpd", "wps", "fodt"), _TO_WORD),
    **dict.fromkeys(("xls", "xlt", "xltx", "xlsb", "numbers", "fods", "tsv"), _TO_EXCEL),
    **dict.fromkeys(("ppt", "pps", "pot", "potx", "ppsx", "key", "fodp"), _TO_SLIDES),
    **dict.fromkeys(("docm", "dotm", "xlsm", "xltm", "xlam", "xla", "pptm", "ppsm", "potm", "ppam"), _NO_MACROS),
    **dict.fromkeys(ARCHIVES, _UNPACK),
    **dict.fromkeys(("html", "htm", "xhtml", "mht", "mhtml", "svg", "xml", "xps"), _PAGE),
    **dict.fromkeys(("gif", "bmp", "tif", "tiff", "webp", "heic", "heif", "ico", "psd", "ai", "eps"), _PICTURE),
    **dict.fromkeys(("mp3", "mp4", "mov", "avi", "wav", "m4a", "wmv", "mkv", "webm"), _MEDIA),
    **dict.fromkeys(("pst", "ost", "mbox"), _("Save the single mails as EML or MSG, or print them to PDF.")),
    **dict.fromkeys(("one", "onepkg", "vsd", "vsdx", "pub", "mpp", "mdb", "accdb"), _("Save it as PDF.")),
    **dict.fromkeys(SECRETS, _KEPT_APART),
    **dict.fromkeys(PROGRAMS, _("Programs and scripts are not accepted.")),
}
OTHERWISE = _("Save it as PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, CSV, TXT, PNG or JPEG.")
