"""Why there is nothing to show, as a sentence; and how often a document that broke its reader is tried."""

from django.utils.translation import gettext as _

from cyber360.exceptions import ExpectedError
from cyber360.files.sandbox import SandboxFailed

TRIES = 2  # one retry, then never again: a document that breaks its reader would cost half a minute at each look


class NoPreview(ExpectedError):
    """Nothing can be shown of this file; `message` is a plain sentence."""


def no_preview(word: str) -> NoPreview:
    """`word` is one of SandboxFailed's, or of our own."""
    sentences = {
        "missing": _("Previews are switched off, because this installation has no sandbox to read documents in."),
        "kind": _("There is no preview for this kind of file."),
        "gone": _("The file is no longer here."),
        "infected": _("There is no preview: a virus was found in the file."),
        "number": _("The document has no such page."),
    }
    otherwise = _("No preview could be made of this file. It may be damaged or too complex.")
    return NoPreview(sentences.get(word, otherwise))


def counts(failed: SandboxFailed) -> bool:
    """False for what is wrong with the installation and not with the document."""
    return failed.word != "missing"
