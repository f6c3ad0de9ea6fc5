"""Files, links and the words about them."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.exceptions import BadInput
from cyber360.files.forms import SafeWords
from cyber360.files.handler import VaultUpload
from cyber360.ui.widgets import Checkboxes, DateField, ManyField
from peers.evidence.models import EvidenceItem, Marking
from peers.evidence.models.addresses import refuse_address
from peers.frameworks.models import CafOutcome, EvidenceKind, Question, Theme

from .base import OnceForm, UploadsField, VersionForm, _long


class AboutForm(SafeWords, forms.Form):
    """What is said of an item. `questions` is left out for a request's own upload."""

    safe_words = ("title", "shows", "where")

    shows = _long(
        3,
        label=_("What this shows"),
        required=False,
        max_length=2000,
        help_text=_("One or two sentences for the peers. They read this before they open anything."),
    )
    source = forms.ChoiceField(
        label=_("Kind of source"),
        required=False,
        choices=[("", _("Not said")), *EvidenceKind.choices],
        help_text=_("Conclusions that rest on several kinds of source are the stronger ones."),
    )
    document_date = DateField(
        label=_("Date of the document"),
        required=False,
        help_text=_("For example, 27 3 2027. When it was agreed or sent."),
    )
    period_from = DateField(
        label=_("Covers the time from"),
        required=False,
        help_text=_("For figures, minutes or records: the first day that they speak of."),
    )
    period_to = DateField(label=_("Covers the time to"), required=False)
    review_on = DateField(
        label=_("To be reviewed by"),
        required=False,
        help_text=_(
            "The day by which the council looks at this document again. A day in the past is no shame: say it."
        ),
    )
    marking = forms.ChoiceField(label=_("Marking"), choices=Marking.choices, initial=Marking.OFFICIAL_SENSITIVE)
    questions = ManyField(
        label=_("Which questions does it serve?"),
        queryset=Question.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
    )

    def __init__(self, *args, questions=None, **options) -> None:
        super().__init__(*args, **options)
        if questions is None:
            del self.fields["questions"]
            return
        field = self.fields["questions"]
        rows = list(questions)
        field.queryset = questions
        groups: dict[str, list[tuple[int, str]]] = {}
        for row in rows:
            groups.setdefault(row.theme.title, []).append((row.pk, str(row)))
        field.choices = list(groups.items())

    def clean(self) -> dict:
        data = super().clean()
        first, last = data.get("period_from"), data.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", _now("The time it covers ends before it begins. Change one of the two days."))
        return data


class UploadWordsForm(OnceForm, AboutForm):
    """What is said of all files of one sending, without the files."""

    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=200,
        help_text=_(
            "Used when you add one file. Several files are called by their own names; you can change that later."
        ),
    )
    field_order = ["token", "files", "title", "shows", "source", "document_date", "period_from", "period_to",
                   "review_on", "marking", "questions"]  # fmt: skip


class UploadForm(UploadWordsForm):
    """Several files, with one set of words for all."""

    files = UploadsField(label=_("Files"))

    def __init__(self, *args, limit_mb: int, **options) -> None:
        super().__init__(*args, **options)
        files = self.fields["files"]
        files.widget.attrs["accept"] += ",.zip"
        files.help_text = _now(
            "Word, Excel, PowerPoint, OpenDocument, PDF, PNG, JPEG, text, CSV and e-mail files, each up to "
            "%(limit)s MB. You can choose several. A zip is unpacked: each file in it becomes evidence of its own."
        ) % {"limit": limit_mb}


class ReplaceForm(OnceForm, VersionForm):
    file = UploadsField(
        several=False, label=_("New file"), help_text=_("The file that is there now is kept as an earlier version.")
    )

    def clean_file(self) -> VaultUpload:
        return self.cleaned_data["file"][0]


class LinkForm(OnceForm, AboutForm):
    title = forms.CharField(label=_("Title"), max_length=200, error_messages={"required": _("Enter a title")})
    url = forms.URLField(
        label=_("Address"),
        max_length=1000,
        assume_scheme="https",
        help_text=_("For example, https://intranet.example.org/plans. We never open it ourselves."),
        error_messages={
            "required": _("Enter the address of the link"),
            "invalid": _("Enter an address that starts with https://"),
        },
    )
    where = forms.CharField(
        label=_("Where it is kept"), required=False, max_length=200, help_text=_("For example, the council's intranet.")
    )
    who_can_open = forms.CharField(
        label=_("Who can open it"),
        required=False,
        max_length=200,
        help_text=_(
            "Peers are not on your network: say how they can read it, for example on your screen during the visit."
        ),
    )
    field_order = [
        "token", "title", "url", "where", "who_can_open", "shows", "source", "document_date", "period_from",
        "period_to", "review_on", "marking", "questions",
    ]  # fmt: skip

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if url != self.initial.get("url"):  # one that was there before may stay
            try:
                refuse_address(url)
            except BadInput as refusal:
                raise forms.ValidationError(refusal.message) from refusal
        return url


class ItemForm(VersionForm, AboutForm):
    """The words of an item that is there, and all that it serves; the fields of a link only for a link."""

    title = forms.CharField(label=_("Title"), max_length=200, error_messages={"required": _("Enter a title")})
    url = LinkForm.base_fields["url"]
    where = LinkForm.base_fields["where"]
    who_can_open = LinkForm.base_fields["who_can_open"]
    themes = ManyField(
        label=_("Which themes does it serve as a whole?"),
        queryset=Theme.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
        help_text=_("The themes of the questions above come by themselves."),
    )
    outcomes = ManyField(
        label=_("Which outcomes of the Cyber Assessment Framework does it serve?"),
        queryset=CafOutcome.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
        help_text=_("Those that the questions above map to come by themselves."),
    )
    field_order = ["version", *LinkForm.field_order[1:], "themes", "outcomes"]
    clean_url = LinkForm.clean_url

    def __init__(self, *args, row: EvidenceItem, questions, themes, outcomes, **options) -> None:
        words = {name: getattr(row, name) for name in LinkForm.field_order[1:-1]}
        for name in ("questions", "themes", "outcomes"):
            words[name] = [one.pk for one in getattr(row, name).all()]
        super().__init__(*args, row=row, questions=questions, initial=words, **options)
        self.fields["themes"].queryset, self.fields["outcomes"].queryset = themes, outcomes
        if not row.is_link:
            for name in ("url", "where", "who_can_open"):
                del self.fields[name]
