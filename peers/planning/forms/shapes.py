"""The shapes of input of the rules of pairing."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from peers.planning.models import HIGHEST_WEIGHT, LARGEST_TEAM, CostTerm, TeamShape
from peers.pool.models import PeerProfile

# What each term does, and what it comes to with the weight that it begins with.
MEANINGS = {
    CostTerm.TRAVEL: _(
        "Counts for each step of the journey: none up to 50 km, 1 up to 100, 2 up to 150, 4 up to 250, 7 up to 350, "
        "10 beyond. With 1 point, a peer from 230 km away costs 4."
    ),
    CostTerm.TRAVEL_DAY: _(
        "Counts when the journey is longer than 200 km, because it takes a day more. With 1 point, a peer from 230 km "
        "away costs 1 beside the distance."
    ),
    CostTerm.OTHER_KIND: _(
        "Counts when the peer's council is of another type than the host: county, district, unitary, or metropolitan "
        "and London borough. With 2 points, an officer of a district costs 2 at a county."
    ),
    CostTerm.PAST: _(
        "Counts for each visit before this year, up to 3, so that new peers get their turn. With 1 point, a peer with "
        "2 earlier visits costs 2."
    ),
    CostTerm.SECOND_VISIT: _("Counts when it would be a peer's second visit of the season. With 4 points, it costs 4."),
    CostTerm.THIRD_VISIT: _(
        "Counts for a third visit of the season and each one after it. With 8 points, the third costs 8 on top of the "
        "second."
    ),
    CostTerm.COVERED_ONCE: _(
        "Counts for each theme in scope that only one person on the team knows. With 2 points, a team in which two "
        "know four of six themes costs 4. On the list of people it is taken off for each theme somebody would bring."
    ),
    CostTerm.SAME_PARTY: _(
        "Counts for each member peer of a party beyond the first on one team. With 2 points, two members of one party "
        "cost 2."
    ),
    CostTerm.GOOD_PAIR: _(
        "Taken off when two who go well together are on one team. With 3 points, the team costs 3 less."
    ),
    CostTerm.BAD_PAIR: _(
        "Counts when two who are better kept apart are on one team. With 6 points, the team costs 6 more."
    ),
    CostTerm.NO_WELSH: _("Counts when the host asks for a Welsh speaker and nobody on the team is one."),
    CostTerm.WEEK_LATER: _(
        "Counts for each week after the first of the host's window, in the plan of a season. With 1 point, a visit in "
        "the fourth week costs 3."
    ),
    CostTerm.PARTY_SHARE: _(
        "Counts for each member peer of a party more or fewer than its share of the pool, over a whole season."
    ),
}  # fmt: skip


def _out_of(label: object) -> str:
    """What is wrong with the number of one term, by its name: 13 alike fields stand on the page."""
    return _("%(term)s: write a whole number from 0 to %(most)s") % {"term": label, "most": HIGHEST_WEIGHT}


class WeightsForm(forms.Form):
    """A number for every term, in the order of CostTerm."""

    mark_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args, weights: Mapping[str, int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for term in CostTerm:
            self.fields[term.value] = forms.IntegerField(
                label=term.label,
                help_text=MEANINGS[term],
                min_value=0,
                max_value=HIGHEST_WEIGHT,
                initial=weights[term.value],
                widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _out_of(term.label)),
            )

    def weights(self) -> dict[str, int]:
        return {term.value: self.cleaned_data[term.value] for term in CostTerm}


class ShapeForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = TeamShape
        fields = ("title", "size", "leads", "members", "specialists", "per_council", "cover_themes", "is_default")
        help_texts = {
            "size": _("Observers are not counted. A challenge can ask for another number."),
            "leads": _("Marked as such on their profile. The one who leads may be a member peer or a specialist too."),
            "per_council": _("1 means that no two come from one council."),
            "cover_themes": _("Without it, a theme that nobody knows is no reason to refuse a team."),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("size", "leads", "members", "specialists", "per_council"):
            self.fields[name].widget.attrs["class"] = "govuk-input--width-2"
            self.fields[name].max_value = LARGEST_TEAM
        self.fields["version"].initial = self.instance.version if self.instance.pk else 0

    def values(self) -> dict:
        """The columns, as keywords of `services.save_shape`."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def _post_clean(self) -> None:
        """The service sets the columns and checks the row: the form's own row stays as it was read."""


class NeedsForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    shape = forms.ModelChoiceField(
        label=_("Shape of the team"), queryset=TeamShape.objects.none(), required=False, empty_label=_("The usual one")
    )
    size = forms.IntegerField(
        label=_("People on the team"),
        help_text=_("Leave it empty for the number of the shape, within the smallest and largest team of the scope."),
        min_value=2,
        max_value=LARGEST_TEAM,
        required=False,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )
    welsh_wanted = forms.BooleanField(label=_("Somebody on the team should speak Welsh"), required=False)

    def __init__(self, *args, shapes, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shape"].queryset = shapes


class PairForm(forms.Form):
    first = forms.ModelChoiceField(
        label=_("One"), queryset=PeerProfile.objects.none(), empty_label=_("Choose a peer")
    )  # fmt: skip
    second = forms.ModelChoiceField(
        label=_("The other"), queryset=PeerProfile.objects.none(), empty_label=_("Choose a peer")
    )  # fmt: skip
    together = forms.ChoiceField(
        label=_("These two"),
        choices=[("yes", _("Go well together")), ("no", _("Are better kept apart"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Why"), help_text=_("Only coordinators read this."), max_length=200, required=False
    )  # fmt: skip

    def __init__(self, *args, people, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second"):
            self.fields[name].queryset = people

    def clean(self) -> dict:
        data = super().clean()
        if data.get("first") and data.get("first") == data.get("second"):
            self.add_error("second", _("Choose two different people"))
        return data

    def values(self) -> dict:
        """The keywords of `services.add_pair`."""
        data = self.cleaned_data
        return {
            "first": data["first"],
            "second": data["second"],
            "better_together": data["together"] == "yes",
            "words": data["words"],
        }
