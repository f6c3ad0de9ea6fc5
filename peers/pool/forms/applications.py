"""Asking somebody to apply, their home council, their application, and the decision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.names import NameField
from cyber360.ui.widgets import Radios
from peers.pool.models import Role

from .people import ProfileForm, refuse_mismatch, seniority_choices


class PoolInvitationForm(forms.Form):
    full_name = NameField()
    email = forms.EmailField(label=_("Work e-mail address"), max_length=254)


class CouncilSearchForm(forms.Form):
    """A GET form: words of the council's name."""

    mark_optional = False
    q = forms.CharField(label=_("Name of your council"), max_length=80)


class ApplicationForm(ProfileForm):
    """A profile as an application: the person also says what kind of peer they are."""

    role = forms.ChoiceField(
        label=_("What kind of peer would you be?"),
        choices=Role.choices,
        widget=Radios(
            hints={
                Role.OFFICER: _("You work for the council."),
                Role.MEMBER: _("You are a councillor or an elected mayor."),
                Role.SPECIALIST: _("You work on cyber security and would advise the team."),
            }
        ),
    )

    field_order = ["role", "seniority", "job_title", "party", "biography"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]
        self.fields["seniority"].choices = seniority_choices()
        if "party" not in self.fields:
            self.fields["party"] = forms.CharField(label=_("Party"), max_length=60, required=False)
        self.fields["party"].help_text = _("For councillors only.")
        self.fields["job_title"].label = _("Job title or office")
        self.order_fields(self.field_order)

    def clean(self) -> dict:
        data = super().clean()
        refuse_mismatch(self, data)
        return data


class TurnDownForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept for coordinators. The person is told that they are not taken, not why."),
    )  # fmt: skip
