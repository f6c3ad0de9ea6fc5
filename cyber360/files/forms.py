from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.files.checks import ACCEPTED
from cyber360.files.handler import VaultUpload
from cyber360.files.models import ConcernKind
from cyber360.files.sensitive import kinds_typed
from cyber360.files.steps import kinds_in_words
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


def refuse_sensitive(text: str) -> None:
    """A validator of typed words. Raises ValidationError for a marking, a key, passwords or residents' numbers."""
    kinds = kinds_typed(text)
    if ConcernKind.MARKING in kinds:
        raise forms.ValidationError(
            _now(
                "SECRET and TOP SECRET are markings: nothing that carries one may be put here. If you mean the word "
                "and not the marking, write it in small letters."
            ),
            code="sensitive",
        )
    if kinds:
        raise forms.ValidationError(
            _now("This looks as if it held %(kinds)s, which must not be put here. Say it in other words.")
            % {"kinds": kinds_in_words(kinds)},
            code="sensitive",
        )


class SafeWords(forms.Form):
    """Put before another form: what people type into the fields named in `safe_words` is looked through."""

    safe_words: tuple[str, ...] = ("title", "shows", "where", "who_can_open", "reason")

    def clean(self):
        data = super().clean()
        for name in self.safe_words:
            words = self.cleaned_data.get(name)
            if isinstance(words, str):
                try:
                    refuse_sensitive(words)
                except forms.ValidationError as wrong:
                    self.add_error(name, wrong)
        return data
