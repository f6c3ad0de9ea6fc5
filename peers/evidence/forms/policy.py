"""What a council lets in, and lets be taken away."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import Radios
from peers.challenges.models import Challenge

from .base import VersionForm

_GIVEN = {
    "both": _("Files are kept encrypted here; links point to what stays with you."),
    "files": _("Everything can be read here, and what was read can be shown to you."),
    "links": _("Nothing is kept here but the address, where it is, and who can open it. We never open it ourselves."),
}
_TAKEN = {
    "page": _("Readers see pictures of the pages with their own name across them, or the words of the document."),
    "marked": _("As above, and a PDF may be saved with the reader's name on each page. Other files stay in the page."),
    "originals": _("Readers save the files to their own computer. What happens there is out of your hands and ours."),
}


class PolicyForm(VersionForm):
    evidence_policy = forms.ChoiceField(
        label=_("How do you give evidence?"),
        choices=Challenge.EvidencePolicy.choices,
        widget=Radios(hints=_GIVEN),
        error_messages={"required": _("Choose how you give evidence")},
    )
    download_policy = forms.ChoiceField(
        label=_("What may readers from outside the council take away?"),
        help_text=_("You and your contributors can always take your own files. A name across a page makes people "
                    "careful, it does not stop them."),
        choices=Challenge.DownloadPolicy.choices,
        widget=Radios(hints=_TAKEN),
        error_messages={"required": _("Choose what readers may take away")},
    )  # fmt: skip

    def __init__(self, *args, row: Challenge, **options) -> None:
        start = {"evidence_policy": row.evidence_policy, "download_policy": row.download_policy}
        super().__init__(*args, row=row, initial=start, **options)
