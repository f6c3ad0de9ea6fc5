"""The shapes of input of planning."""

import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField, Radios
from peers.planning.models import TeamRole
from peers.pool.models import Interest, Role, SkillTheme

DAYS_TO_ANSWER = 10


class CandidateFilterForm(forms.Form):
    mark_optional = False
    q = forms.CharField(label=_("Name, council or job"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Kind of peer"), required=False, choices=[("", _("All")), *Role.choices])
    region = forms.ChoiceField(label=_("Region"), required=False)
    skill = forms.ChoiceField(
        label=_("Knows about"), required=False, choices=[("", _("Any theme")), *SkillTheme.choices]
    )
    free_only = forms.BooleanField(label=_("Only those who are free on the days of the visit"), required=False)

    def __init__(self, *args: object, regions: list[str] | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("All")), *[(name, name) for name in regions or []]]


class ProposeForm(forms.Form):
    """One peer and the role in which they go on the list."""

    profile = forms.IntegerField(widget=forms.HiddenInput)
    role = forms.ChoiceField(label=_("Role"), choices=TeamRole.choices)


class InviteForm(forms.Form):
    answer_by = DateField(label=_("Answer by"))
    reason = forms.CharField(
        label=_("Why this peer is right all the same"),
        help_text=_("Kept with the invitation. The peer and the host do not see it."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    message = forms.CharField(
        label=_("A few words to the peer"),
        help_text=_("Stands on the invitation page, not in the mail."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: object, warnings: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer_by"].initial = timezone.localdate() + datetime.timedelta(days=DAYS_TO_ANSWER)
        if not warnings:
            self.fields.pop("reason")
        else:
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = _("Give the reason why this peer is right all the same")

    def clean_answer_by(self) -> datetime.date:
        day = self.cleaned_data["answer_by"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("The day to answer by has passed. Choose today or later."))
        return day


class RemoveForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept with the team list. The host does not see it."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give the reason for taking this peer off")},
    )


class AnswerForm(forms.Form):
    """The peer's answer. A yes says whether there is a tie; a no says why."""

    NONE = "none"
    answer = forms.ChoiceField(
        label=_("Can you join the team?"),
        choices=[("accept", _("Yes, I join")), ("decline", _("No, I cannot"))],
        widget=Radios,
        error_messages={"required": _("Choose yes or no")},
    )
    tie = forms.ChoiceField(
        label=_("Is there anything that ties you to this council?"),
        help_text=_("A job, a contract, family, a shared service. You need not repeat what is on your profile."),
        choices=[(NONE, _("No, nothing new")), *Interest.Kind.choices],
        widget=Radios,
        required=False,
    )
    tie_words = forms.CharField(label=_("The tie, in a few words"), max_length=400, required=False)
    reason = forms.CharField(
        label=_("If you cannot: why"),
        help_text=_("Only the coordinator reads this."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    mark_optional = False

    def clean(self) -> dict:
        data = super().clean()
        if data.get("answer") == "accept" and not data.get("tie"):
            self.add_error("tie", _("Say whether anything ties you to this council"))
        if data.get("answer") == "decline" and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why you cannot come"))
        return data

    def values(self) -> dict:
        """The keywords of `services.answer_invitation`."""
        data = self.cleaned_data
        tie = data["tie"] if data["tie"] != self.NONE else ""
        return {
            "accept": data["answer"] == "accept",
            "reason": data["reason"],
            "tie_kind": tie,
            "tie_words": data["tie_words"] if tie else "",
        }
