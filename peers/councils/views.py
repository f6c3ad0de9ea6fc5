from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cyber360.exceptions import BadInput, StaleVersion
from peers.access import acts, may, require
from peers.acts import Act
from peers.councils import queries, services
from peers.councils.forms import CouncilForm, PartnershipForm, SearchForm, initial_of, partnership_initial
from peers.councils.models import Council, Partnership, Relation

PAGE_SIZE = 40
form_page = require_http_methods(["GET", "HEAD", "POST"])


def _get_council(request: HttpRequest, slug: str, act: Act) -> Council:
    require(request.user, act)
    return get_object_or_404(Council.objects.select_related("parent", "combined_authority"), slug=slug)


@acts(Act.COUNCIL_READ)
def council_list(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.COUNCIL_READ)
    form = SearchForm(request.GET if request.GET.keys() & SearchForm.base_fields.keys() else {"when": "today"})
    sort = request.GET.get("sort", "name")
    found = queries.councils_found(**form.chosen(), sort=sort, today=timezone.localdate())
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    # An unreadable filter falls away without an error summary: the form shows what was understood.
    return render(request, "councils/list.html", {"search": form, "page": page, "today": timezone.localdate()})


@acts(Act.COUNCIL_READ)
def council_page(request: HttpRequest, slug: str) -> HttpResponse:
    council = _get_council(request, slug, Act.COUNCIL_READ)
    context = {
        "council": council,
        "today": timezone.localdate(),
        # The county of a district and the districts of a county stand on the page already.
        "neighbours": [row for row in queries.neighbours_of(council) if row.kind != Relation.SAME_AREA],
        "predecessors": queries.predecessors_of(council),
        "successors": queries.successors_of(council),
        "districts": council.districts.on(timezone.localdate()),
        "members": council.members.on(timezone.localdate()),
        "partnerships": queries.partnerships_of(council),
        "may_edit": may(request.user, Act.COUNCIL_EDIT),
    }
    return render(request, "councils/council.html", context)


@acts(Act.COUNCIL_EDIT)
def council_edit(request: HttpRequest, slug: str) -> HttpResponse:
    council = _get_council(request, slug, Act.COUNCIL_EDIT)
    form = CouncilForm(request.POST or None, council=council, initial=initial_of(council))
    context = {"council": council, "form": form}
    if form.is_valid():
        try:
            council = services.edit_council(council=council, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
            return render(request, "councils/edit.html", context)
        except StaleVersion as stale:
            return render(request, "councils/edit.html", context | _both_texts(form, stale), status=stale.status)
        messages.success(request, _("Saved: %(name)s.") % {"name": council.name})
        return redirect(council)
    return render(request, "councils/edit.html", context)


def _both_texts(form: CouncilForm, stale: StaleVersion) -> dict[str, object]:
    """What stands now beside what was typed; pressing Save again keeps what was typed."""
    current = initial_of(stale.current)
    rows = [
        {"label": form.fields[name].label, "now": current[name], "typed": form.cleaned_data[name]}
        for name in current
        if name != "version" and current[name] != form.cleaned_data[name]
    ]
    form.data = form.data.copy()
    form.data["version"] = str(current["version"])
    return {"stale": stale.message, "differences": rows}


# --- partnerships -----------------------------------------------------------------------------------
@form_page
@acts(Act.COUNCIL_EDIT)
def partnership_new(request: HttpRequest, slug: str) -> HttpResponse:
    council = _get_council(request, slug, Act.COUNCIL_EDIT)
    form = PartnershipForm(request.POST or None, initial={"councils": f"{council.name}\n", "kind": "shared_it"})
    if form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        row = services.add_partnership(by=request.user, **data)
        messages.success(request, _("Saved: %(name)s.") % {"name": row.title})
        return redirect(council)
    return render(request, "councils/partnership.html", {"form": form, "council": council})


@form_page
@acts(Act.COUNCIL_EDIT)
def partnership(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, Act.COUNCIL_EDIT)
    row = get_object_or_404(Partnership.objects.prefetch_related("councils"), pk=pk)
    form = PartnershipForm(request.POST or None, initial=partnership_initial(row))
    context = {"form": form, "partnership": row, "council": row.councils.all()[0] if row.councils.all() else None}
    if form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        version = form.cleaned_data["version"] or 0
        try:
            row = services.edit_partnership(partnership=row, by=request.user, version=version, **data)
        except StaleVersion as stale:
            form.data = form.data.copy()
            form.data["version"] = str(stale.current.version)
            context |= {"stale": stale.message, "saved": stale.current}
            return render(request, "councils/partnership.html", context, status=stale.status)
        messages.success(request, _("Saved: %(name)s.") % {"name": row.title})
        return redirect(row)
    return render(request, "councils/partnership.html", context)


@form_page
@acts(Act.COUNCIL_EDIT)
def partnership_remove(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, Act.COUNCIL_EDIT)
    row = get_object_or_404(Partnership.objects.prefetch_related("councils"), pk=pk)
    if request.method == "POST":
        services.remove_partnership(partnership=row, by=request.user)
        messages.success(request, _("Removed: %(name)s.") % {"name": row.title})
        return redirect("councils:list")
    return render(request, "councils/partnership_remove.html", {"partnership": row})
