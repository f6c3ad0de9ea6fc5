"""What is searched for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from peers.frameworks.models import Theme

LETTERS = 200


class WordsField(forms.CharField):
    """Takes anything: what is too long is cut, since no more than twelve words are read anyway."""

    def to_python(self, value) -> str:
        return super().to_python(str(value or "").replace("\0", " ")[:LETTERS])


class SearchForm(forms.Form):
    """`older` is there only for those who may read replaced versions."""

    mark_optional = False
    q = WordsField(
        label=_("Words"),
        required=False,
        help_text=_("Finds what holds all of them. The last one may be its beginning."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": LETTERS}),
    )
    theme = forms.ModelChoiceField(
        label=_("Theme"),
        queryset=Theme.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("All themes"),
    )
    older = forms.BooleanField(label=_("Search replaced versions too"), required=False)

    def __init__(self, *args, themes, with_older: bool, **options) -> None:
        super().__init__(*args, **options)
        self.fields["theme"].queryset = themes
        if not with_older:
            del self.fields["older"]
