"""GOV.UK markup for every Django form, so that a page only says `{{ form }}` or `{{ field.as_field_group }}`.

Structure lives in `templates/django/forms/`; this file decides classes, ids and what a field group needs to know.
"""

from typing import Any

from django.forms import DateField
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Textarea
from django.utils.translation import gettext as _

WIDGETS = "django/forms/widgets/"
# Widget template -> the GOV.UK block it is drawn with.
BLOCKS = {
    **{
        f"{WIDGETS}{name}.html": "govuk-input"
        for name in ["text", "email", "number", "password", "url", "tel", "search", "date", "time", "datetime", "input"]
    },
    f"{WIDGETS}textarea.html": "govuk-textarea",
    f"{WIDGETS}select.html": "govuk-select",
    f"{WIDGETS}file.html": "govuk-file-upload",
    f"{WIDGETS}clearable_file_input.html": "govuk-file-upload",
    f"{WIDGETS}checkbox.html": "govuk-checkboxes__input",
}
CHOICES = {f"{WIDGETS}radio.html", f"{WIDGETS}checkbox_select.html"}
# The group is required or wrong, not the single choice; ARIA forbids both on a radio.
NOT_ON_A_CHOICE = {"required", "aria-invalid", "data-label-size"}
# A two-word or one-line default reads better than Django's ten rows or full-width numbers.
NARROW = {f"{WIDGETS}number.html": "govuk-input--width-5", f"{WIDGETS}time.html": "govuk-input--width-5"}


class GovUkRenderer(TemplatesSetting):
    """Draws widgets with GOV.UK classes; `attrs={"class": ...}` of a form adds to them and is never lost."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if "widget" in context:
            context = {**context, "widget": dressed(context["widget"])}
        elif template_name == self.field_template_name:
            context = {**context, **group_context(context["field"])}
        return super().render(template_name, context, request)


def dressed(widget: dict[str, Any]) -> dict[str, Any]:
    """The widget's context with GOV.UK classes; without `required`, because the server words every error itself."""
    attrs = {name: value for name, value in widget["attrs"].items() if name not in ("required", "data-label-size")}
    widget = {**widget, "attrs": attrs}
    if widget["template_name"] in CHOICES:
        for _group, options, _index in widget["optgroups"]:
            for option in options:
                option["attrs"] = {k: v for k, v in option["attrs"].items() if k not in NOT_ON_A_CHOICE}
    block = BLOCKS.get(widget["template_name"])
    if block is None:
        return widget
    classes = [block, attrs.get("class", "")]
    if "width-" not in classes[1]:
        classes.append(NARROW.get(widget["template_name"], ""))
    if attrs.get("aria-invalid") and block != "govuk-checkboxes__input":
        classes.append(f"{block}--error")
    if block == "govuk-textarea":
        _count(widget, attrs, classes)
    attrs["class"] = " ".join(name for name in classes if name)
    return widget


def _count(widget: dict[str, Any], attrs: dict[str, Any], classes: list[str]) -> None:
    """Word or character count (`data-maxwords`, or Django's own `maxlength`) told to the reader from the start."""
    words, characters = attrs.pop("data-maxwords", None), attrs.pop("maxlength", None)
    if attrs.get("rows") == "10":
        attrs["rows"] = "5"
    if not (words or characters) or not attrs.get("id"):
        return
    info = f"{attrs['id']}-info"
    attrs["aria-describedby"] = " ".join(filter(None, [attrs.get("aria-describedby"), info]))
    classes.append("govuk-js-character-count")
    message = (_("You can write up to %(count)s words") if words else _("You can write up to %(count)s characters")) % {
        "count": words or characters
    }
    widget["count"] = {"id": info, "message": message}


def group_context(field: BoundField) -> dict[str, Any]:
    """What `django/forms/field.html` needs: the shape of the field, its label, and whether it may stay empty."""
    widget = field.field.widget
    optional = not field.field.required and getattr(field.form, "mark_optional", True)
    shape = shape_of(widget)
    label = str(field.label or "")
    if optional and label and shape != "checkbox" and not field.field.disabled and "(" not in label[-12:]:
        label = _("%(label)s (optional)") % {"label": label}
    return {
        "label": label,
        "shape": shape,
        "size": widget.attrs.get("data-label-size", ""),
        "errors": worded_errors(field),
        "words": widget.attrs.get("data-maxwords") if shape == "textarea" else None,
        "characters": widget.attrs.get("maxlength") if shape == "textarea" else None,
        "hint_id": f"{field.auto_id}_helptext",
        "error_id": f"{field.auto_id}_error",
    }


def worded_errors(field: BoundField) -> list[str]:
    """The field's errors; Django's bare "This field is required." says which field and what to do instead."""
    bare = {_("This field is required."), _("Enter a date")}
    return [_empty_words(field) if str(error) in bare else str(error) for error in field.errors]


def _empty_words(field: BoundField) -> str:
    shape = shape_of(field.field.widget)
    if isinstance(field.field, DateField):
        sentence = _("Enter a date for “%(label)s”")
    elif shape == "checkbox":
        sentence = _("Tick “%(label)s” to go on")
    elif shape == "file":
        sentence = _("Choose a file for “%(label)s”")
    elif shape == "choices" or isinstance(field.field.widget, Select):
        sentence = _("Choose an answer for “%(label)s”")
    else:
        sentence = _("Fill in “%(label)s”")
    return sentence % {"label": field.label}


def shape_of(widget: object) -> str:
    """One of checkbox, choices, file, textarea, fieldset, line: decides the skeleton of the field group."""
    if isinstance(widget, CheckboxInput):
        return "checkbox"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, FileInput):
        return "file"
    if isinstance(widget, Textarea):
        return "textarea"
    return "fieldset" if getattr(widget, "use_fieldset", False) else "line"


def first_control_id(field: BoundField) -> str:
    """The id an error link must jump to: the first radio, the day of a date, else the control itself."""
    if shape_of(field.field.widget) == "choices" and len(field.subwidgets):
        return str(field.subwidgets[0].id_for_label)
    return str(field.id_for_label or field.auto_id)
