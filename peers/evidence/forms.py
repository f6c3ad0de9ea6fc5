import uuid

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.files.checks import ACCEPTED
from cyber360.files.handler import VaultUpload
from cyber360.ui.widgets import Checkboxes, DateField, FilesInput, ManyField, Radios
from peers.frameworks.models import EvidenceKind, Question, Theme

from .models import EvidenceItem, EvidenceRequest, Marking

SOMEONE_NEW = "new"
ME, NOBODY = "me", "nobody"


def _long(rows: int, **options) -> forms.CharField:
    """Long text without a count of characters: the limit is said only when it is passed."""
    field = forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **options)
    field.widget.attrs.pop("maxlength", None)
    return field


class UploadsField(forms.Field):
    """One or several received files, refused ones among them: the page says of each what became of it."""

    default_error_messages = {"required": _("Choose at least one file")}

    def __init__(self, *, several: bool = True, **options) -> None:
        widget = FilesInput if several else forms.FileInput
        super().__init__(widget=widget(attrs={"accept": ACCEPTED.replace(" ", "")}), **options)

    def clean(self, value) -> list[VaultUpload]:
        uploads = [upload for upload in (value if isinstance(value, list) else [value]) if upload]
        if not uploads and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return uploads


class OnceForm(forms.Form):
    """`token` names one sending of the form, so that a double click or a reload adds nothing twice."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["token"].initial = uuid.uuid4

    def clean_token(self) -> str:
        return str(self.cleaned_data["token"] or "")


class VersionForm(forms.Form):
    """`version` is that of the row on which the person began."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        error_messages={"required": _("Copy your text, then open this page again.")},
    )

    def __init__(self, *args, row, **options) -> None:
        options["initial"] = {"version": row.version, **options.get("initial", {})}
        super().__init__(*args, **options)


