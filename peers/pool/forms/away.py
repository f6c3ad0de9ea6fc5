"""Days away, as typed, ticked in a month, or read from a calendar file."""

import datetime
from typing import Any

from django import forms
from django.core import signing
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField
from peers.pool.freebusy.asking import BYTES, too_big
from peers.pool.models import BlackoutPeriod
from peers.pool.month import Period

SALT = "peers.pool.days-in-file"
HOUR = 3600


class BlackoutForm(forms.ModelForm):
    first_day = DateField(label=_("First day away"))
    last_day = DateField(label=_("Last day away"))

    class Meta:
        model = BlackoutPeriod
        fields = ["first_day", "last_day", "words"]

    def _post_clean(self) -> None:
        """The service builds and checks the row."""

    def clean(self) -> dict:
        data = super().clean() or {}
        if data.get("first_day") and data.get("last_day") and data["last_day"] < data["first_day"]:
            self.add_error("last_day", _("The last day away is before the first."))
        return data


def ticked(data: MultiValueDict, shown: set[datetime.date]) -> tuple[set[datetime.date], set[datetime.date]]:
    """What was changed in a month: days that became away, and days that became free.

    The page names what it showed as away (`seen`), so that what was changed elsewhere meanwhile stays as it is.
    """
    now, before = (_dates(data.getlist(name)) & shown for name in ("day", "seen"))
    return now - before, before - now


def _dates(values: list[str]) -> set[datetime.date]:
    found = set()
    for value in values:
        try:
            found.add(datetime.date.fromisoformat(value))
        except ValueError:
            continue  # nothing that the page sent
    return found


class CalendarFileForm(forms.Form):
    file = forms.FileField(
        label=_("Calendar file"),
        help_text=_("An .ics file of at most 1 MB. You see the days first; nothing is kept yet."),
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".ics,.ifb,.vcs,text/calendar"}),
        error_messages={"required": _("Choose a calendar file (.ics)")},
    )

    def __init__(self, *args: Any, too_long: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if too_long:  # a body over the limit reaches no upload handler, so the field looks empty
            self.fields["file"].error_messages["required"] = too_big()

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > BYTES:
            raise forms.ValidationError(too_big())
        return file


def signed_periods(profile_id: int, periods: list[Period]) -> str:
    """The days of a file for the page that asks whether to take them: they are kept nowhere else."""
    days = [[first.isoformat(), last.isoformat()] for first, last in periods]
    return signing.dumps([profile_id, days], salt=SALT, compress=True)


def periods_from(profile_id: int, text: str) -> list[Period] | None:
    """What `signed_periods` packed for this profile within the hour, else None."""
    try:
        owner, days = signing.loads(text, salt=SALT, max_age=HOUR)
    except signing.BadSignature:
        return None
    if owner != profile_id:
        return None
    return [(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)) for first, last in days]
