"""A file to check, the checked file on its way back, and two versions to compare."""

import base64
import binascii
import zlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peers.frameworks.importer.loader import MAX_BYTES
from peers.frameworks.models import FrameworkVersion
from peers.frameworks.queries import versions_with_counts


class CheckForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Questionnaire file"),
        help_text=gettext_lazy("A YAML file of at most 2 MB. It is checked first; nothing is kept yet."),
        allow_empty_file=True,
        max_length=200,
        # A body over the limit reaches no upload handler, so the field looks empty.
        error_messages={"required": gettext_lazy("Choose a YAML file of at most 2 MB")},
    )

    def raw(self) -> bytes:
        """At most one byte over the limit: enough to say that the file is too large."""
        return self.cleaned_data["file"].read(MAX_BYTES + 1)


class DraftForm(forms.Form):
    """The file that was checked, packed in the page, so that nobody has to choose it twice."""

    packed = forms.CharField(widget=forms.HiddenInput, max_length=MAX_BYTES)
    name = forms.CharField(widget=forms.HiddenInput, max_length=200)

    def clean_packed(self) -> bytes:
        """The bytes of the file; unpacking stops at the limit."""
        wrong = ValidationError(_("The checked file was lost on its way. Choose it again."))
        try:
            unpacker = zlib.decompressobj()
            raw = unpacker.decompress(base64.b64decode(self.cleaned_data["packed"], validate=True), MAX_BYTES + 1)
        except (binascii.Error, ValueError, zlib.error) as error:
            raise wrong from error
        if len(raw) > MAX_BYTES or not unpacker.eof:
            raise wrong
        return raw


def packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, 9)).decode()


class CompareForm(forms.Form):
    """GET form: `old` and `new` are ids of versions."""

    mark_optional = False

    old = forms.ModelChoiceField(
        label=gettext_lazy("Older version"), queryset=FrameworkVersion.objects.none(), required=False
    )
    new = forms.ModelChoiceField(
        label=gettext_lazy("Newer version"), queryset=FrameworkVersion.objects.none(), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("old", "new"):
            self.fields[name].queryset = versions_with_counts()

    def pair(self) -> tuple[FrameworkVersion, FrameworkVersion] | None:
        """Both versions, or None until both are chosen."""
        if not self.is_valid():
            return None
        old, new = self.cleaned_data["old"], self.cleaned_data["new"]
        return (old, new) if old and new else None
