from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.names import NameField
from cyber360.ui.widgets import Checkboxes, DateField, Radios

from .models import TEXT_LIMIT, Answer, PositionStatement
from .queries import Material

NOT_APPLICABLE = "na"
SOMEONE_NEW = "new"


class LongText(forms.CharField):
    """Text of any length up to the limit; the page guides by words, the limit is said only when it is passed."""

    def __init__(self, *, rows: int, **options):
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), required=False, max_length=TEXT_LIMIT, **options)
        self.widget.attrs.pop("maxlength", None)


class VersionedForm(forms.Form):
    """`version` is that of the text on which the person began to write."""

    mark_optional = False
    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        error_messages={"required": _("Copy your text, then open this page again.")},
    )


class AnswerForm(VersionedForm):
    """Cleans to level (0 to 4 or None), not_applicable, text, version."""

    level = forms.ChoiceField(label=_("Which of these is closest to your council today?"), required=False)
    text = LongText(
        rows=10,
        label=_("Why this level?"),
        help_text=_(
            "Say what happens, how you know, and what is not yet as you want it. About 150 words are usually enough."
        ),
    )

    def __init__(self, *args, answer: Answer, material: Material, version: int | None = None, **options):
        start = {"version": version or answer.version, "level": chosen(answer), "text": answer.text}
        super().__init__(*args, initial=start, **options)
        levels = [(str(row.level), f"{row.level} {row.word}") for row in material.levels]
        hints = {row.level: row.text for row in material.levels}
        hints[NOT_APPLICABLE] = _now("Say below why not. The peer team reads the reason.")
        field = self.fields["level"]
        field.widget = Radios(hints=hints)
        field.choices = [*levels, (NOT_APPLICABLE, _now("This does not apply to our council"))]
        field.widget.attrs["data-label-size"] = "m"
        self.fields["text"].widget.attrs["data-label-size"] = "m"

    def clean(self) -> dict:
        data = super().clean()
        choice = data.get("level") or None
        data["not_applicable"] = choice == NOT_APPLICABLE
        data["level"] = int(choice) if choice and choice != NOT_APPLICABLE else None
        return data

    def say_unfinished(self, saved: Answer) -> None:
        """What the answer, kept as `saved`, lacks before it can be finished; the next save goes upon it."""
        self.data = self.data.copy()
        self.data["version"] = saved.version
        if saved.level is None and not saved.not_applicable:
            words = _now("Choose a level before you finish. What you wrote is saved.")
            self.add_error("level", words if saved.text else _now("Choose a level before you finish"))
        if not saved.text:
            words = _now("Give the reason before you finish. The level you chose is saved.")
            self.add_error("text", words if saved.is_started else _now("Give the reason before you finish"))


def chosen(answer: Answer) -> str:
    """The radio that stands for an answer."""
    if answer.not_applicable:
        return NOT_APPLICABLE
    return "" if answer.level is None else str(answer.level)


class PositionForm(VersionedForm):
    text = LongText(
        rows=16,
        label=_("Position statement"),
        help_text=_(
            "Who you are, what you are proud of, what worries you, and what you hope the team will look at. "
            "About two pages, or 1,000 words."
        ),
    )

    def __init__(self, *args, position: PositionStatement, version: int | None = None, **options):
        super().__init__(*args, initial={"version": version or position.version, "text": position.text}, **options)


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Remark"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write a remark")},
    )
    with_contributors = forms.BooleanField(label=_("Show it to the people who hold this question too"), required=False)

    def __init__(self, *args, may_widen: bool, **options):
        super().__init__(*args, auto_id="id_remark_%s", **options)
        self.fields["text"].widget.attrs.pop("maxlength", None)
        if not may_widen:
            del self.fields["with_contributors"]


class HandOverForm(forms.Form):
    """Cleans to questions (of `answers`), email, full_name, job_title, due_on."""

    questions = forms.MultipleChoiceField(
        label=_("Which questions?"),
        widget=Checkboxes(small=True),
        error_messages={"required": _("Choose at least one question")},
    )
    person = forms.ChoiceField(
        label=_("Who should answer?"), widget=Radios, error_messages={"required": _("Choose who should answer")}
    )
    full_name = NameField(required=False)
    email = forms.EmailField(
        label=_("E-mail address"), required=False, help_text=_("At work. They get one mail with a link.")
    )
    job_title = forms.CharField(label=_("Job title"), required=False, max_length=120)
    due_on = DateField(label=_("By when?"), help_text=_("For example, 27 3 2027"))
    mark_optional = False

    def __init__(self, *args, answers: list[Answer], people: list, **options):
        super().__init__(*args, **options)
        self.answers = {row.question.code: row for row in answers}
        self.people = {str(person.pk): person for person in people}
        self.fields["questions"].choices = _by_theme(answers)
        known = [(pk, _named(person)) for pk, person in self.people.items()]
        self.fields["person"].choices = [*known, (SOMEONE_NEW, _now("Somebody else"))]
        for name in ("questions", "person", "due_on"):
            self.fields[name].widget.attrs["data-label-size"] = "m"

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_now("The day must be today or later"))
        return day

    def clean(self) -> dict:
        data = super().clean()
        known = self.people.get(data.get("person") or "")
        if known is not None:
            data.update(email=known.email, full_name=known.full_name, job_title=known.job_title)
        elif data.get("person") == SOMEONE_NEW:
            if not data.get("full_name"):
                self.add_error("full_name", _now("Enter their full name"))
            if not data.get("email") and "email" not in self.errors:
                self.add_error("email", _now("Enter their e-mail address"))
        data["questions"] = [self.answers[code].question for code in data.get("questions", [])]
        return data


def _by_theme(answers: list[Answer]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in answers:
        groups.setdefault(row.question.theme.title, []).append((row.question.code, str(row.question)))
    return list(groups.items())


def _named(person) -> str:
    return f"{person.full_name}, {person.job_title}" if person.job_title else person.full_name


class SignOffForm(forms.Form):
    name = NameField(error_messages={"required": _("Enter your full name")})
    job_title = forms.CharField(
        label=_("Job title"), max_length=120, error_messages={"required": _("Enter your job title")}
    )
    declared = forms.BooleanField(
        label=_("I make this declaration"), error_messages={"required": _("Tick the box to make the declaration")}
    )
