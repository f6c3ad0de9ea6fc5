import re
from datetime import UTC, datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField, ManyField

from .models import Conversation, ConversationPeer, KeyLine


class KeyLineForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    theme = forms.ModelChoiceField(label=_("Theme"), queryset=None)
    text = forms.CharField(
        label=_("Line of enquiry"), max_length=600, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you want to find out, as a question."),
    )  # fmt: skip
    ask = forms.CharField(label=_("Who to ask"), max_length=200, required=False)
    state = forms.ChoiceField(label=_("State"), choices=KeyLine.State.choices, required=False)

    def __init__(self, *args, themes, is_new: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].queryset = themes
        if is_new:
            del self.fields["state"], self.fields["version"]


class ConversationForm(forms.Form):
    """A slot. The day and the time are UK time; attendees are lines of “role: name, job title”."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Title"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=Conversation.Kind.choices, widget=forms.RadioSelect)
    day = DateField(label=_("Day"))
    time = forms.TimeField(
        label=_("Starts at (UK time)"),
        help_text=_("For example 09:30."),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        error_messages={"invalid": _("Write the time as hours and minutes, for example 09:30.")},
    )
    minutes = forms.TypedChoiceField(
        label=_("Length"), coerce=int, choices=[(length, f"{length} minutes") for length in (30, 45, 60, 90, 120)]
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    video_link = forms.URLField(label=_("Video link"), max_length=500, required=False, assume_scheme="https")
    attendees = forms.CharField(
        label=_("Who is met"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One person a line, for example “Section 151 officer: Ada Marsh, Director of Finance”. "
            "A role alone will do."
        ),
    )
    asks = ManyField(label=_("Peers who ask"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple)
    notes = ManyField(
        label=_("Peers who take notes"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    themes = ManyField(label=_("Themes"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, team, themes, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asks"].queryset = self.fields["notes"].queryset = team
        self.fields["themes"].queryset = themes

    def clean_attendees(self) -> list[dict[str, str]]:
        return [parse_attendee(line) for line in self.cleaned_data["attendees"].splitlines() if line.strip()]

    def clean(self) -> dict:
        data = super().clean()
        asks, notes = list(data.pop("asks", [])), list(data.pop("notes", []))
        if both := [person for person in asks if person in notes]:
            self.add_error("notes", _t("%(person)s either asks or takes notes.") % {"person": both[0]})
        parts = ConversationPeer.Part
        data["peers"] = [(person, parts.ASKS) for person in asks] + [(person, parts.NOTES) for person in notes]
        day, time = data.pop("day", None), data.pop("time", None)
        if day and time:
            data["starts_at"] = self._uk_time(datetime.combine(day, time))
        return data

    def _uk_time(self, naive: datetime) -> datetime | None:
        """The moment in UK time; an hour that the spring change skips does not exist."""
        aware = timezone.make_aware(naive)
        if aware.astimezone(UTC).astimezone(aware.tzinfo).replace(tzinfo=None) != naive:
            self.add_error("time", _t("The clocks go forward that night: this time does not exist. Choose another."))
            return None
        return aware


def parse_attendee(line: str) -> dict[str, str]:
    """“Role: Name, job title” in its parts; the last two may be missing."""
    role, _colon, rest = line.strip().partition(":")
    name, _comma, job = rest.partition(",")
    return {
        part: re.sub(r"\s+", " ", text).strip()[:120]
        for part, text in (("role", role), ("name", name), ("job_title", job))
    }


class MarkForm(forms.Form):
    state = forms.ChoiceField(
        label=_("What happened"),
        widget=forms.RadioSelect,
        choices=[
            (state.value, state.label)
            for state in (Conversation.State.HELD, Conversation.State.MOVED, Conversation.State.CANCELLED)
        ],
    )
    reason = forms.CharField(label=_("Reason, if moved or cancelled"), max_length=400, required=False)

    def clean(self) -> dict:
        data = super().clean()
        if data.get("state") in {"moved", "cancelled"} and not data.get("reason"):
            self.add_error("reason", _("Give the reason."))
        return data


class NoteForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = forms.CharField(
        label=_("My note"), required=False, widget=forms.Textarea(attrs={"rows": 14}), max_length=20000, strip=False,
        help_text=_("Private to the team. Write roles, not names. It is saved while you type."),
    )  # fmt: skip
    themes = ManyField(label=_("Themes it touches"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, themes, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["themes"].queryset = themes
