from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peers.records.queries import PARTS


class InformationForm(forms.Form):
    """The council's own reference of the request, and which parts of the record are wished for."""

    reference = forms.CharField(
        label=_("Reference of the request"),
        help_text=_("Your own number for it, so that the copy can be found again. Leave it empty if there is none."),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    parts = forms.MultipleChoiceField(
        label=_("What the copy should hold"),
        help_text=_("Each part holds what your seat may read, and nothing else."),
        choices=lambda: list(PARTS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one part of the record")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"parts": list(PARTS)})
        super().__init__(*args, **kwargs)


class ReferenceForm(forms.Form):
    """The asker's own reference of a request about a person."""

    reference = forms.CharField(
        label=_("Reference of the request"),
        help_text=_("Your own number for it. Leave it empty if there is none."),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
