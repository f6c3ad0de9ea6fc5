"""The shape of a search and of a correction."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cyber360.ui.widgets import DateField, Radios
from peers.councils.importer import cells
from peers.councils.models import Council, Kind, Nation, Partnership, PartnershipKind
from peers.councils.queries import councils_named, regions


class SearchForm(forms.Form):
    """A GET form: what cannot be understood is left out rather than refused."""

    mark_optional = False

    q = forms.CharField(label=gettext_lazy("Name or code"), required=False, max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("Type"), required=False)
    nation = forms.ChoiceField(label=gettext_lazy("Nation"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)
    when = forms.ChoiceField(label=gettext_lazy("When"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All types")), *Kind.choices]
        self.fields["nation"].choices = [("", _("Both nations")), *Nation.choices]
        self.fields["region"].choices = [("", _("All regions")), *((name, name) for name in regions())]
        self.fields["when"].choices = [
            ("today", _("Existing today")),
            ("ended", _("No longer existing")),
            ("all", _("All")),
        ]

    def chosen(self) -> dict[str, str]:
        """The understood part of the search, for `queries.councils_found`."""
        self.is_valid()
        data = self.cleaned_data
        return {
            "words": data.get("q", ""),
            "kind": data.get("kind", ""),
            "nation": data.get("nation", ""),
            "region": data.get("region", ""),
            "when": data.get("when") or "today",
        }


class CouncilForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    official_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter the council's full name")},
    )
    website = forms.CharField(
        label=gettext_lazy("Website"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("The name of the site only, for example example.gov.uk"),
    )
    population = forms.IntegerField(label=gettext_lazy("Population"), required=False, min_value=0, max_value=20_000_000)
    combined_authority = forms.ModelChoiceField(
        label=gettext_lazy("Combined authority"), required=False, queryset=Council.objects.none()
    )
    leading_party = forms.CharField(
        label=gettext_lazy("Party that leads the council"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("The leader's party, or empty. Member peers of the same party are then pointed out."),
    )
    leading_since = DateField(
        label=gettext_lazy("It leads since"), required=False, help_text=gettext_lazy("For example, 22 5 2027")
    )
    ends_on = DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Only when the council ends. For example, 31 3 2028"),
    )

    def __init__(self, *args: Any, council: Council, **kwargs: Any) -> None:
        self.council = council
        super().__init__(*args, **kwargs)
        authorities = Council.objects.filter(kind__in=[Kind.COMBINED_AUTHORITY, Kind.STRATEGIC_AUTHORITY])
        current = authorities.on(timezone.localdate()) | authorities.filter(pk=council.combined_authority_id)
        self.fields["combined_authority"].queryset = current.exclude(pk=council.pk).order_by("name")
        self.fields["combined_authority"].empty_label = _("None")

    def clean_website(self) -> str:
        try:
            return cells.website(self.cleaned_data["website"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean_ends_on(self) -> Any:
        ends_on = self.cleaned_data["ends_on"]
        if ends_on and self.council.starts_on and ends_on < self.council.starts_on:
            raise ValidationError(_("The last day must be on or after the first day of the council"))
        return ends_on

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("leading_since") and not data.get("leading_party", "").strip():
            self.add_error("leading_party", _("Name the party that leads since this day"))
        return data


class PartnershipForm(forms.Form):
    """Councils are named one a line, by name or code: a list of four hundred to tick helps nobody."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter the name by which the councils know it")},
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PartnershipKind.choices, widget=Radios)
    councils = forms.CharField(
        label=gettext_lazy("Councils in it"),
        help_text=gettext_lazy("One on each line, by name or GSS code. At least two."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("Name at least two councils")},
    )
    starts_on = DateField(label=gettext_lazy("First day"), required=False)
    ends_on = DateField(
        label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Only when it has ended, or will.")
    )
    source = forms.CharField(
        label=gettext_lazy("Where this is known from"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For example, a council's website, or what a host lead told you and when."),
    )

    def clean_councils(self) -> list[Council]:
        """The councils in the order of the lines. Raises ValidationError that names the lines not understood."""
        lines = list(dict.fromkeys(line.strip() for line in self.cleaned_data["councils"].splitlines() if line.strip()))
        found, unknown = councils_named(lines)
        if unknown:
            raise ValidationError(_("No council is known as: %(names)s") % {"names": "; ".join(unknown[:5])})
        if len(found) < 2:
            raise ValidationError(_("Name at least two councils"))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first day"))
        return data


def partnership_initial(row: Partnership) -> dict[str, Any]:
    names = ("version", "title", "kind", "starts_on", "ends_on", "source")
    councils = "\n".join(council.name for council in row.councils.all())
    return {name: getattr(row, name) for name in names} | {"councils": councils}


def initial_of(council: Council) -> dict[str, Any]:
    names = (
        "version",
        "official_name",
        "website",
        "population",
        "combined_authority",
        "leading_party",
        "leading_since",
        "ends_on",
    )
    return {name: getattr(council, name) for name in names}
