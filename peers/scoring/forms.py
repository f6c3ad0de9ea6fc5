from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import ManyField

from .models import Confidence

NOT_EXPLORED = "not_explored"


class LevelFields(forms.Form):
    """Level radios with this question's own descriptors, and “not explored” as one more choice."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    level = forms.ChoiceField(label=_("Level"), widget=forms.RadioSelect, required=False)

    def __init__(self, *args, descriptors, words, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(row.level), f"{row.level} {words.get(row.level, '')}: {row.text}") for row in descriptors]
        self.fields["level"].choices = [*choices, (NOT_EXPLORED, _("Not explored: we did not look into this"))]

    def clean(self) -> dict:
        data = super().clean()
        chosen = data.pop("level", "")
        data["not_explored"] = chosen == NOT_EXPLORED
        data["level"] = int(chosen) if chosen not in {"", NOT_EXPLORED} else None
        return data


class ScoreForm(LevelFields):
    confidence = forms.ChoiceField(
        label=_("How sure are you?"), choices=Confidence.choices, widget=forms.RadioSelect, required=False
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "data-maxwords": 200}),
        help_text=_("What you saw or heard, and from which kind of source. Only you see it until the reveal."),
    )
    evidence = ManyField(
        label=_("Evidence it rests on"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    conversations = ManyField(
        label=_("Conversations it rests on"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, evidence, conversations, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].queryset = evidence
        self.fields["conversations"].queryset = conversations


class AgreeForm(LevelFields):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "data-maxwords": 150}),
        help_text=_("Why the team settles on this level. It is never an average."),
    )
    dissent = forms.CharField(
        label=_("Another view, if somebody holds one"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Names stay out. Leave empty when everybody agrees."),
    )

    def clean(self) -> dict:
        data = super().clean()
        if data["level"] is None and not data["not_explored"]:
            self.add_error("level", _("Choose a level, or “not explored”."))
        return data
