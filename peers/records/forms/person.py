from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.models import User
from cyber360.accounts.names import NameField

_OFF = {"autocomplete": "off"}  # it is another person's, not that of whoever types


class PeopleForm(forms.Form):
    """Part of a name or of an e-mail address."""

    mark_optional = False
    words = forms.CharField(label=_("Name or e-mail address"), max_length=120, required=False)


class CorrectForm(forms.Form):
    """What an account says of a person. Without the address when it may not be moved."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    full_name = NameField(widget=forms.TextInput(attrs=_OFF), error_messages={"required": _("Enter the name")})
    job_title = forms.CharField(
        label=_("Job title"), max_length=120, required=False, widget=forms.TextInput(attrs=_OFF)
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The person is told at the old and at the new address, and signs in with the new one."),
        max_length=254,
        widget=forms.EmailInput(attrs=_OFF),
        error_messages={
            "required": _("Enter the e-mail address"),
            "invalid": _("Enter an e-mail address in the form name@example.org"),
        },
    )

    def __init__(self, *args: Any, person: User, address_stays: bool, **kwargs: Any) -> None:
        names = ("version", "full_name", "job_title", "email")
        kwargs.setdefault("initial", {name: getattr(person, name) for name in names})
        super().__init__(*args, **kwargs)
        self.person = person
        if address_stays:
            del self.fields["email"]

    def values(self) -> dict[str, Any]:
        return {"email": self.person.email, **self.cleaned_data}


class EraseForm(forms.Form):
    typed = forms.CharField(
        label=_("Type the person’s name to confirm"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", **_OFF}),
        error_messages={"required": _("Type the person’s name")},
    )
