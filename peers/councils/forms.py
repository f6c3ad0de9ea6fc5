"""The shape of a search and of a correction."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cyber360.ui.widgets import DateField
from peers.councils.importer import cells
from peers.councils.models import Council, Kind, Nation
from peers.councils.queries import regions


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


def initial_of(council: Council) -> dict[str, Any]:
    names = ("version", "official_name", "website", "population", "combined_authority", "ends_on")
    return {name: getattr(council, name) for name in names}
