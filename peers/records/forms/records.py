from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField
from peers.records.models import CountedFrom, Kind
from peers.records.queries import countings_for


def _reason(label: Any, missing: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=400, widget=area, error_messages={"required": missing})


class PeriodForm(forms.Form):
    """How long one kind is kept. `version` names what the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    days = forms.IntegerField(
        label=_("Days"),
        min_value=0,
        max_value=36_500,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
    )
    counted_from = forms.ChoiceField(label=_("Counted from"), widget=forms.RadioSelect)
    reason = _reason(_("Why so long"), _("Say why records of this kind are kept so long"))
    first_warning = forms.IntegerField(
        label=_("First warning, days before"),
        min_value=2,
        max_value=365,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    second_warning = forms.IntegerField(
        label=_("Second warning, days before"),
        min_value=1,
        max_value=364,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted_from = self.fields["counted_from"]
        assert isinstance(counted_from, forms.ChoiceField)
        counted_from.choices = [(one.value, one.label) for one in countings_for(kind)]
        if kind not in (Kind.NOTES, Kind.EVIDENCE):
            for name in ("first_warning", "second_warning"):
                self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first_warning", 0) <= data.get("second_warning", 0) and len(data) == len(self.fields):
            self.add_error("first_warning", _("The first warning comes before the second: give more days."))
        return data

    def values(self) -> dict[str, Any]:
        return {**self.cleaned_data, "counted_from": CountedFrom(self.cleaned_data["counted_from"])}


class AskForm(forms.Form):
    due_on = DateField(label=_("By when it should be gone"), error_messages={"required": _("Enter a day")})
    reason = _reason(_("Why sooner"), _("Say why you want it sooner"))


class ApproveForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    typed = forms.CharField(
        label=_("Type the challenge’s reference to confirm"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
        error_messages={"required": _("Type the reference")},
    )


class PutOffForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    due_on = DateField(label=_("The new day"), error_messages={"required": _("Enter a day")})
    reason = _reason(_("Reason"), _("Give the reason for the later day"))


class HoldForm(forms.Form):
    reason = _reason(_("Reason"), _("Give the reason for the hold"))


class LiftForm(forms.Form):
    reason = _reason(_("Why it is lifted"), _("Say why the hold is lifted"))
