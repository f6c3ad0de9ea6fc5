from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from peers.access import acts, may, require
from peers.acts import Act
from peers.frameworks import queries, services
from peers.frameworks.forms import CheckForm, CompareForm, DraftForm, packed
from peers.frameworks.importer.schema import json_schema
from peers.frameworks.models import FrameworkVersion


def _get_version(request: HttpRequest, code: str, version: str, act: Act) -> FrameworkVersion:
    require(request.user, act)
    try:
        return queries.get_version(code, version)
    except FrameworkVersion.DoesNotExist:
        raise Http404 from None


def _rights(request: HttpRequest) -> dict[str, bool]:
    return {
        "may_edit": may(request.user, Act.FRAMEWORK_EDIT),
        "may_publish": may(request.user, Act.FRAMEWORK_PUBLISH),
    }


@acts(Act.FRAMEWORK_READ)
def version_list(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.FRAMEWORK_READ)
    return render(request, "frameworks/list.html", {"versions": queries.versions_with_counts()} | _rights(request))


@acts(Act.FRAMEWORK_READ)
def version_page(request: HttpRequest, code: str, version: str) -> HttpResponse:
    row = _get_version(request, code, version, Act.FRAMEWORK_READ)
    context = {"version": row, "scale": queries.scale_of(row), "themes": queries.themes_of(row)}
    return render(request, "frameworks/version.html", context | _rights(request))


@acts(Act.FRAMEWORK_READ)
def question_page(request: HttpRequest, code: str, version: str, question: str) -> HttpResponse:
    row = _get_version(request, code, version, Act.FRAMEWORK_READ)
    found = get_object_or_404(queries.questions_of(row), code=question)
    before, after = queries.question_beside(found)
    words = {level.level: level.word for level in queries.scale_of(row)}
    levels = [(row.level, words.get(row.level, ""), row.text) for row in found.levels.all()]
    context = {"version": row, "question": found, "before": before, "after": after, "levels": levels}
    return render(request, "frameworks/question.html", context)


@acts(Act.FRAMEWORK_EDIT)
def version_import(request: HttpRequest) -> HttpResponse:
    """Check a file: its problems in a table, or a count of what it holds and the way on. Keeps nothing."""
    require(request.user, Act.FRAMEWORK_EDIT)
    form = CheckForm(request.POST, request.FILES) if request.method == "POST" else CheckForm()
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        raw, name = form.raw(), form.cleaned_data["file"].name
        checked = services.check_file(raw=raw)
        context |= {"name": name, "problems": checked.problems, "document": checked.document}
        if checked.document is not None:
            draft = DraftForm(initial={"packed": packed(raw), "name": name}, auto_id="draft_%s")
            context |= {"counts": queries.counts_of(checked.document), "draft": draft}
    return render(request, "frameworks/import.html", context)


@acts(Act.FRAMEWORK_EDIT)
@require_POST
def version_keep(request: HttpRequest) -> HttpResponse:
    """The checked file becomes a draft."""
    require(request.user, Act.FRAMEWORK_EDIT)
    form = DraftForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The checked file was lost on its way. Choose it again."))
        return redirect("frameworks:import")
    data = form.cleaned_data
    try:
        imported = services.import_version(raw=data["packed"], source=data["name"], by=request.user)
    except services.BadFramework as bad:
        context = {"form": CheckForm(), "name": data["name"], "problems": bad.problems}
        return render(request, "frameworks/import.html", context)
    words = {
        "new": _("Imported as a draft. Read it through, then publish it."),
        "replaced": _("The draft of this version was replaced by the file."),
        "same": _("This very file was imported before. Nothing changed."),
    }
    messages.success(request, words[imported.how])
    return redirect(imported.version)


@acts(Act.FRAMEWORK_PUBLISH)
def version_publish(request: HttpRequest, code: str, version: str) -> HttpResponse:
    row = _get_version(request, code, version, Act.FRAMEWORK_PUBLISH)
    if request.method == "POST":
        services.publish_version(version=row, by=request.user)
        messages.success(request, _("Published. Challenges can use this version from now on."))
        return redirect(row)
    return render(request, "frameworks/publish.html", {"version": row})


@acts(Act.FRAMEWORK_PUBLISH)
def version_retire(request: HttpRequest, code: str, version: str) -> HttpResponse:
    row = _get_version(request, code, version, Act.FRAMEWORK_PUBLISH)
    if request.method == "POST":
        services.retire_version(version=row, by=request.user)
        messages.success(request, _("Retired. Challenges that use this version keep it."))
        return redirect(row)
    return render(request, "frameworks/retire.html", {"version": row})


@acts(Act.FRAMEWORK_EDIT)
def draft_discard(request: HttpRequest, code: str, version: str) -> HttpResponse:
    row = _get_version(request, code, version, Act.FRAMEWORK_EDIT)
    if request.method == "POST":
        services.discard_draft(version=row, by=request.user)
        messages.success(request, _("The draft was deleted."))
        return redirect("frameworks:list")
    return render(request, "frameworks/discard.html", {"version": row})


@acts(Act.FRAMEWORK_READ)
@require_GET
def version_export(request: HttpRequest, code: str, version: str) -> HttpResponse:
    row = _get_version(request, code, version, Act.FRAMEWORK_READ)
    text = services.export_version(version=row, by=request.user)
    return _download(text, "application/yaml", f"{row.framework.code}-{row.version}.yaml")


@acts(Act.FRAMEWORK_READ)
@require_GET
def format_schema(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.FRAMEWORK_READ)
    return _download(json_schema(), "application/schema+json", "framework.schema.json")


def _download(text: str, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(text, content_type=f"{media_type}; charset=utf-8", headers=headers)


@acts(Act.FRAMEWORK_READ)
def version_compare(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.FRAMEWORK_READ)
    form = CompareForm(request.GET or None)
    context: dict[str, object] = {"choose": form}
    pair = form.pair()
    if pair is not None:
        changes = queries.changes_between(*pair)
        context |= {"old": pair[0], "new": pair[1], "changes": changes, "any": any(changes.values())}
    return render(request, "frameworks/compare.html", context)
