from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField

from .models import Action, CheckIn, Response


class ResponseForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("Response"), choices=Response.Answer.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed when you do not accept the whole recommendation."),
    )  # fmt: skip

    def clean(self) -> dict:
        data = super().clean()
        if data.get("answer") in {"in_part", "not_accepted"} and not data.get("reason"):
            self.add_error("reason", _("Give the reason."))
        return data


class ActionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Action"), max_length=300, help_text=_("What will be done, beginning with a verb."))
    lead_officer = forms.CharField(
        label=_("Who leads it"), max_length=120, help_text=_("A role, such as Director of Resources.")
    )
    portfolio_holder = forms.CharField(label=_("Portfolio holder"), max_length=120, required=False)
    starts_on = DateField(label=_("Starts on"), required=False)
    due_on = DateField(label=_("Due on"))
    priority = forms.ChoiceField(
        label=_("Priority"), choices=Action.Priority.choices, initial="medium", widget=forms.RadioSelect
    )
    success_measure = forms.CharField(label=_("How you will know it worked"), max_length=400)
    resources_secured = forms.ChoiceField(label=_("Resources secured"), choices=Action.YesNo.choices, initial="unsure")
    budget_approved = forms.ChoiceField(label=_("Budget approved"), choices=Action.YesNo.choices, initial="unsure")
    cost_band = forms.CharField(label=_("Cost"), max_length=60, required=False)
    dependencies = forms.CharField(label=_("Depends on"), max_length=400, required=False)

    def clean(self) -> dict:
        data = super().clean()
        if data.get("starts_on") and data.get("due_on") and data["due_on"] < data["starts_on"]:
            self.add_error("due_on", _("The action is due before it starts."))
        return data


class ProgressForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    status = forms.ChoiceField(label=_("Status"), choices=Action.Status.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("Progress"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    completion_evidence = forms.CharField(
        label=_("What shows that it is done"), max_length=400, required=False, help_text=_("Needed for “Complete”.")
    )

    def clean(self) -> dict:
        data = super().clean()
        if data.get("status") == Action.Status.COMPLETE and not data.get("completion_evidence"):
            self.add_error("completion_evidence", _("Say what shows that the action is done."))
        return data


class CheckInForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=CheckIn.Kind.choices, widget=forms.RadioSelect)
    held_on = DateField(label=_("Held on"))
    attendee_roles = forms.CharField(
        label=_("Roles of those present"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Roles, not names."),
    )  # fmt: skip
    summary = forms.CharField(label=_("What was heard"), max_length=8000, widget=forms.Textarea(attrs={"rows": 8}))


class ReviewScoresForm(forms.Form):
    """One level for each question in scope, all optional: the re-scoring of a progress review."""

    def __init__(self, *args, questions, words, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        choices = [("", _("Not scored again")), *((str(level), f"{level} {word}") for level, word in words.items())]
        for question in self.questions:
            self.fields[f"level_{question.pk}"] = forms.ChoiceField(
                label=f"{question.code} {question.title}", choices=choices, required=False
            )

    def scores(self) -> dict:
        return {
            question: (int(level), "")
            for question in self.questions
            if (level := self.cleaned_data.get(f"level_{question.pk}"))
        }
