from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.names import NameField
from cyber360.ui.widgets import DateField, ManyField
from peers.access import SeatName
from peers.councils.models import Council
from peers.frameworks.models import FrameworkVersion, Theme
from peers.stages import Stage

from .models import DeadlineProfile

PROGRAMME_NAMED = (SeatName.COORDINATOR, SeatName.FRAMEWORK_EDITOR, SeatName.ADMINISTRATOR)
NAMED_SEATS = (SeatName.HOST_SPONSOR, SeatName.HOST_LEAD, SeatName.CHALLENGE_MANAGER)


class RegisterForm(forms.Form):
    council = forms.ModelChoiceField(
        label=_("Council"), queryset=Council.objects.none(), help_text=_("The council that asks for a challenge.")
    )
    interest_note = forms.CharField(
        label=_("What the council hopes for"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In the council's own words where you can. The council reads this too."),
    )

    def __init__(self, *args, councils, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils


class PersonForm(forms.Form):
    name = forms.ChoiceField(label=_("Seat"), choices=[(seat.value, seat.label) for seat in NAMED_SEATS])
    full_name = NameField()
    email = forms.EmailField(label=_("E-mail address"), help_text=_("We send an invitation to this address."))
    job_title = forms.CharField(label=_("Job title"), max_length=120, required=False)

    def clean_name(self) -> SeatName:
        return SeatName(self.cleaned_data["name"])


class ProgrammeSeatForm(forms.Form):
    name = forms.ChoiceField(label=_("Seat"), choices=[(seat.value, seat.label) for seat in PROGRAMME_NAMED])
    full_name = NameField()
    email = forms.EmailField(label=_("E-mail address"), help_text=_("We send an invitation to this address."))
    ends_on = DateField(label=_("Until"), required=False, help_text=_("Leave empty for a seat without an end."))

    def clean_name(self) -> SeatName:
        return SeatName(self.cleaned_data["name"])


class EndSeatForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=400)


class ScopeForm(forms.Form):
    """It may be saved half done, but all of it is needed before the scope is agreed: nothing is called optional."""

    mark_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput)
    focus = forms.CharField(
        label=_("Focus"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What the council wants the peers to look at, and why now."),
    )
    framework_version = forms.ModelChoiceField(
        label=_("Questionnaire version"), queryset=FrameworkVersion.objects.none(), required=False
    )
    themes = ManyField(
        label=_("Themes in scope"),
        queryset=Theme.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Six to nine themes fill a three-day visit."),
    )
    window_first = DateField(label=_("Visit window opens"), required=False)
    window_last = DateField(label=_("Visit window closes"), required=False)
    team_min = forms.IntegerField(
        label=_("Smallest team"), min_value=2, max_value=6, help_text=_("Lead peer included.")
    )
    team_max = forms.IntegerField(label=_("Largest team"), min_value=2, max_value=8)
    team_wishes = forms.CharField(
        label=_("What the team should bring"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example a councillor, a Welsh speaker, or somebody who has been through an incident."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        published = FrameworkVersion.objects.filter(state="published").select_related("framework")
        self.fields["framework_version"].queryset = published
        self.fields["themes"].queryset = Theme.objects.filter(framework_version__in=published).order_by(
            "framework_version", "place"
        )

    def clean(self) -> dict:
        data = super().clean()
        first, last = data.get("window_first"), data.get("window_last")
        if bool(first) != bool(last):
            self.add_error("window_last", _("Give both ends of the visit window, or neither."))
        if first and last and last < first:
            self.add_error("window_last", _("The window closes before it opens. Choose a later day."))
        if data.get("team_min") and data.get("team_max") and data["team_max"] < data["team_min"]:
            self.add_error("team_max", _("The largest team is smaller than the smallest."))
        version = data.get("framework_version")
        if any(theme.framework_version_id != getattr(version, "pk", None) for theme in data.get("themes") or []):
            self.add_error("themes", _("Choose themes of the chosen questionnaire version."))
        return data


class VisitForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    visit_first_day = DateField(label=_("First day of the visit"))
    visit_last_day = DateField(label=_("Last day of the visit"))
    visit_place = forms.CharField(label=_("Where the visit takes place"), max_length=200, required=False)
    deadline_profile = forms.ModelChoiceField(
        label=_("Deadline profile"),
        queryset=DeadlineProfile.objects.all(),
        required=False,
        help_text=_("From it the due day of every stage is counted."),
    )

    def clean(self) -> dict:
        data = super().clean()
        first, last = data.get("visit_first_day"), data.get("visit_last_day")
        if first and last and last < first:
            self.add_error(
                "visit_last_day", _("The visit ends before it begins. Choose a last day on or after the first.")
            )
        return data


class PinDateForm(forms.Form):
    stage = forms.ChoiceField(label=_("Stage"), choices=[(stage.value, stage.label) for stage in Stage][:-2])
    due_on = DateField(label=_("Due on"))
    reason = forms.CharField(label=_("Reason"), max_length=400)

    def clean_stage(self) -> Stage:
        return Stage(self.cleaned_data["stage"])


class HoldForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=400, help_text=_("For example a live incident, or an election period.")
    )
