"""Widgets and fields that Django lacks: the three-part date, several files, choices with a hint each."""

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PARTS = ("day", "month", "year")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


class DateWidget(forms.Widget):
    """Day, month and year as three inputs; a single `name=2027-03-03` in the data is read as well.

    The value handed to the field is "year-month-day" as typed, so that a wrong date comes back as it was written.
    """

    template_name = "ui/widgets/date.html"
    use_fieldset = True

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str | None:
        if data.get(name):
            return str(data[name]).strip()
        day, month, year = (str(data.get(f"{name}_{part}") or "").strip() for part in PARTS)
        return f"{year}-{month_number(month)}-{day}" if day or month or year else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and not any(f"{name}_{part}" in data for part in PARTS)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        names = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
        wanted = parts_of(value)
        base = context["widget"]["attrs"].get("id") or f"id_{name}"
        context["widget"]["invalid"] = "aria-invalid" in context["widget"]["attrs"]
        context["widget"]["parts"] = [
            {
                "name": f"{name}_{part}",
                "id": f"{base}_{part}",
                "label": names[part],
                "value": wanted[part],
                "width": 4 if part == "year" else 2,
            }
            for part in PARTS
        ]
        return context

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_day" if id_ else id_


def month_number(text: str) -> str:
    """ "March" or "mar" -> "3"; anything else comes back as it was typed."""
    short = text[:3].lower()
    return str(MONTHS.index(short) + 1) if text.isalpha() and short in MONTHS else text


def parts_of(value: Any) -> dict[str, str]:
    """The three parts of a date, or of what was typed in place of one."""
    if isinstance(value, datetime.date):
        return {"day": str(value.day), "month": str(value.month), "year": str(value.year)}
    typed = str(value or "")
    if typed.count("/") == 2:
        day, month, year = typed.split("/")
    elif typed.count("-") == 2:
        year, month, day = typed.split("-")
    else:
        day, month, year = typed, "", ""
    return {"day": day, "month": month, "year": year}


# Sums of days outside these leave the calendar that Python and the databases share.
FIRST_YEAR, LAST_YEAR = 1800, 2100


class ManyField(forms.ModelMultipleChoiceField):
    """Several rows of one kind. A value that is no id of a row is refused, not handed to the database."""

    def clean(self, value: Any) -> Any:
        for one in value or []:
            if not str(one).isascii() or not str(one).isdigit() or len(str(one)) > 18:
                words = self.error_messages["invalid_pk_value"]
                raise ValidationError(words, code="invalid_pk_value", params={"pk": str(one)[:40]})
        return super().clean(value)


class DateField(forms.DateField):
    """A date in three parts, with errors that say which part to mend."""

    widget = DateWidget
    default_error_messages = {
        "required": gettext_lazy("Enter a date"),
        "invalid": gettext_lazy("Enter a real date, for example 27 3 2027"),
    }
    input_formats = ["%Y-%m-%d", "%d/%m/%Y"]

    def to_python(self, value: Any) -> datetime.date | None:
        if isinstance(value, str) and value.count("-") == 2:
            parts = parts_of(value)
            words = {"day": _("a day"), "month": _("a month"), "year": _("a year")}
            missing = [words[part] for part in PARTS if not parts[part]]
            if missing:
                raise ValidationError(
                    _("The date must include %(what)s") % {"what": _(" and ").join(missing)}, "invalid"
                )
            if len(parts["year"]) != 4:
                raise ValidationError(_("The year must have four numbers, for example 2027"), "invalid")
        result: datetime.date | None = super().to_python(value)
        if result is not None and not FIRST_YEAR <= result.year <= LAST_YEAR:
            words = _("The year must be between %(first)s and %(last)s") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise ValidationError(words, "invalid")
        return result

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(super().has_changed(initial, self.to_python(data)))
        except ValidationError:
            return True


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Several files at once. Cleans to a list of uploaded files, empty when none was chosen."""

    widget = FilesInput
    default_error_messages = {"required": gettext_lazy("Choose at least one file")}

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        cleaned = [super(FilesField, self).clean(item, initial) for item in files] if files else []
        if not cleaned and self.required:
            raise ValidationError(self.error_messages["required"], "required")
        return [item for item in cleaned if item]


class _Hinted:
    """A hint under each choice: `hints={value: text}`. `small` and `inline` are GOV.UK's variants."""

    def __init__(
        self, *args: Any, hints: Mapping[Any, str] | None = None, small: bool = False, inline: bool = False, **kw: Any
    ):
        super().__init__(*args, **kw)
        self.hints = {str(key): text for key, text in (hints or {}).items()}
        self.small, self.inline = small, inline

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)  # type: ignore[misc]
        context["widget"] |= {"small": self.small, "inline": self.inline}
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)  # type: ignore[misc]
        option["hint"] = self.hints.get(str(value), "")
        if option["hint"] and option["attrs"].get("id"):
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}-item-hint"
        return option


class Radios(_Hinted, forms.RadioSelect):
    """Radios with an optional hint each; `Radios(hints={1: "Nothing is written down yet"})`."""


class Checkboxes(_Hinted, forms.CheckboxSelectMultiple):
    """Checkboxes with an optional hint each."""
