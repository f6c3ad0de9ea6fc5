"""The shapes of input of the dates under discussion."""

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.templatetags.ui import nice_date
from cyber360.ui.widgets import DateField, Radios
from peers.planning.models import DateAnswerWord, DateOption


def _in_order(form: forms.Form, data: dict) -> dict:
    first, last = data.get("first_day"), data.get("last_day")
    if first and last and last < first:
        form.add_error("last_day", _("The last day is before the first."))
    return data


class OptionForm(forms.Form):
    first_day = DateField(label=_("First day"))
    last_day = DateField(label=_("Last day"))

    def clean(self) -> dict:
        return _in_order(self, super().clean())


class HostDaysForm(forms.Form):
    possible = forms.ChoiceField(
        label=_("On these days the council"),
        choices=[("no", _("Cannot be visited")), ("yes", _("Can be visited"))],
        widget=Radios(
            hints={
                "no": _("For example a council or cabinet day, an election, a leader who is away."),
                "yes": _("Once there are such days, the visit is looked for on these alone."),
            }
        ),
        error_messages={"required": _("Choose whether the council can be visited")},
    )
    first_day = DateField(label=_("First day"))
    last_day = DateField(label=_("Last day"))
    words = forms.CharField(label=_("What for"), max_length=120, required=False)

    def clean(self) -> dict:
        return _in_order(self, super().clean())

    def values(self) -> dict:
        """The keywords of `services.add_host_days`."""
        data = self.cleaned_data
        return {
            "first_day": data["first_day"],
            "last_day": data["last_day"],
            "possible": data["possible"] == "yes",
            "words": data["words"],
        }


class AnswerDatesForm(forms.Form):
    """One question for each of the days under discussion."""

    mark_optional = False

    def __init__(self, *args, options: Iterable[DateOption], answers: Mapping[int, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for option in options:
            words = {"first": nice_date(option.first_day), "last": nice_date(option.last_day)}
            self.fields[f"option_{option.pk}"] = forms.ChoiceField(
                label=_("%(first)s to %(last)s") % words,
                choices=[*DateAnswerWord.choices, ("", _("I do not know yet"))],
                widget=Radios(inline=True, small=True),
                required=False,
                initial=answers.get(option.pk, ""),
            )

    def answers(self) -> dict[int, str]:
        """Words by option id."""
        return {int(name.removeprefix("option_")): word for name, word in self.cleaned_data.items()}
