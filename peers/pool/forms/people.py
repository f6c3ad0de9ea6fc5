"""A filter of the pool, a new peer, a profile."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField, Radios
from peers.councils.models import Council
from peers.pool.models import PeerProfile, Role, SkillLevel, SkillTheme, State


def councils() -> object:
    """Councils a person can work for, those of the past too: a former employer may be gone."""
    return Council.objects.order_by("name")


class PoolFilterForm(forms.Form):
    mark_optional = False
    q = forms.CharField(label=_("Name, council or job"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Kind of peer"), required=False, choices=[("", _("All")), *Role.choices])
    region = forms.ChoiceField(label=_("Region"), required=False)
    skill = forms.ChoiceField(
        label=_("Knows about"), required=False, choices=[("", _("Any theme")), *SkillTheme.choices]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All but those who left")), *State.choices]
    )
    free_day = DateField(label=_("Free on"), required=False)

    def __init__(self, *args: object, regions: list[str] | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("All")), *[(name, name) for name in regions or []]]


class PeerForm(forms.Form):
    """What a coordinator enters to put a person into the pool."""

    full_name = forms.CharField(label=_("Full name"), max_length=120)
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
            self.add_error("party", _("Leave this empty: only a member peer has a party here."))
        return data


class ProfileForm(forms.ModelForm):
    """A peer's own profile. Skills stand in `skill_T1` to `skill_T9`; `skills()` gathers them."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    available_from = DateField(
        label=_("Available from"), required=False, help_text=_("Leave empty when there is no limit.")
    )
    available_until = DateField(label=_("Available until"), required=False)

    class Meta:
        model = PeerProfile
        fields = [
            "job_title", "party", "biography", "welsh_speaker", "remote_ok", "travel_km", "days_offered",
            "available_from", "available_until", "version",
        ]  # fmt: skip
        help_texts = {
            "biography": _(
                "The host reads the first line when it agrees the team. Say what you have done, not titles."
            ),
            "travel_km": _("One way, from where you work."),
        }

    field_order = ["version", "job_title", "party", "biography"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.role != Role.MEMBER:
            self.fields.pop("party")
        self.fields["version"].initial = self.instance.version
        held = {skill.theme_code: skill.level for skill in self.instance.skills.all()} if self.instance.pk else {}
        for code, title in SkillTheme.choices:
            self.fields[f"skill_{code}"] = forms.ChoiceField(
                label=title,
                required=False,
                choices=[("", _("None")), *SkillLevel.choices],
                widget=Radios(inline=True, small=True),
                initial=held.get(code, ""),
            )

    @property
    def mark_optional(self) -> bool:
        return False

    def skill_fields(self) -> list:
        return [self[name] for name in self.fields if name.startswith("skill_")]

    def plain_fields(self) -> list:
        return [field for field in self.visible_fields() if not field.name.startswith("skill_")]

    def skills(self) -> dict[str, str]:
        return {code: self.cleaned_data.get(f"skill_{code}", "") for code in SkillTheme.values}

    def values(self) -> dict:
        """The plain columns, without skills and version."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not name.startswith("skill_") and name != "version"
        }

    def _post_clean(self) -> None:
        """The row itself is only changed by the service: a bound form must not write into `instance`."""


class CoordinatorProfileForm(ProfileForm):
    training_done_on = DateField(label=_("Peer training done on"), required=False)

    class Meta(ProfileForm.Meta):
        fields = ["council", "role", "training_done_on", *ProfileForm.Meta.fields]
        widgets = {"role": Radios}

    field_order = ["version", "council", "role", "training_done_on", "job_title", "party", "biography"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["council"].queryset = councils()
        self.fields["role"].choices = Role.choices
        self.fields.setdefault("party", forms.CharField(label=_("Party"), max_length=60, required=False))
