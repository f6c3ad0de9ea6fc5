"""The shapes of input of reports."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import Radios
from peers.findings.models import HEADLINE_WORDS, NARRATIVE_WORDS, Finding, FindingType, Urgency

from .models import TEXT_LIMIT, FactComment, Source


class VersionedForm(forms.Form):
    """`version` is that of the row on which the person began to write."""

    mark_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": _("Open this page again.")})


class SectionForm(VersionedForm):
    text = forms.CharField(
        label=_("Text"), required=False, max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text=_("Markdown: ### for a heading, - for a list, ** for bold. Roles, never names."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs.pop("maxlength", None)


class RewordForm(VersionedForm):
    headline = forms.CharField(
        label=_("Headline"), max_length=240, widget=forms.Textarea(attrs={"rows": 2, "data-maxwords": HEADLINE_WORDS})
    )
    narrative = forms.CharField(
        label=_("What we saw and why it matters"), max_length=2500,
        widget=forms.Textarea(attrs={"rows": 8, "data-maxwords": NARRATIVE_WORDS}),
    )  # fmt: skip
    owner_suggestion = forms.CharField(label=_("For which role"), max_length=120)
    urgency = forms.ChoiceField(label=_("How soon"), choices=Urgency.choices)
    sensitive = forms.BooleanField(
        label=_("Only for the council’s own annex"), required=False,
        help_text=_("It then stands in no report, page or PDF but the annex, which the council alone receives."),
    )  # fmt: skip

    def __init__(self, *args, finding: Finding, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if finding.kind != FindingType.RECOMMENDATION:
            del self.fields["owner_suggestion"], self.fields["urgency"]


class SettingsForm(VersionedForm):
    marking = forms.CharField(label=_("Marking"), max_length=40, help_text=_("Printed above and below every page."))
    show_levels = forms.BooleanField(
        label=_("Show the levels, as words"), required=False,
        help_text=_("The council’s own level and the agreed level by theme. They are never compared between councils."),
    )  # fmt: skip


class SignOffForm(forms.Form):
    text_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    confirm = forms.BooleanField(
        label=_("I have read the whole draft and stand behind it."),
        error_messages={"required": _("Tick the box to sign off")},
    )


class CommentForm(forms.Form):
    passage = forms.CharField(
        label=_("The words that are not right"), max_length=600, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Copy them from the draft."),
    )  # fmt: skip
    comment = forms.CharField(
        label=_("What is right instead, and how you know"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Facts only: a number, a date, a title, who does what. What the team makes of them is theirs."),
    )  # fmt: skip


class AnswerForm(VersionedForm):
    outcome = forms.ChoiceField(
        label=_("What did you do?"),
        choices=FactComment.Outcome.choices,
        widget=Radios(hints={"changed": _("Change the text first, then say here what it says now.")}),
    )
    answer = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class TemplateSectionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)
    title = forms.CharField(label=_("Title"), max_length=120)
    code = forms.SlugField(
        label=_("Short name"), max_length=40,
        help_text=_("Letters, digits, hyphens, such as “next-steps”. One that begins with “annex-” becomes an annex."),
    )  # fmt: skip
    source = forms.ChoiceField(
        label=_("What stands under the text"),
        choices=[choice for choice in Source.choices if choice[0] != Source.THEME],
        help_text=_("Drawn from the challenge. The findings of each theme follow the section “Findings by theme”."),
    )
    place = forms.IntegerField(label=_("Place"), min_value=0, max_value=999, help_text=_("Smaller numbers come first."))
    guidance = forms.CharField(
        label=_("Guidance for the people who write"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    boilerplate = forms.CharField(
        label=_("Text to begin with"), required=False, max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 10})
    )

    def clean_version(self) -> int:
        return self.cleaned_data["version"] or 0
