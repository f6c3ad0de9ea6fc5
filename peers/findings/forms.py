from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField, ManyField
from peers.frameworks.models import CafOutcome

from .models import HEADLINE_WORDS, NARRATIVE_WORDS, FindingState, FindingType, Urgency


def _boxes(label):
    return ManyField(label=label, queryset=None, required=False, widget=forms.CheckboxSelectMultiple)


class FindingForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("Type"), choices=FindingType.choices, widget=forms.RadioSelect)
    theme = forms.ModelChoiceField(label=_("Theme"), queryset=None)
    headline = forms.CharField(
        label=_("Headline"), max_length=240, widget=forms.Textarea(attrs={"rows": 2, "data-maxwords": HEADLINE_WORDS}),
        help_text=_("At most 20 words that say the thing itself."),
    )  # fmt: skip
    narrative = forms.CharField(
        label=_("What we saw and why it matters"), required=False, max_length=2500,
        widget=forms.Textarea(attrs={"rows": 7, "data-maxwords": NARRATIVE_WORDS}),
        help_text=_("At most 150 words: what, from how many kinds of source, why it matters here. Roles, never names."),
    )  # fmt: skip
    owner_suggestion = forms.CharField(
        label=_("For which role"), max_length=120, required=False, help_text=_("For a recommendation.")
    )
    urgency = forms.ChoiceField(label=_("How soon"), choices=[("", _("Not said")), *Urgency.choices], required=False)
    caf_outcome = forms.ModelChoiceField(
        label=_("CAF outcome"), queryset=CafOutcome.objects.all(), required=False, empty_label=_("None")
    )
    confidence = forms.ChoiceField(
        label=_("Confidence"), required=False,
        choices=[("", _("Not said")), ("low", _("Low")), ("medium", _("Medium")), ("high", _("High"))],
    )  # fmt: skip
    evidence = _boxes(_("Documents it rests on"))
    conversations = _boxes(_("Conversations it rests on"))
    sensitive = forms.BooleanField(label=_("Only for the host's own annex"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[(s.value, s.label) for s in (FindingState.CAPTURED, FindingState.GROUPED, FindingState.WORDED)],
    )  # fmt: skip

    def __init__(self, *args, themes, evidence, conversations, is_new: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].queryset = themes
        self.fields["evidence"].queryset = evidence
        self.fields["conversations"].queryset = conversations
        if is_new:
            del self.fields["state"], self.fields["version"]

    def clean(self) -> dict:
        data = super().clean()
        if data.get("kind") == FindingType.RECOMMENDATION and not data.get("owner_suggestion"):
            self.add_error("owner_suggestion", _("Say for which role the recommendation is."))
        if data.get("kind") == FindingType.RECOMMENDATION and not data.get("urgency"):
            self.add_error("urgency", _("Say how soon."))
        return data


class DecideForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label=_("Decision"), widget=forms.RadioSelect,
        choices=[("agreed", _("Agree")), ("dropped", _("Drop")), ("worded", _("Reopen"))],
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason, if dropped"), max_length=400, required=False)

    def clean(self) -> dict:
        data = super().clean()
        if data.get("state") == FindingState.DROPPED and not data.get("reason"):
            self.add_error("reason", _("Give the reason for dropping it."))
        return data


class FeedbackForm(forms.Form):
    held_on = DateField(label=_("Held on"))
    attendee_roles = forms.CharField(
        label=_("Roles of those present"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line. Roles, not names."),
    )  # fmt: skip
    notes = forms.CharField(
        label=_("What was said in reply"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
