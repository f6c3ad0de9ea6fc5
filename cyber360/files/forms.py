from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.files.checks import ACCEPTED
from cyber360.files.handler import VaultUpload
from cyber360.ui.widgets import FilesInput


class FilesField(forms.FileField):
    """One or several files. Cleans to the list of accepted `VaultUpload`s; one refused file refuses the form."""

    default_error_messages = {"required": _("Choose at least one file.")}

    def __init__(self, *, several: bool = True, **kwargs) -> None:
        kind = FilesInput if several else forms.FileInput
        kwargs.setdefault("widget", kind(attrs={"accept": ACCEPTED}))
        super().__init__(**kwargs)

    def clean(self, data, initial=None) -> list[VaultUpload]:
        uploads = [upload for upload in (data if isinstance(data, (list, tuple)) else [data]) if upload]
        if not uploads and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        refusals = [upload.refusal for upload in uploads if upload.refusal]
        if refusals:
            raise forms.ValidationError(refusals)
        return uploads
