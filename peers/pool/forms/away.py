"""Days away, as typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.ui.widgets import DateField
from peers.pool.models import BlackoutPeriod


class BlackoutForm(forms.ModelForm):
    first_day = DateField(label=_("First day away"))
    last_day = DateField(label=_("Last day away"))

    class Meta:
        model = BlackoutPeriod
        fields = ["first_day", "last_day", "words"]

    def _post_clean(self) -> None:
        """The service builds and checks the row."""

    def clean(self) -> dict:
        data = super().clean()
        if data.get("first_day") and data.get("last_day") and data["last_day"] < data["first_day"]:
            self.add_error("last_day", _("The last day away is before the first."))
        return data
