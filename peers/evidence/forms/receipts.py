"""The filter of the reading receipts, and the question whose copy it is that was found."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField
from peers.evidence.models import ReadingReceipt


class ReceiptFilterForm(forms.Form):
    """Person, item, way of reading, and the days between which it was read."""

    mark_optional = False
    person = forms.TypedChoiceField(label=_("Person"), required=False, coerce=int, empty_value=None)
    item = forms.TypedChoiceField(label=_("Evidence"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(
        label=_("How it was read"),
        required=False,
        choices=[("", _("All")), *((kind.value, kind.words) for kind in ReadingReceipt.Kind)],
    )
    first = DateField(label=_("From"), required=False)
    last = DateField(label=_("Until"), required=False)

    def __init__(self, *args, people: Iterable[tuple[int, str]], items: Iterable[tuple[int, str]], **options) -> None:
        super().__init__(*args, **options)
        self.fields["person"].choices = [("", _now("Everybody")), *people]
        self.fields["item"].choices = [("", _now("All evidence")), *items]


class CopyForm(forms.Form):
    """The id of a copy that was found, by itself: whose it is does not depend on any filter."""

    mark_optional = False
    copy = forms.CharField(
        label=_("Found a copy? Type its id"), required=False, max_length=40,
        help_text=_("The mark across its pages names it, as in “Copy 7KQM-4TRA”. A PDF also has it in its properties, "
                    "as CopyId."),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_copy(self) -> str:
        """As it is kept, however it was typed off a page: with the words before it or without. Neither has a letter
        that an id has not (I, O), so nothing of an id is lost."""
        typed = self.cleaned_data["copy"].upper()
        copy_id = "".join(letter for letter in typed if letter.isalnum()).removeprefix("COPY").removeprefix("ID")
        return copy_id or typed
