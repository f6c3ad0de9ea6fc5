"""Choosing evidence of earlier challenges: a box and a sentence for each."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _now

from peers.evidence.models import EvidenceItem
from peers.evidence.services.reuse import Chosen


class ReuseForm(forms.Form):
    """For each of `items` the fields `take_<id>` and `true_<id>`. Cleans to `chosen`."""

    mark_optional = False

    def __init__(self, *args, items: Sequence[EvidenceItem], **options) -> None:
        super().__init__(*args, **options)
        self.items = items
        for item in items:
            self.fields[f"take_{item.pk}"] = forms.BooleanField(
                label=_now("Take over “%(title)s”") % {"title": item.title}, required=False
            )
            self.fields[f"true_{item.pk}"] = forms.CharField(
                label=_now("Why is it still true?"), required=False, max_length=400
            )

    def rows(self) -> list[tuple]:
        """(item, its box, its sentence) for the page."""
        return [(item, self[f"take_{item.pk}"], self[f"true_{item.pk}"]) for item in self.items]

    def clean(self) -> dict:
        data = super().clean()
        chosen = []
        for item in self.items:
            if not data.get(f"take_{item.pk}"):
                continue
            words = data.get(f"true_{item.pk}", "").strip()
            if not words and f"true_{item.pk}" not in self.errors:
                self.add_error(f"true_{item.pk}", _now("Say why “%(title)s” is still true") % {"title": item.title})
            chosen.append(Chosen(item, words))
        if not chosen:
            self.add_error(None, _now("Tick at least one that you want to take over."))
        return {"chosen": chosen}
