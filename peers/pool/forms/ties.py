"""A declared tie, as typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField
from peers.pool.models import Interest

from .people import councils


class InterestForm(forms.ModelForm):
    starts_on = DateField(label=_("From"), required=False)
    ends_on = DateField(label=_("Until"), required=False, help_text=_("Leave empty while it lasts."))

    class Meta:
        model = Interest
        fields = ["council", "kind", "words", "starts_on", "ends_on", "bars"]

    def __init__(self, *args: object, own: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["bars"]
        self.fields["council"].queryset = councils()
        self.fields["council"].label = _("Council")

    def _post_clean(self) -> None:
        """The service builds and checks the row."""
