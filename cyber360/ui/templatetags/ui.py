"""The tags of every page; loaded as a builtin, so a template needs no `{% load ui %}`. Usage: docs/ui.md."""

import datetime
import math
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, strip_tags
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cyber360.ui.charts import Drawing
from cyber360.ui.renderer import first_control_id, worded_errors

register = template.Library()
COLOURS = {"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"}


# --- the frame: title, heading, marking ---------------------------------------------------------
def _block(context: Context, *names: str) -> str:
    """The text of the first of these template blocks that the page fills; "" when it fills none."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    for name in names:
        block = blocks.get_block(name) if blocks else None
        text = block.render(context).strip() if block else ""
        if text:
            return mark_safe(text)  # noqa: S308 - output of the page's own template, escaped there
    return ""


@register.simple_tag(takes_context=True)
def page_heading(context: Context) -> str:
    """The page's one name: block `title`, else block `h1`, else the context variable `title`."""
    return _block(context, "title", "h1") or context.get("title", "")


@register.simple_tag(takes_context=True)
def page_title(context: Context) -> str:
    """The text of `<title>`: the heading, "Error: " before it when a form on the page has errors."""
    heading = mark_safe(strip_tags(page_heading(context)))  # noqa: S308 - escaped where it was written
    form = context.get("form")
    error = _("Error: ") if isinstance(form, BaseForm) and form.is_bound and form.errors else ""
    return format_html("{}{} – {}", error, heading, "Cyber 360") if heading else format_html("{}Cyber 360", error)


@register.inclusion_tag("ui/_marking.html", takes_context=True)
def marking_line(context: Context, position: str = "top") -> dict[str, Any]:
    """The protective marking of the page; nothing when block `marking` is empty."""
    return {"marking": _block(context, "marking"), "position": position}


# --- forms ----------------------------------------------------------------------------------------
@register.inclusion_tag("ui/_error_summary.html")
def error_summary(form: Any = None, *more: Any) -> dict[str, Any]:
    """Every error of the forms in one list at the top, each a link to its control. Shown once a page."""
    forms = [item for item in (form, *more) if isinstance(item, BaseForm) and item.is_bound]
    rows = [row for item in forms if not getattr(item, "_summary_shown", False) for row in _error_rows(item)]
    for item in forms:
        item._summary_shown = True  # type: ignore[attr-defined]
    return {"rows": rows}


def _error_rows(form: BaseForm) -> Iterable[dict[str, str]]:
    for error in form.non_field_errors():
        yield {"text": str(error), "href": ""}
    for bound in form:
        for error in worded_errors(bound):
            yield {"text": error, "href": "" if bound.is_hidden else f"#{first_control_id(bound)}"}


@register.inclusion_tag("ui/_form_body.html")
def form_body(form: BaseForm) -> dict[str, Any]:
    """All fields of the form, hidden ones included, without its `<form>` tag and button."""
    return {"form": form}


@register.inclusion_tag("ui/_button.html")
def button(label: str, kind: str = "", *, href: str = "", name: str = "", value: str = "", hidden: str = "",
           disabled: bool = False, form: str = "") -> dict[str, Any]:  # fmt: skip
    """A submit button, or with `href` a link that looks like one. kind: secondary, warning, inverse."""
    return {"label": label, "kind": kind, "href": href, "name": name, "value": value, "hidden": hidden,
            "disabled": disabled, "form_id": form}  # fmt: skip


@register.inclusion_tag("ui/_autosave_attributes.html")
def autosave(url: str, key: str) -> dict[str, str]:
    """Attributes for a `<form>` that is saved while it is written; needs `ui/_autosave.html` inside the form."""
    return {"url": url, "key": key}


# --- small pieces -----------------------------------------------------------------------------------
@register.simple_tag
def tag(word: Any, colour: str = "grey") -> SafeString:
    """A status word; the word carries the meaning, the colour only helps."""
    kind = colour if colour in COLOURS else "grey"
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', kind, word)


@register.inclusion_tag("ui/_empty_state.html")
def empty_state(title: str, body: str = "", url: str = "", label: str = "") -> dict[str, str]:
    """Said in place of an empty list: what is not there yet, what comes next, and the way to it."""
    return {"title": title, "body": body, "url": url, "label": label}


@register.inclusion_tag("ui/_progress.html")
def progress(value: float, total: float, label: str = "", unit: str = "") -> dict[str, Any]:
    """A bar with its numbers beside it: `12 of 60 questions`."""
    top = max(float(total or 0), 0.0)
    return {"value": min(max(float(value or 0), 0.0), top), "max": top or 1, "shown": value or 0, "total": total or 0,
            "label": label, "unit": unit}  # fmt: skip


