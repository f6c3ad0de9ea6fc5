"""Filters."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from peers.evidence.models import EvidenceRequest
from peers.frameworks.models import Question, Theme

ME, NOBODY, LEFT = "me", "nobody", "left"
REQUEST, THEME, QUESTION, ITEM = "request", "theme", "question", "item"


def ways() -> dict[str, str]:
    """The ways to look at the pack, for the links above it."""
    return {
        REQUEST: _now("By request"),
        THEME: _now("By theme"),
        QUESTION: _now("By question"),
        ITEM: _now("All evidence"),
    }


class FilterForm(forms.Form):
    """Those fields that belong to the way of looking, `by`; one that cannot be read is left out by the view."""

    FIELDS = {
        REQUEST: ("by", "theme", "state", "owner"),
        THEME: ("by",),
        QUESTION: ("by", "theme"),
        ITEM: ("by", "theme", "question", "file"),
    }
    mark_optional = False
    by = forms.CharField(required=False, widget=forms.HiddenInput)
    theme = forms.ModelChoiceField(
        label=_("Theme"),
        queryset=Theme.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("All themes"),
    )
    # Chosen by following a link of the questions' list: a list of all of them would be the longest part of the page.
    question = forms.ModelChoiceField(
        queryset=Question.objects.none(), required=False, to_field_name="code", widget=forms.HiddenInput
    )
    state = forms.ChoiceField(
        label=_("State of the request"), required=False, choices=[("", _("All")), *EvidenceRequest.State.choices]
    )
    owner = forms.ChoiceField(label=_("Who looks for it"), required=False)
    file = forms.ChoiceField(
        label=_("Evidence"),
        required=False,
        choices=[
            ("", _("In use")),
            ("held", _("Held back")),
            ("answer", _("Held back until the council answers")),
            ("replace", _("To be replaced or withdrawn")),
            ("withdrawn", _("Withdrawn")),
        ],
    )

    def __init__(self, *args, by: str, themes, questions, owners, with_host_fields: bool, **options) -> None:
        super().__init__(*args, initial={"by": by}, **options)
        self.fields["theme"].queryset, self.fields["question"].queryset = themes, questions
        people = [(str(person.pk), person.full_name) for person in owners]
        fixed = [("", _now("Anybody")), (ME, _now("Me")), (NOBODY, _now("Nobody yet")), (LEFT, _now("Who has left"))]
        self.fields["owner"].choices = [*fixed, *people]
        hidden = set() if with_host_fields else {"owner", "file"}
        for name in list(self.fields):
            if name not in self.FIELDS[by] or name in hidden:
                del self.fields[name]
