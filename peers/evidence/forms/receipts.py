"""The filter of the reading receipts."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField
from peers.evidence.models import ReadingReceipt


class ReceiptFilterForm(forms.Form):
    """Person, item, way of reading, the id of a copy that was found, and the days between which it was read."""

    mark_optional = False
    person = forms.TypedChoiceField(label=_("Person"), required=False, coerce=int, empty_value=None)
    item = forms.TypedChoiceField(label=_("Evidence"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(
        label=_("How it was read"), required=False, choices=[("", _("All")), *ReadingReceipt.Kind.choices]
    )
    copy = forms.CharField(
        label=_("Copy id"), required=False, max_length=40, help_text=_("It stands in the mark, as in 7KQM-4TRA"),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    first = DateField(label=_("From"), required=False)
    last = DateField(label=_("Until"), required=False)

    def __init__(self, *args, people: Iterable[tuple[int, str]], items: Iterable[tuple[int, str]], **options) -> None:
        super().__init__(*args, **options)
        self.fields["person"].choices = [("", _now("Everybody")), *people]
        self.fields["item"].choices = [("", _now("All evidence")), *items]

    def clean_copy(self) -> str:
        """As it is kept, however it was typed off a page."""
        return "".join(letter for letter in self.cleaned_data["copy"].upper() if letter.isalnum())
