"""What a coordinator says about a season: challenges, period, weights, pins, days without visits, acceptance."""

import datetime

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField, ManyField
from peers.challenges.models import Challenge
from peers.planning.models import SeasonPlan
from peers.planning.models.shapes import HIGHEST_WEIGHT, CostTerm

from .team import DAYS_TO_ANSWER

WEIGHT = "weight_"


class ChallengesField(ManyField):
    def label_from_instance(self, challenge: Challenge) -> str:
        label = f"{challenge.council.name} ({challenge.ref})"
        if challenge.visit_first_day:
            words = {"label": label, "day": date_format(challenge.visit_first_day, "j M Y")}
            return str(_("%(label)s: visit fixed from %(day)s")) % words
        if challenge.window_first:
            words = {
                "label": label,
                "first": date_format(challenge.window_first, "j M Y"),
                "last": date_format(challenge.window_last, "j M Y"),
            }
            return str(_("%(label)s: %(first)s to %(last)s")) % words
        return str(_("%(label)s: no visit window yet")) % {"label": label}


class SeasonForm(forms.Form):
    mark_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(
        label=_("Name of the plan"), max_length=80, help_text=_("For example “Autumn 2027, first try”.")
    )
    first_week = DateField(
        label=_("First week"), help_text=_("Any day of the week in which the season begins, for example 6 9 2027.")
    )
    weeks = forms.IntegerField(label=_("Number of weeks"), min_value=1, max_value=60, initial=26)
    challenges = ChallengesField(
        label=_("Challenges"),
        queryset=Challenge.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Those in “Scoping” or “Set-up”, with their visit window. One in “Interest” can be planned once its "
            "scoping has begun. A visit is never planned sooner than the deadlines of the stages before it allow; one "
            "whose days are fixed keeps them."
        ),
    )
    visit_weekday = forms.TypedChoiceField(
        label=_("First day of a visit"),
        choices=[(n, name) for n, name in WEEKDAYS.items() if n < 5],
        coerce=int,
        initial=1,
    )
    visit_days = forms.IntegerField(label=_("Days of a visit"), min_value=1, max_value=5, initial=3)
    per_week = forms.IntegerField(label=_("Most visits in a week"), min_value=1, max_value=20, initial=4)
    spacing = forms.IntegerField(
        label=_("Weeks between two visits of one peer"),
        min_value=1,
        max_value=26,
        initial=3,
        help_text=_("3 means: no two visits within any three weeks in a row."),
    )
    with_warnings = forms.BooleanField(
        label=_("Use people with a warning as well"),
        required=False,
        help_text=_("Each is shown with its sentence, and inviting them needs a reason. What bars a person bars them."),
    )
    seconds = forms.IntegerField(
        label=_("Longest time to search, in seconds"),
        min_value=5,
        max_value=600,
        initial=60,
        help_text=_("60 is enough for 60 challenges; give 180 for 120. You can stop it at any time."),
    )

    def __init__(self, *args: object, challenges: object, weights: dict[str, int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["challenges"].queryset = challenges
        for name, label in CostTerm.choices:
            self.fields[WEIGHT + name] = forms.IntegerField(
                label=label, min_value=0, max_value=HIGHEST_WEIGHT, initial=weights.get(name, 0)
            )

    @classmethod
    def values_of(cls, plan: SeasonPlan) -> dict:
        names = [name for name in cls.base_fields if name != "challenges"]
        return {name: getattr(plan, name) for name in names} | {"challenges": list(plan.challenges.all())}

    def clean_first_week(self) -> datetime.date:
        day = self.cleaned_data["first_week"]
        return day - datetime.timedelta(days=day.weekday())

    def clean(self) -> dict:
        data = super().clean()
        first, days = data.get("visit_weekday"), data.get("visit_days")
        if first is not None and days is not None and first + days > 5:
            self.add_error("visit_days", _("The visit must end on a Friday at the latest. Choose fewer days."))
        return data

    def weights(self) -> list:
        return [field for field in self if field.name.startswith(WEIGHT)]

    def wishes(self) -> list:
        return [field for field in self.visible_fields() if not field.name.startswith(WEIGHT)]

    def values(self) -> dict:
        """The keywords of `services.season.make_plan`; `version` apart."""
        data = {k: v for k, v in self.cleaned_data.items() if not k.startswith(WEIGHT) and k != "version"}
        terms = {k.removeprefix(WEIGHT): v for k, v in self.cleaned_data.items() if k.startswith(WEIGHT)}
        return {**data, "challenges": list(data["challenges"]), "weights": terms}


class ClosedForm(forms.Form):
    title = forms.CharField(label=_("What for"), max_length=80)
    first_day = DateField(label=_("First day"))
    last_day = DateField(label=_("Last day"))

    def clean(self) -> dict:
        data = super().clean()
        if data.get("first_day") and data.get("last_day") and data["last_day"] < data["first_day"]:
            self.add_error("last_day", _("The last day is before the first."))
        return data


class PinForm(forms.Form):
    """Hold a week, a person, or keep a person away, for one challenge. `person` is found by name."""

    KINDS = (("person", _("This person is on the team")), ("not_person", _("This person is not on the team")),
             ("week", _("The visit is in this week")))  # fmt: skip
    challenge = forms.TypedChoiceField(label=_("Challenge"), coerce=int)
    kind = forms.ChoiceField(label=_("What is held"), choices=KINDS)
    person = forms.CharField(label=_("Person, by name"), required=False, max_length=80)
    week = forms.DateField(label=_("Week"), required=False, widget=forms.Select)

    def __init__(self, *args: object, challenges: list[Challenge], mondays: list, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["challenge"].choices = [(row.pk, f"{row.council.name} ({row.ref})") for row in challenges]
        self.fields["week"].widget.choices = [("", _("No week"))] + [
            (day.isoformat(), date_format(day, "j F Y")) for day in mondays
        ]

    def clean(self) -> dict:
        data = super().clean()
        if data.get("kind") == "week" and not data.get("week"):
            self.add_error("week", _("Choose the week"))
        if data.get("kind") in ("person", "not_person") and not data.get("person", "").strip():
            self.add_error("person", _("Enter the name of the person"))
        return data


class TitleForm(forms.Form):
    title = forms.CharField(label=_("Name of the plan"), max_length=80)


class CopyForm(TitleForm):
    near = forms.TypedChoiceField(
        label=_("How the new plan is made"),
        choices=[
            ("1", _("Move as little as possible against this plan")),
            ("", _("Begin afresh with the same wishes")),
        ],
        coerce=bool,
        empty_value=False,
        required=False,
        widget=forms.RadioSelect,
        initial="1",
    )

    def __init__(self, *args: object, ready: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not ready:
            del self.fields["near"]


class AcceptForm(forms.Form):
    mark_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput)
    invite = forms.BooleanField(
        label=_("Invite everybody at once as well"),
        required=False,
        help_text=_("Each gets a mail with a link. Without this, people are on the list and are told nothing yet."),
    )
    answer_by = DateField(label=_("Answer by"), required=False)
    message = forms.CharField(
        label=_("A few words to the peers"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands on the invitation page, not in the mail."),
    )
    reason = forms.CharField(
        label=_("Why those with a warning are right all the same"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the invitations. Peers and hosts do not see it."),
    )

    def __init__(self, *args: object, warnings: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer_by"].initial = timezone.localdate() + datetime.timedelta(days=DAYS_TO_ANSWER)
        if not warnings:
            del self.fields["reason"]

    def clean(self) -> dict:
        data = super().clean()
        if not data.get("invite"):
            return data
        day = data.get("answer_by")
        if day is None and "answer_by" not in self.errors:
            self.add_error("answer_by", _("Enter the day to answer by"))
        elif day is not None and day < timezone.localdate():
            self.add_error("answer_by", _("The day to answer by has passed. Choose today or later."))
        if "reason" in self.fields and not data.get("reason", "").strip():
            self.add_error("reason", _("Give the reason why those with a warning are right all the same"))
        return data
