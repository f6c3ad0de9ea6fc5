from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.notify.models import MailState
from cyber360.notify.queries import kinds


def _kind_choices() -> list[tuple[str, object]]:
    return [("", _("Any kind")), *[(kind, kind) for kind in kinds()]]


class OutboxFilterForm(forms.Form):
    """The filter of the outbox."""

    mark_optional = False
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any state")), *MailState.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_kind_choices)
    search = forms.CharField(label=_("Address or subject"), required=False, max_length=100)
