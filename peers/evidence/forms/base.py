"""What several forms share: the mark against sending twice, the version begun on, a reason."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.files.checks import ACCEPTED
from cyber360.files.handler import VaultUpload
from cyber360.ui.widgets import FilesInput


def _long(rows: int, **options) -> forms.CharField:
    """Long text without a count of characters: the limit is said only when it is passed."""
    field = forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **options)
    field.widget.attrs.pop("maxlength", None)
    return field


class UploadsField(forms.Field):
    """One or several received files, refused ones among them: the page says of each what became of it."""

    default_error_messages = {"required": _("Choose at least one file")}

    def __init__(self, *, several: bool = True, **options) -> None:
        widget = FilesInput if several else forms.FileInput
        super().__init__(widget=widget(attrs={"accept": ACCEPTED.replace(" ", "")}), **options)

    def clean(self, value) -> list[VaultUpload]:
        uploads = [upload for upload in (value if isinstance(value, list) else [value]) if upload]
        if not uploads and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return uploads


class OnceForm(forms.Form):
    """`token` names one sending of the form, so that a double click or a reload adds nothing twice."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["token"].initial = uuid.uuid4

    def clean_token(self) -> str:
        return str(self.cleaned_data["token"] or "")


class VersionForm(forms.Form):
    """`version` is that of the row on which the person began."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        error_messages={"required": _("Copy your text, then open this page again.")},
    )

    def __init__(self, *args, row, **options) -> None:
        options["initial"] = {"version": row.version, **options.get("initial", {})}
        super().__init__(*args, **options)


class ReasonForm(forms.Form):
    """A reason, with the words that its page needs."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give the reason")},
    )

    def __init__(self, *args, label: str = "", help_text: str = "", **options) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].label = label or self.fields["reason"].label
        self.fields["reason"].help_text = help_text
        self.fields["reason"].widget.attrs.pop("maxlength", None)
