"""Inviting several people: at once, or in order. One group of fields for each person on the list."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField
from peers.planning.models import Placement, TeamRole

from .team import DAYS_TO_ANSWER

MOST_IN_LINE = 30


class PersonFields(NamedTuple):
    """What the page shows of one person: the place, its Candidate, and the bound fields (or None)."""

    placement: Placement
    row: Any
    choice: Any
    reason: Any


class _PeopleForm(forms.Form):
    """`people`: (placement, Candidate) of those on the list; who is barred gets no field, who is warned of a reason."""

    prefix_of_choice = ""

    def __init__(self, *args: object, people: Sequence[tuple[Placement, Any]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.listed = [(placement, row) for placement, row in people if self.stands_here(row)]
        own = self.fields
        self.fields = {}
        for placement, row in self.listed:
            self.fields[f"{self.prefix_of_choice}_{placement.pk}"] = self.choice_field(placement)
            if row.conflicts:
                self.fields[f"reason_{placement.pk}"] = forms.CharField(
                    label=_("Why %(person)s is right all the same") % {"person": placement.profile},
                    help_text=_("Kept with the invitation. The peer and the host do not see it."),
                    max_length=400,
                    required=False,
                    initial=placement.reason,
                    widget=forms.Textarea(attrs={"rows": 2}),
                )
        self.fields |= own

    def stands_here(self, row: Any) -> bool:
        return not row.barred

    def choice_field(self, placement: Placement) -> forms.Field:
        raise NotImplementedError

    def ask_for_reasons(self, chosen: Sequence[Placement]) -> None:
        """An error beside each chosen person who has a warning and no reason."""
        for placement, row in self.listed:
            if placement in chosen and row.conflicts and not self.reason_for(placement).strip():
                self.add_error(f"reason_{placement.pk}", _("Give the reason why %(person)s is right all the same")
                               % {"person": placement.profile})  # fmt: skip

    def people(self) -> Iterator[PersonFields]:
        for placement, row in self.listed:
            reason = f"reason_{placement.pk}"
            choice = self[f"{self.prefix_of_choice}_{placement.pk}"]
            yield PersonFields(placement, row, choice, self[reason] if reason in self.fields else None)

    def rest(self) -> list[Any]:
        return [self[name] for name in self.base_fields if not self.fields[name].widget.is_hidden]

    def reason_for(self, placement: Placement) -> str:
        return self.cleaned_data.get(f"reason_{placement.pk}", "")


class InviteManyForm(_PeopleForm):
    prefix_of_choice = "ask"
    answer_by = DateField(label=_("Answer by"))
    message = forms.CharField(
        label=_("A few words to the peers"),
        help_text=_("Stands on every one of these invitations, not in the mail."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer_by"].initial = timezone.localdate() + datetime.timedelta(days=DAYS_TO_ANSWER)

    def choice_field(self, placement: Placement) -> forms.Field:
        words = {"person": placement.profile, "role": placement.get_role_display().lower()}
        return forms.BooleanField(label=_("Invite %(person)s as %(role)s") % words, required=False)

    def clean_answer_by(self) -> datetime.date:
        day = self.cleaned_data["answer_by"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("The day to answer by has passed. Choose today or later."))
        return day

    def clean(self) -> dict:
        data = super().clean()
        chosen = self.chosen()
        if not chosen:
            raise forms.ValidationError(_("Choose at least one person to invite"))
        self.ask_for_reasons(chosen)
        return data

    def chosen(self) -> list[Placement]:
        return [one for one, _row in self.listed if self.cleaned_data.get(f"ask_{one.pk}")]

    def values(self) -> dict:
        """The keywords of `services.invite_many`."""
        chosen = self.chosen()
        return {
            "placements": [one.pk for one in chosen],
            "answer_by": self.cleaned_data["answer_by"],
            "message": self.cleaned_data["message"],
            "reasons": {one.pk: self.reason_for(one) for one in chosen},
        }


class LineForm(_PeopleForm):
    """The order of a line: a number beside each person, empty for those who are not in it."""

    prefix_of_choice = "place"
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    wanted = forms.IntegerField(
        label=_("Places to fill"),
        help_text=_("So many are kept asked or filled. When one says no, the next in the line is invited by itself."),
        min_value=1,
        max_value=8,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )
    days = forms.IntegerField(
        label=_("Days to answer"),
        help_text=_("After that the invitation runs out, and the next is invited."),
        min_value=1,
        max_value=60,
        initial=DAYS_TO_ANSWER,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )
    message = forms.CharField(
        label=_("A few words to the peers"),
        help_text=_("Stands on every one of these invitations, not in the mail."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: object, role: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if role == TeamRole.LEAD_PEER:
            self.fields["wanted"].widget = forms.HiddenInput()
            self.fields["wanted"].max_value = 1

    def stands_here(self, row: Any) -> bool:
        return not row.barred and not row.declined

    def choice_field(self, placement: Placement) -> forms.Field:
        return forms.IntegerField(
            label=_("Place of %(person)s in the line") % {"person": placement.profile},
            required=False,
            min_value=1,
            max_value=MOST_IN_LINE,
            initial=placement.line_place,
            widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
        )

    def clean(self) -> dict:
        data = super().clean()
        places = [data.get(f"place_{one.pk}") for one, _row in self.listed]
        given = [place for place in places if place is not None]
        if not given and not self.errors:
            raise forms.ValidationError(_("Give at least one person a place in the line"))
        if len(set(given)) != len(given):
            raise forms.ValidationError(_("Two people have the same place. Give each a place of their own."))
        self.ask_for_reasons([one for one, _row in self.listed if data.get(f"place_{one.pk}")])
        return data

    def values(self) -> dict:
        """The keywords of `services.start_line`."""
        data = self.cleaned_data
        placed = [(data[f"place_{one.pk}"], one) for one, _row in self.listed if data.get(f"place_{one.pk}")]
        placed.sort(key=lambda pair: pair[0])
        return {
            "order": [(one.pk, self.reason_for(one)) for _place, one in placed],
            "wanted": data["wanted"],
            "days": data["days"],
            "message": data["message"],
            "version": data["version"] or 0,
        }
