from django import forms
from django.utils.translation import gettext_lazy as _

from peers.stages import Stage


class MoveForm(forms.Form):
    """`since` is the stage that the reader saw, so that an old tab or a second click moves nothing."""

    since = forms.ChoiceField(choices=Stage.choices, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=400, required=False)

    def __init__(self, *args, needs_reason: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if needs_reason:
            self.fields["reason"].required = True
            self.fields["reason"].help_text = _("It is kept, and told to the people it touches.")
        else:
            del self.fields["reason"]


class PipelineForm(forms.Form):
    mark_optional = False

    words = forms.CharField(label=_("Council or reference"), required=False, max_length=80)
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[("", _("All stages")), *Stage.choices])
    region = forms.ChoiceField(label=_("Region"), required=False)
    late = forms.BooleanField(label=_("Late only"), required=False)

    def __init__(self, *args, regions, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("All regions")), *((region, region) for region in regions)]
