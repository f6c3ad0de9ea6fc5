"""Words about several new items at once."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import Checkboxes
from peers.evidence.models import EvidenceItem
from peers.frameworks.models import Question

from .base import _long

TITLE = _("Title")


class DescribeForm(forms.Form):
    """Title, what it shows and the questions of one item; `prefix` is the item's id.

    `offered` holds the questions in scope, read once for all the forms of the page.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    title = forms.CharField(label=TITLE, max_length=200, error_messages={"required": _("Enter a title")})
    shows = _long(3, label=_("What this shows"), required=False, max_length=2000)
    questions = forms.TypedMultipleChoiceField(
        label=_("Which questions does it serve?"), required=False, coerce=int, widget=Checkboxes(small=True)
    )

    def __init__(self, *args, item: EvidenceItem, offered: Sequence[Question], **options) -> None:
        initial = {
            "version": item.version,
            "title": item.title,
            "shows": item.shows,
            "questions": [question.pk for question in item.questions.all()],
        }
        super().__init__(*args, prefix=f"item{item.pk}", initial=initial, **options)
        self.item, self._offered = item, {question.pk: question for question in offered}
        groups: dict[str, list[tuple[int, str]]] = {}
        for question in offered:
            groups.setdefault(question.theme.title, []).append((question.pk, str(question)))
        self.fields["questions"].choices = list(groups.items())

    def clean_questions(self) -> list[Question]:
        return [self._offered[pk] for pk in self.cleaned_data["questions"]]
