"""Asking for evidence, handing it over, and saying what became of it."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.names import NameField
from cyber360.ui.widgets import DateField, Radios
from peers.evidence.models import EvidenceRequest
from peers.frameworks.models import EvidenceKind, Question

from .base import VersionForm, _long

SOMEONE_NEW = "new"


class RequestForm(forms.Form):
    """Asking for one thing; with `row` the asking is changed and carries its version."""

    prompt = forms.CharField(
        label=_("What is asked for"), max_length=300, error_messages={"required": _("Say what is asked for")}
    )
    good = _long(
        4,
        label=_("What a good one shows"),
        required=False,
        max_length=4000,
        help_text=_("So that people know when to stop."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=EvidenceKind.choices, initial=EvidenceKind.DOCUMENT)
    question = forms.ModelChoiceField(
        label=_("Question"), queryset=Question.objects.none(), required=False, empty_label=_("No one question")
    )
    owner = forms.ModelChoiceField(
        label=_("Who looks for it"), queryset=None, required=False, empty_label=_("Nobody yet")
    )
    due_on = DateField(label=_("By when"), required=False, help_text=_("For example, 27 3 2027"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args, questions, owners, row: EvidenceRequest | None = None, **options) -> None:
        if row is not None:
            names = ("prompt", "good", "kind", "due_on", "version")
            start = {name: getattr(row, name) for name in names}
            options["initial"] = start | {"question": row.question_id, "owner": row.owner_id}
        super().__init__(*args, **options)
        self.fields["question"].queryset = questions
        self.fields["owner"].queryset = owners
        self.fields["version"].required = row is not None
        if row is None:
            del self.fields["version"]


class PersonForm(forms.Form):
    """Whose hands, and by when. Cleans to email, full_name, job_title, due_on."""

    person = forms.ChoiceField(
        label=_("Who should look for it?"),
        widget=Radios,
        error_messages={"required": _("Choose who should look for it")},
    )
    full_name = NameField(required=False)
    email = forms.EmailField(
        label=_("E-mail address"), required=False, help_text=_("At work. They get one mail with a link.")
    )
    job_title = forms.CharField(label=_("Job title"), required=False, max_length=120)
    due_on = DateField(label=_("By when?"), help_text=_("For example, 27 3 2027"))
    mark_optional = False

    def __init__(self, *args, people: list, **options) -> None:
        super().__init__(*args, **options)
        self.people = {str(person.pk): person for person in people}
        known = [
            (pk, f"{one.full_name}, {one.job_title}" if one.job_title else one.full_name)
            for pk, one in self.people.items()
        ]
        self.fields["person"].choices = [*known, (SOMEONE_NEW, _now("Somebody else"))]

    def clean_due_on(self):
        return from_today(self.cleaned_data["due_on"])

    def clean(self) -> dict:
        data = super().clean()
        known = self.people.get(data.pop("person", "") or "")
        if known is not None:
            data.update(email=known.email, full_name=known.full_name, job_title=known.job_title)
        elif "person" not in self.errors:
            if not data.get("full_name"):
                self.add_error("full_name", _now("Enter their full name"))
            if not data.get("email") and "email" not in self.errors:
                self.add_error("email", _now("Enter their e-mail address"))
        return data


def from_today(day: date) -> date:
    if day < timezone.localdate():
        raise forms.ValidationError(_now("The day must be today or later"))
    return day


class HandOverForm(VersionForm, PersonForm):
    """One request: cleans to the version as well."""

    field_order = ["version", "person", "full_name", "email", "job_title", "due_on"]

    def __init__(self, *args, row: EvidenceRequest, people: list, **options) -> None:
        super().__init__(*args, row=row, people=people, initial={"due_on": row.due_on}, **options)


class DayForm(forms.Form):
    due_on = DateField(label=_("By when?"), help_text=_("For example, 27 3 2027"))

    def clean_due_on(self):
        return from_today(self.cleaned_data["due_on"])


class SettleForm(VersionForm):
    state = forms.ChoiceField(
        label=_("What should the peers know?"),
        choices=[
            (EvidenceRequest.State.NOT_HELD, _("We do not hold it")),
            (EvidenceRequest.State.NOT_NEEDED, _("It is not needed here")),
        ],
        widget=Radios,
        error_messages={"required": _("Choose one")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        help_text=_("The peers read this. Not holding something is an answer too."),
        error_messages={"required": _("Give the reason")},
    )
    field_order = ["version", "state", "reason"]