@register.inclusion_tag("ui/_summary_list.html")
def summary_list(rows: Iterable[Any]) -> dict[str, Any]:
    """Keys and values. A row is `(key, value)`, or a mapping with key, value and optionally url, action."""
    return {"rows": [row if isinstance(row, Mapping) else {"key": row[0], "value": row[1]} for row in rows]}


@register.inclusion_tag("ui/charts/chart.html")
def chart(drawing: Drawing, wide: bool | None = None) -> dict[str, Any]:
    """A drawing of `cyber360.ui.charts` with its table folded below; wide ones scroll in their own box when narrow."""
    return {"drawing": drawing, "wide": drawing.width > 400 if wide is None else wide}


@register.inclusion_tag("ui/charts/drawing.svg")
def chart_svg(drawing: Drawing) -> dict[str, Any]:
    """The picture alone: for table rows, and for the PDF, whose text holds the table."""
    return {"drawing": drawing}


@register.inclusion_tag("ui/charts/table.html")
def chart_table(drawing: Drawing) -> dict[str, Any]:
    """The numbers of a drawing, unfolded."""
    return {"drawing": drawing}


# --- lists: pages, sorting, addresses -----------------------------------------------------------------
def _address(context: Context, **changes: Any) -> str:
    """The page's own query string with some keys set, or removed where the value is None or ""."""
    request = context.get("request")
    params: dict[str, list[Any]] = dict(request.GET.lists()) if request else {}
    for key, value in changes.items():
        if value is None or value == "":
            params.pop(key, None)
        else:
            params[key] = [str(value)]
    return "?" + urlencode(params, doseq=True)


@register.simple_tag(takes_context=True)
def querystring_with(context: Context, **changes: Any) -> str:
    """`?...` of this page with these keys changed; the filters the reader chose stay."""
    return _address(context, **changes)


@register.inclusion_tag("ui/_pager.html", takes_context=True)
def pager(context: Context, page: Page, key: str = "page", label: str = "") -> dict[str, Any]:
    """GOV.UK pagination for a Paginator's page; nothing when there is only one.

    A second pager on one page has its own `key` and says in `label` what it turns the pages of.
    """
    if page.paginator.num_pages < 2:
        return {"items": []}
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    items = [
        {"number": n, "current": n == page.number, "url": _address(context, **{key: n})} if isinstance(n, int) else None
        for n in numbers
    ]
    return {
        "items": items,
        "previous": _address(context, **{key: page.number - 1}) if page.has_previous() else "",
        "next": _address(context, **{key: page.number + 1}) if page.has_next() else "",
        "page": page,
        "label": label or _("Pages"),
    }


@register.inclusion_tag("ui/_sort_header.html", takes_context=True)
def sort_header(context: Context, label: str, key: str, param: str = "sort", numeric: bool = False) -> dict[str, Any]:
    """A table header that sorts by a link: `?sort=key`, once more for `?sort=-key`; back to the first page."""
    request = context.get("request")
    now = request.GET.get(param, "") if request else ""
    order = {key: "ascending", f"-{key}": "descending"}.get(now, "none")
    turned = f"-{key}" if order == "ascending" else key
    return {
        "label": label,
        "order": order,
        "url": _address(context, **{param: turned, "page": None}),
        "numeric": numeric,
    }


# --- dates and times ------------------------------------------------------------------------------------
def _local(value: Any) -> Any:
    """A moment in UK time, whatever zone is active; dates and naive times as they are."""
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value, timezone.get_default_timezone())
    return value


def _dated(value: Any, pattern: str) -> str:
    return date_format(_local(value), pattern) if isinstance(value, datetime.date) else ""


def nice_date(value: datetime.date | None) -> str:
    """Tuesday 3 March 2027; "" for no date."""
    return _dated(value, "l j F Y")


def short_date(value: datetime.date | None) -> str:
    """3 Mar 2027, for tables."""
    return _dated(value, "j M Y")


def nice_time(value: datetime.datetime | datetime.time | None) -> str:
    """10:42 (UK time), whatever zone the value came in."""
    if not isinstance(value, datetime.datetime | datetime.time):
        return ""
    return _("%(time)s (UK time)") % {"time": _local(value).strftime("%H:%M")}


def nice_moment(value: datetime.datetime | None) -> str:
    """Tuesday 3 March 2027, 10:42 (UK time)."""
    return f"{nice_date(value)}, {nice_time(value)}" if isinstance(value, datetime.datetime) else nice_date(value)


for _function in (nice_date, short_date, nice_time, nice_moment):
    register.simple_tag(_function)
    register.filter(_function.__name__, _function)


@register.filter
def percent_of(value: float, total: float) -> int:
    """Whole per cent, rounded half up; 0 when there is nothing to divide by."""
    return math.floor(100 * float(value) / float(total) + 0.5) if total else 0
