"""The rules of conflicts, a conflict that came up later, and the host's objection."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import Radios
from peers.planning.models.rules import MOST_MONTHS
from peers.planning.pairing.conflicts import Strength

STRENGTHS = [
    (Strength.BARS.value, _("Bars: nobody can be invited")),
    (Strength.WARNS.value, _("Warns: a coordinator may invite with a reason")),
    (Strength.OFF.value, _("Off: nobody is told")),
]


class RuleForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    strength = forms.ChoiceField(label=_("What it does"), choices=STRENGTHS, widget=Radios)
    months = forms.IntegerField(
        label=_("For how many months it counts"),
        help_text=_("Empty means without end."),
        required=False,
        min_value=1,
        max_value=MOST_MONTHS,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    mark_optional = False

    def __init__(self, *args: Any, windowed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not windowed:
            self.fields.pop("months")

    def values(self) -> dict:
        """The keywords of `services.set_rule`."""
        data = self.cleaned_data
        return {
            "strength": Strength(data["strength"]),
            "months": data.get("months"),
            "version": data["version"],
        }


class SettleForm(forms.Form):
    """Keep the person, which a conflict that bars does not offer, or take them off."""

    outcome = forms.ChoiceField(
        label=_("What do you decide?"),
        widget=Radios,
        error_messages={"required": _("Choose what you decide")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept with the team list. The peer and the host do not see it."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give the reason")},
    )

    def __init__(self, *args: Any, bars: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = [] if bars else [("keep", _("Keep them on the team"))]
        self.fields["outcome"].choices = [*keep, ("take_off", _("Take them off the team"))]

    def values(self) -> dict:
        return {"keep": self.cleaned_data["outcome"] == "keep", "reason": self.cleaned_data["reason"]}


class ObjectForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Only the coordinator and your own council's lead and sponsor read it. No peer ever does."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Give the reason")},
    )


class SettleObjectionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What do you decide?"),
        choices=[("keep", _("They stay on the team")), ("take_off", _("Take them off the team"))],
        widget=Radios(hints={"take_off": _("They get the same mail as anybody whose place ends. It gives no reason.")}),
        error_messages={"required": _("Choose what you decide")},
    )
    explanation = forms.CharField(
        label=_("Your words to the host"),
        help_text=_("Needed when the person stays. The host reads them; peers do not."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    mark_optional = False

    def clean(self) -> dict:
        data = super().clean()
        if data.get("outcome") == "keep" and not data.get("explanation", "").strip():
            self.add_error("explanation", _("Explain to the host why this person stays"))
        return data

    def values(self) -> dict:
        return {"keep": self.cleaned_data["outcome"] == "keep", "explanation": self.cleaned_data["explanation"]}
