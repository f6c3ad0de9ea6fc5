"""Pages on which coordinators write the documents' texts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from cyber360.ui.numbers import whole
from peers.access import acts, may, require
from peers.acts import Act
from peers.agreements import queries, templates
from peers.agreements.forms import TemplateForm
from peers.agreements.models import DocumentKind, DocumentTemplate, TemplateState
from peers.agreements.rendering import PLACEHOLDERS, to_html


def _template(request: SignedInRequest, pk: int, act: Act) -> DocumentTemplate:
    require(request.user, act)
    row = DocumentTemplate.objects.select_related("edited_by").filter(pk=pk).first()
    if row is None:
        raise NoSeat
    return row


@require_safe
@acts(Act.TEMPLATE_READ)
def template_list(request: SignedInRequest) -> HttpResponse:
    require(request.user, Act.TEMPLATE_READ)
    context = {"kinds": queries.template_list(), "may_edit": may(request.user, Act.TEMPLATE_EDIT)}
    return render(request, "agreements/templates.html", context)


@require_POST
@acts(Act.TEMPLATE_EDIT)
def template_new(request: SignedInRequest, kind: str) -> HttpResponse:
    require(request.user, Act.TEMPLATE_EDIT)
    if kind not in DocumentKind.values:
        raise NoSeat
    draft = templates.start_draft(kind=kind, by=request.user)
    return redirect("agreements:template_edit", pk=draft.pk)


@require_safe
@acts(Act.TEMPLATE_READ)
def template(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _template(request, pk, Act.TEMPLATE_READ)
    others = DocumentTemplate.objects.filter(kind=row.kind).exclude(pk=row.pk)
    context = {
        "template": row,
        "text": to_html(row.body),
        "others": others,
        "is_draft": row.state == TemplateState.DRAFT,
        "may_edit": may(request.user, Act.TEMPLATE_EDIT),
    }
    return render(request, "agreements/template.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@acts(Act.TEMPLATE_EDIT)
def template_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _template(request, pk, Act.TEMPLATE_EDIT)
    form = TemplateForm(request.POST or None, instance=row, initial={"version": row.version})
    context: dict[str, Any] = {
        "template": row,
        "form": form,
        "placeholders": PLACEHOLDERS.items(),
        "current": None,
        "status": 200,
    }
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            context["preview"] = to_html(form.cleaned_data["body"])
        elif _saved(request, row, form, context):
            return redirect(row)
    return render(request, "agreements/template_edit.html", context, status=context["status"])


def _saved(request: SignedInRequest, row: DocumentTemplate, form: TemplateForm, context: dict) -> bool:
    try:
        templates.edit_template(template=row, by=request.user, **form.values())
    except StaleVersion as stale:
        data = request.POST | {"version": str(stale.current.version)}
        context |= {"current": stale.current, "form": TemplateForm(data, instance=row), "status": stale.status}
        return False
    except BadInput as wrong:
        form.add_error("body", wrong.message)
        return False
    messages.success(request, _("The draft is saved. It is used once you put it in use."))
    return True


@require_POST
@acts(Act.TEMPLATE_EDIT)
def template_use(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _template(request, pk, Act.TEMPLATE_EDIT)
    version = request.POST.get("version", "")
    templates.put_in_use(template=row, by=request.user, version=whole(version))
    messages.success(request, _("The text is in use. Documents issued before keep theirs."))
    return redirect(row)
