"""A file of peers to check, and the checked file on its way back."""

import base64
import binascii
import zlib

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from peers.pool.sheets.reading import MAX_BYTES

LOST = _("The checked file was lost on its way. Choose it again.")


class PeerFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file of peers"),
        help_text=_("At most 2 MB. It is checked first; nothing is written yet."),
        allow_empty_file=True,
        max_length=200,
        # A body over the limit reaches no upload handler, so the field looks empty.
        error_messages={"required": _("Choose a CSV file of at most 2 MB")},
    )

    def raw(self) -> bytes:
        """At most one byte over the limit: enough to say that the file is too large."""
        return self.cleaned_data["file"].read(MAX_BYTES + 1)


class TakeForm(forms.Form):
    """The file that was checked, packed in the page, so that nobody has to choose it twice."""

    mark_optional = False
    packed = forms.CharField(widget=forms.HiddenInput, max_length=MAX_BYTES)
    tell = forms.BooleanField(
        label=_("Send each new person their invitation by mail now"), required=False,
        help_text=_("Without it nobody is told. You can send an invitation later from the person's page."),
    )  # fmt: skip

    def clean_packed(self) -> bytes:
        """The bytes of the file; unpacking stops at the limit."""
        try:
            unpacker = zlib.decompressobj()
            raw = unpacker.decompress(base64.b64decode(self.cleaned_data["packed"], validate=True), MAX_BYTES + 1)
        except (binascii.Error, ValueError, zlib.error) as error:
            raise ValidationError(LOST) from error
        if len(raw) > MAX_BYTES or not unpacker.eof:
            raise ValidationError(LOST)
        return raw


def packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw)).decode()
