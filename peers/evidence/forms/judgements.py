"""The team's four words about the evidence of a theme, each with a sentence."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import Radios
from peers.evidence.models import QUALITIES, Sufficiency
from peers.evidence.models.judgements import WHY_LENGTH
from peers.evidence.services.judgements import NOTHING_SAID

from .base import _long

ASKED = {
    "complete": _("Complete: is what we need to see there?"),
    "accurate": _("Accurate: does it agree with what is so?"),
    "relevant": _("Relevant: does it speak to the questions of this theme, and to today?"),
    "consistent": _("Consistent: do the sources agree with one another?"),
}
WHY = {
    "complete": _("What is there, and what is missing?"),
    "accurate": _("How do you know?"),
    "relevant": _("What speaks to it, and what does not?"),
    "consistent": _("Where do they differ?"),
}


class JudgementForm(forms.Form):
    """Cleans to `version` (0 for the first) and `words`, as `services.save_judgement` takes them."""

    mark_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        for name in QUALITIES:
            self.fields[name] = forms.ChoiceField(
                label=ASKED[name], choices=Sufficiency.choices, required=False, widget=Radios(inline=True)
            )
            self.fields[f"{name}_why"] = _long(2, label=WHY[name], required=False, max_length=WHY_LENGTH)

    def clean(self) -> dict:
        data = super().clean()
        names = [name for quality in QUALITIES for name in (quality, f"{quality}_why")]
        words = {name: data.get(name, "") for name in names}
        if not self.errors and not any(words.values()):
            raise forms.ValidationError(NOTHING_SAID, code="required")
        return {"version": data.get("version"), "words": words}
