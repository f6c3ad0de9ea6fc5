"""Pages on which coordinators write the sections that reports begin with."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from peers.access import acts, may, require
from peers.acts import Act
from peers.reports import queries, templates
from peers.reports.forms import TemplateSectionForm
from peers.reports.models import ReportTemplate, TemplateSection, TemplateState
from peers.reports.prefill import NAMES

COLUMNS = ("title", "code", "source", "place", "guidance", "boilerplate", "version")


def _template(request: SignedInRequest, pk: int, act: Act) -> ReportTemplate:
    require(request.user, act)
    row = queries.templates().filter(pk=pk).first()
    if row is None:
        raise NoSeat
    return row


def _section(request: SignedInRequest, pk: int, code: str) -> TemplateSection:
    row = _template(request, pk, Act.TEMPLATE_EDIT).sections.filter(code=code).first()
    if row is None:
        raise NoSeat
    return row


@acts(Act.TEMPLATE_READ)
@require_safe
def template_list(request: SignedInRequest) -> HttpResponse:
    require(request.user, Act.TEMPLATE_READ)
    rows = list(queries.templates())
    has_draft = any(row.state == TemplateState.DRAFT for row in rows)
    context = {"templates": rows, "has_draft": has_draft, "may_edit": may(request.user, Act.TEMPLATE_EDIT)}
    return render(request, "reports/templates.html", context)


@acts(Act.TEMPLATE_EDIT)
@require_POST
def template_new(request: SignedInRequest) -> HttpResponse:
    return redirect(templates.start_draft(by=request.user))


@acts(Act.TEMPLATE_READ)
@require_safe
def template(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _template(request, pk, Act.TEMPLATE_READ)
    is_draft = row.state == TemplateState.DRAFT
    context = {"template": row, "sections": row.sections.all(), "is_draft": is_draft,
               "may_edit": is_draft and may(request.user, Act.TEMPLATE_EDIT)}  # fmt: skip
    return render(request, "reports/template.html", context)


@acts(Act.TEMPLATE_EDIT)
def template_section(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    row = _section(request, pk, code)
    initial = {name: getattr(row, name) for name in COLUMNS}
    return _editing(request, row.template, row, TemplateSectionForm(request.POST or None, initial=initial))


@acts(Act.TEMPLATE_EDIT)
def template_section_add(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _template(request, pk, Act.TEMPLATE_EDIT)
    return _editing(request, row, None, TemplateSectionForm(request.POST or None))


def _editing(request, template: ReportTemplate, row: TemplateSection | None, form: TemplateSectionForm) -> HttpResponse:
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            templates.save_template_section(template=template, section=row, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = stale.current
            form = TemplateSectionForm(request.POST | {"version": str(current.version)})
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The section is saved. It is used once you put the version in use."))
            return redirect(template)
    context = {"template": template, "section": row, "form": form, "current": current, "names": NAMES.items()}
    return render(request, "reports/template_section.html", context, status=409 if current else 200)


@acts(Act.TEMPLATE_EDIT)
@require_POST
def template_section_remove(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    row = _section(request, pk, code)
    templates.remove_template_section(section=row, by=request.user)
    messages.success(request, _("“%(title)s” is taken out of this version.") % {"title": row.title})
    return redirect(row.template)


@acts(Act.TEMPLATE_EDIT)
@require_POST
def template_use(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _template(request, pk, Act.TEMPLATE_EDIT)
    templates.put_in_use(template=row, by=request.user)
    messages.success(request, _("The version is in use. Reports that were begun keep theirs."))
    return redirect(row)
