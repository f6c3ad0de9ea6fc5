from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.jobs.models import State


class JobFilterForm(forms.Form):
    """The filter of the administrator's list of jobs."""

    mark_optional = False
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any state")), *State.choices])
    kind = forms.CharField(label=_("Kind"), required=False, max_length=60)