class AboutForm(forms.Form):
    """What is said of an item. `questions` is left out for a request's own upload."""

    shows = _long(
        3,
        label=_("What this shows"),
        required=False,
        max_length=2000,
        help_text=_("One or two sentences for the peers. They read this before they open anything."),
    )
    document_date = DateField(
        label=_("Date of the document"),
        required=False,
        help_text=_("For example, 27 3 2027. When it was agreed or sent."),
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


class UploadForm(OnceForm, AboutForm):
    """Several files, with one set of words for all."""

    files = UploadsField(label=_("Files"))
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=200,
        help_text=_(
            "Used when you add one file. Several files are called by their own names; you can change that later."
        ),
    )
    field_order = ["token", "files", "title", "shows", "document_date", "marking", "questions"]

    def __init__(self, *args, limit_mb: int, **options) -> None:
        super().__init__(*args, **options)
        self.fields["files"].help_text = _now(
            "Word, Excel, PowerPoint, OpenDocument, PDF, PNG, JPEG, text, CSV and e-mail files, each up to "
            "%(limit)s MB. You can choose several."
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
    field_order = ["token", "title", "url", "where", "who_can_open", "shows", "document_date", "marking", "questions"]

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError(_now("Enter an address that starts with https://"))
        return url


class ItemForm(VersionForm, AboutForm):
    """The words of an item that is there; the fields of a link only for a link."""

    title = forms.CharField(label=_("Title"), max_length=200, error_messages={"required": _("Enter a title")})
    url = LinkForm.base_fields["url"]
    where = LinkForm.base_fields["where"]
    who_can_open = LinkForm.base_fields["who_can_open"]
    field_order = ["version", *LinkForm.field_order[1:]]
    clean_url = LinkForm.clean_url

    def __init__(self, *args, row: EvidenceItem, questions, **options) -> None:
        words = {name: getattr(row, name) for name in LinkForm.field_order[1:-1]}
        chosen = [question.pk for question in row.questions.all()]
        super().__init__(*args, row=row, questions=questions, initial={**words, "questions": chosen}, **options)
        if not row.is_link:
            for name in ("url", "where", "who_can_open"):
                del self.fields[name]


class RequestForm(forms.Form):
    """Asking for one thing; with `row` the asking is changed and carries its version."""

    prompt = forms.CharField(
        label=_("What is asked for"), max_length=300, error_messages={"required": _("Say what is asked for")}
    )
    good = _long(
        4,
        label=_("What a good one shows"),
        required=False,
        max_length=4000,
        help_text=_("So that people know when to stop."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=EvidenceKind.choices, initial=EvidenceKind.DOCUMENT)
    question = forms.ModelChoiceField(
        label=_("Question"), queryset=Question.objects.none(), required=False, empty_label=_("No one question")
    )
    owner = forms.ModelChoiceField(
        label=_("Who looks for it"), queryset=None, required=False, empty_label=_("Nobody yet")
    )
    due_on = DateField(label=_("By when"), required=False, help_text=_("For example, 27 3 2027"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args, questions, owners, row: EvidenceRequest | None = None, **options) -> None:
        if row is not None:
            names = ("prompt", "good", "kind", "due_on", "version")
            start = {name: getattr(row, name) for name in names}
            options["initial"] = start | {"question": row.question_id, "owner": row.owner_id}
        super().__init__(*args, **options)
        self.fields["question"].queryset = questions
        self.fields["owner"].queryset = owners
        self.fields["version"].required = row is not None
        if row is None:
            del self.fields["version"]


class HandOverForm(VersionForm):
    """Cleans to email, full_name, job_title, due_on, version."""

    person = forms.ChoiceField(
        label=_("Who should look for it?"),
        widget=Radios,
        error_messages={"required": _("Choose who should look for it")},
    )
    full_name = forms.CharField(label=_("Full name"), required=False, max_length=120)
    email = forms.EmailField(
        label=_("E-mail address"), required=False, help_text=_("At work. They get one mail with a link.")
    )
    job_title = forms.CharField(label=_("Job title"), required=False, max_length=120)
    due_on = DateField(label=_("By when?"), help_text=_("For example, 27 3 2027"))
    field_order = ["version", "person", "full_name", "email", "job_title", "due_on"]
    mark_optional = False

    def __init__(self, *args, row: EvidenceRequest, people: list, **options) -> None:
        super().__init__(*args, row=row, initial={"due_on": row.due_on}, **options)
        self.people = {str(person.pk): person for person in people}
        known = [
            (pk, f"{one.full_name}, {one.job_title}" if one.job_title else one.full_name)
            for pk, one in self.people.items()
        ]
        self.fields["person"].choices = [*known, (SOMEONE_NEW, _now("Somebody else"))]

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_now("The day must be today or later"))
        return day

    def clean(self) -> dict:
        data = super().clean()
        known = self.people.get(data.pop("person", "") or "")
        if known is not None:
            data.update(email=known.email, full_name=known.full_name, job_title=known.job_title)
        elif "person" not in self.errors:
            if not data.get("full_name"):
                self.add_error("full_name", _now("Enter their full name"))
            if not data.get("email") and "email" not in self.errors:
                self.add_error("email", _now("Enter their e-mail address"))
        return data


class SettleForm(VersionForm):
    state = forms.ChoiceField(
        label=_("What should the peers know?"),
        choices=[
            (EvidenceRequest.State.NOT_HELD, _("We do not hold it")),
            (EvidenceRequest.State.NOT_NEEDED, _("It is not needed here")),
        ],
        widget=Radios,
        error_messages={"required": _("Choose one")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        help_text=_("The peers read this. Not holding something is an answer too."),
        error_messages={"required": _("Give the reason")},
    )
    field_order = ["version", "state", "reason"]


class ReasonForm(forms.Form):
    """A reason, with the words that its page needs."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give the reason")},
    )

    def __init__(self, *args, label: str = "", help_text: str = "", **options) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].label = label or self.fields["reason"].label
        self.fields["reason"].help_text = help_text
        self.fields["reason"].widget.attrs.pop("maxlength", None)


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
