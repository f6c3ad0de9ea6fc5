"""Reasons for several held files at once."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.files.forms import SafeWords
from cyber360.ui.widgets import Checkboxes
from peers.evidence.models import EvidenceItem, EvidenceVersion

from .base import ReasonForm

REASON_LENGTH = 400


class ReleaseSeveralForm(SafeWords, forms.Form):
    """One reason for all files, or one beside each; `reasons()` pairs each version with its own."""

    mark_optional = False

    reason = forms.CharField(
        label=_("Why may these files go to the team?"),
        help_text=_("The host can see the reason. For example: the council scanned them with its own scanner."),
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, items: Sequence[EvidenceItem], **options) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.items = items
        for item in items:
            self.fields[self.name_of(item)] = forms.CharField(
                label=_now("Another reason for “%(title)s”") % {"title": item.title},
                required=False,
                max_length=REASON_LENGTH,
            )
        self.safe_words = tuple(self.fields)

    @staticmethod
    def name_of(item: EvidenceItem) -> str:
        return f"reason_{item.current_id}"

    def clean(self) -> dict:
        data = super().clean()
        if not data.get("reason", "").strip() and not all(data.get(self.name_of(item), "") for item in self.items):
            self.add_error("reason", _now("Give one reason for all of them, or one for each"))
        return data

    def own_reasons(self) -> list[forms.BoundField]:
        return [self[self.name_of(item)] for item in self.items]

    def has_own(self) -> bool:
        """One was typed, or is wrong: then they are shown at once."""
        return any(own.errors or own.value() for own in self.own_reasons())

    def reasons(self) -> list[tuple[EvidenceVersion, str]]:
        given = self.cleaned_data
        return [(item.current, given[self.name_of(item)] or given["reason"]) for item in self.items]


class _Ticked(forms.TypedMultipleChoiceField):
    """What was ticked, whether it is still offered or not: the view says what went meanwhile."""

    def valid_value(self, value) -> bool:
        return True


class AnswerForm(ReasonForm):
    """Why a held file is not what it looks like; `also` are other files for which the same holds."""

    also = _Ticked(
        label=_("Does the same hold for these?"),
        help_text=_("They are held back for the same. Each is answered for with this reason."),
        required=False,
        coerce=int,
        widget=Checkboxes(small=True),
    )

    def __init__(self, *args, others: Sequence[EvidenceItem] = (), **options) -> None:
        super().__init__(
            *args,
            label=_("Why is it not what it looks like?"),
            help_text=_("The coordinator reads this. For example: the numbers are invented, for a training exercise."),
            **options,
        )
        if others:
            self.fields["also"].choices = [(item.pk, item.title) for item in others]
        else:
            self.fields["also"].widget = forms.MultipleHiddenInput()
