"""Filters of the shortlist, and what goes onto the list from it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from peers.planning.models import TeamRole
from peers.pool.models import Role

MOST_IDS = 8


class ShortlistFilterForm(forms.Form):
    mark_optional = False
    q = forms.CharField(label=_("Name, council or job"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Kind of peer"), required=False, choices=[("", _("All")), *Role.choices])
    region = forms.ChoiceField(label=_("Region"), required=False)
    theme = forms.ChoiceField(label=_("Knows about"), required=False)
    leads = forms.BooleanField(label=_("Only those who can lead a team"), required=False)
    welsh = forms.BooleanField(label=_("Only those who speak Welsh"), required=False)
    quiet = forms.BooleanField(label=_("Only those without a warning"), required=False)
    warned = forms.BooleanField(label=_("Use people with a warning in the whole teams"), required=False)

    def __init__(self, *args, regions: list[str], themes: dict[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("All")), *[(name, name) for name in regions]]
        self.fields["theme"].choices = [("", _("Any theme")), *themes.items()]


class AddForm(forms.Form):
    """One person in a role, or several with the one who leads."""

    profile = forms.TypedMultipleChoiceField(coerce=int, choices=())
    role = forms.ChoiceField(choices=TeamRole.choices, required=False)
    lead = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

    def __init__(self, data, **kwargs) -> None:
        super().__init__(data, **kwargs)
        posted = [text for text in data.getlist("profile")[:MOST_IDS] if text.isascii() and text.isdigit()]
        self.fields["profile"].choices = [(text, text) for text in posted if len(text) < 10]
