"""A filter of the pool, a new peer, a profile."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.names import NameField
from cyber360.ui.widgets import Checkboxes, DateField, Radios
from peers.councils.models import Council, Kind
from peers.pool.models import (
    MEMBER_SENIORITY,
    PeerProfile,
    Role,
    Seniority,
    Size,
    SkillLevel,
    SkillTheme,
    State,
    seniority_fits,
)
from peers.pool.queries import Training

NO_PARTY = _("Leave this empty: only a member peer has a party here.")
# The kinds that people are asked about; the two councils of their kind are not worth a question.
KNOWN_KINDS = [kind for kind in Kind if kind not in {Kind.ISLES_OF_SCILLY, Kind.CITY_OF_LONDON}]


def councils() -> object:
    """Councils a person can work for, those of the past too: a former employer may be gone."""
    return Council.objects.order_by("name")


def seniority_choices(role: str = "") -> list:
    """All of one kind of peer; without a kind, both in groups."""
    officers = [(row.value, row.label) for row in Seniority if row not in MEMBER_SENIORITY]
    members = [(row.value, row.label) for row in MEMBER_SENIORITY]
    nothing = ("", _("Not said"))
    if role:
        return [nothing, *(members if role == Role.MEMBER else officers)]
    return [nothing, (_("Officers and specialists"), officers), (_("Councillors"), members)]


class PoolFilterForm(forms.Form):
    mark_optional = False
    q = forms.CharField(label=_("Name, council or job"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Kind of peer"), required=False, choices=[("", _("All")), *Role.choices])
    region = forms.ChoiceField(label=_("Region"), required=False)
    skill = forms.ChoiceField(
        label=_("Knows about"), required=False, choices=[("", _("Any theme")), *SkillTheme.choices]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("In the pool, invited ones too")), *State.choices]
    )
    training = forms.ChoiceField(label=_("Training"), required=False, choices=[("", _("All")), *Training.choices])
    free_day = DateField(label=_("Free on"), required=False)
    leads = forms.BooleanField(label=_("Can lead a team"), required=False)
    unconfirmed = forms.BooleanField(label=_("Has not confirmed their profile"), required=False)

    def __init__(self, *args: object, regions: list[str] | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("All")), *[(name, name) for name in regions or []]]


class PeerForm(forms.Form):
    """What a coordinator enters to put a person into the pool."""

    full_name = NameField()
    email = forms.EmailField(label=_("Work e-mail address"), max_length=254)
    job_title = forms.CharField(label=_("Job title or office"), max_length=120, required=False)
    council = forms.ModelChoiceField(label=_("Home council"), queryset=Council.objects.none())
    role = forms.ChoiceField(label=_("Kind of peer"), choices=Role.choices, widget=Radios)
    party = forms.CharField(label=_("Party, for a member peer"), max_length=60, required=False)
    days_offered = forms.IntegerField(label=_("Days offered a year"), min_value=0, max_value=60, initial=6)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils()

    def clean(self) -> dict:
        data = super().clean()
        if data.get("party") and data.get("role") != Role.MEMBER:
            self.add_error("party", NO_PARTY)
        return data


class ProfileForm(forms.ModelForm):
    """A peer's own profile.

    Skills stand in `skill_T1` to `skill_T9`, councils known in `known_<kind>`; `skills()` and `known()` gather them.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    travel_km = forms.IntegerField(
        label=_("Furthest I travel, in kilometres"), min_value=0, max_value=900,
        help_text=_("One way, from where you work."), widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
    )  # fmt: skip
    days_offered = forms.IntegerField(
        label=_("Days offered a year"), min_value=0, max_value=60,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )  # fmt: skip
    most_visits = forms.IntegerField(
        label=_("Most visits in a season"), min_value=1, max_value=12, help_text=_("A season is half a year."),
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )  # fmt: skip
    available_from = DateField(
        label=_("Available from"), required=False, help_text=_("Leave empty when there is no limit.")
    )
    available_until = DateField(label=_("Available until"), required=False)

    class Meta:
        model = PeerProfile
        fields = [
            "seniority", "job_title", "party", "biography", "welsh_speaker", "remote_ok", "travel_km", "access_needs",
            "days_offered", "most_visits", "available_from", "available_until", "version",
        ]  # fmt: skip
        help_texts = {
            "biography": _(
                "The host reads the first line when it agrees the team. Say what you have done, not titles."
            ),
            "access_needs": _(
                "What would make a visit work for you: step-free rooms, breaks, a loop. Only coordinators read it."
            ),
        }
        widgets = {"access_needs": forms.Textarea(attrs={"rows": 3})}

    field_order = ["version", "seniority", "job_title", "party", "biography"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.role != Role.MEMBER:
            self.fields.pop("party")
        self.fields["seniority"].choices = seniority_choices(self.instance.role)
        self.fields["version"].initial = self.instance.version
        self._add_skills()
        self._add_known()

    def _add_skills(self) -> None:
        held = {skill.theme_code: skill.level for skill in self.instance.skills.all()} if self.instance.pk else {}
        for code, title in SkillTheme.choices:
            self.fields[f"skill_{code}"] = forms.ChoiceField(
                label=title,
                required=False,
                choices=[("", _("None")), *SkillLevel.choices],
                widget=Radios(inline=True, small=True),
                initial=held.get(code, ""),
            )

    def _add_known(self) -> None:
        held: dict[str, list[str]] = {}
        for row in self.instance.experience.all() if self.instance.pk else []:
            held.setdefault(row.council_kind, []).append(row.size)
        for kind in KNOWN_KINDS:
            self.fields[f"known_{kind.value}"] = forms.MultipleChoiceField(
                label=kind.label,
                required=False,
                choices=Size.choices,
                widget=Checkboxes(inline=True, small=True),
                initial=held.get(kind.value, []),
            )

    @property
    def mark_optional(self) -> bool:
        return False

    def skill_fields(self) -> list:
        return [self[name] for name in self.fields if name.startswith("skill_")]

    def known_fields(self) -> list:
        return [self[name] for name in self.fields if name.startswith("known_")]

    def plain_fields(self) -> list:
        return [field for field in self.visible_fields() if not field.name.startswith(("skill_", "known_"))]

    def skills(self) -> dict[str, str]:
        return {code: self.cleaned_data.get(f"skill_{code}", "") for code in SkillTheme.values}

    def known(self) -> list[tuple[str, str]]:
        """(kind, size) of the councils ticked, with those held that the form does not ask about."""
        asked = {kind.value for kind in KNOWN_KINDS}
        kept = self.instance.experience.exclude(council_kind__in=asked) if self.instance.pk else []
        ticked = [(kind, size) for kind in sorted(asked) for size in self.cleaned_data.get(f"known_{kind}", [])]
        return ticked + [(row.council_kind, row.size) for row in kept]

    def values(self) -> dict:
        """The plain columns, without skills, councils known and version."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not name.startswith(("skill_", "known_")) and name != "version"
        }

    def clean(self) -> dict:
        data = super().clean()
        first, last = data.get("available_from"), data.get("available_until")
        if first and last and last < first:
            self.add_error("available_until", _("The last available day is before the first."))
        return data

    def _post_clean(self) -> None:
        """The row itself is only changed by the service: a bound form must not write into `instance`."""


class CoordinatorProfileForm(ProfileForm):
    """The same with what is the coordinator's to say: council and kind, training, who can lead."""

    moved_on = DateField(
        label=_("If the council has changed: first day there"), required=False,
        help_text=_("Leave empty for today. The council before is kept as a former employer."),
    )  # fmt: skip
    mistaken = forms.BooleanField(label=_("The council before was a mistake: they never worked there"), required=False)
    training_done_on = DateField(label=_("Peer training done on"), required=False)
    training_expires_on = DateField(label=_("Peer training lasts until"), required=False)

    class Meta(ProfileForm.Meta):
        fields = [
            "council", "role", "can_lead", "training_done_on", "training_expires_on", *ProfileForm.Meta.fields,
        ]  # fmt: skip
        widgets = ProfileForm.Meta.widgets | {"role": Radios}

    field_order = [
        "version", "council", "moved_on", "mistaken", "role", "can_lead", "training_done_on", "training_expires_on",
        "seniority", "job_title", "party", "biography",
    ]  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils()
        self.fields["role"].choices = Role.choices
        self.fields["seniority"].choices = seniority_choices()
        if "party" not in self.fields:
            self.fields["party"] = forms.CharField(label=_("Party"), max_length=60, required=False)
        self.order_fields(self.field_order)

    def clean(self) -> dict:
        data = super().clean()
        refuse_mismatch(self, data)
        done, ends = data.get("training_done_on"), data.get("training_expires_on")
        if ends and not done and "training_done_on" not in self.errors:
            self.add_error("training_done_on", _("Say when the training was done."))
        elif ends and done and ends < done:
            self.add_error("training_expires_on", _("The training cannot end before the day on which it was done."))
        return data


def refuse_mismatch(form: forms.BaseForm, data: dict) -> None:
    """Errors at the field for a party or an office that does not go with the kind of peer."""
    role = data.get("role", "")
    if data.get("party") and role and role != Role.MEMBER:
        form.add_error("party", NO_PARTY)
    if role and not seniority_fits(data.get("seniority", ""), role):
        form.add_error("seniority", _("This does not go with the kind of peer. Choose another, or “Not said”."))
