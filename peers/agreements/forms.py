"""The shapes of input of agreements."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cyber360.files.forms import FilesField

from .models import DocumentTemplate


class SignForm(forms.Form):
    """Who signs, as what, and that they have read it. `body_sha256` names the text that the page showed."""

    body_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    name = forms.CharField(label=_("Your full name"), max_length=120)
    job_title = forms.CharField(label=_("Your job title"), max_length=120)
    confirm = forms.BooleanField(
        label=_("I have read this document and sign it for the council."),
        error_messages={"required": _("Tick the box to sign")},
    )

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("name", "job_title", "body_sha256")}


class PeerTermsForm(SignForm):
    confirm = forms.BooleanField(
        label=_("I have read these terms and accept them."), error_messages={"required": _("Tick the box to accept")}
    )


class ReturnForm(forms.Form):
    """A scanned copy of a document signed on paper."""

    body_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    name = forms.CharField(label=_("Who signed it"), max_length=120)
    job_title = forms.CharField(label=_("Their job title"), max_length=120)
    upload = FilesField(
        label=_("The signed copy"), several=False, help_text=_("A PDF or a picture of every page, signature included.")
    )

    def values(self) -> dict:
        data = {name: self.cleaned_data[name] for name in ("name", "job_title", "body_sha256")}
        return data | {"upload": self.cleaned_data["upload"][0]}


class TemplateForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = DocumentTemplate
        fields = ["title", "body", "version"]
        widgets = {"body": forms.Textarea(attrs={"rows": 30, "spellcheck": "true"})}
        help_texts = {
            "body": _("Markdown: ## for a heading, - for a list, ** for bold. Names in double braces are filled in.")
        }

    def _post_clean(self) -> None:
        """The service changes and checks the row."""

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("title", "body", "version")}
