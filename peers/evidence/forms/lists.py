"""Filters."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from peers.evidence.models import EvidenceRequest
from peers.frameworks.models import Theme

ME, NOBODY = "me", "nobody"


class FilterForm(forms.Form):
    """Theme, state and owner of the requests; the theme narrows the items as well."""

    mark_optional = False
    theme = forms.ModelChoiceField(
        label=_("Theme"),
        queryset=Theme.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("All themes"),
    )
    state = forms.ChoiceField(
        label=_("State of the request"), required=False, choices=[("", _("All")), *EvidenceRequest.State.choices]
    )
    owner = forms.ChoiceField(label=_("Who looks for it"), required=False)
    file = forms.ChoiceField(
        label=_("Evidence"),
        required=False,
        choices=[("", _("In use")), ("held", _("Held back")), ("withdrawn", _("Withdrawn"))],
    )

    def __init__(self, *args, themes, owners, with_host_fields: bool, **options) -> None:
        super().__init__(*args, **options)
        self.fields["theme"].queryset = themes
        people = [(str(person.pk), person.full_name) for person in owners]
        self.fields["owner"].choices = [("", _now("Anybody")), (ME, _now("Me")), (NOBODY, _now("Nobody yet")), *people]
        if not with_host_fields:
            del self.fields["owner"]
            del self.fields["file"]
