from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.exceptions import StaleVersion
from peers.access import acts, may, require
from peers.acts import Act
from peers.councils import queries, services
from peers.councils.forms import CouncilForm, SearchForm, initial_of
from peers.councils.models import Council, Relation

PAGE_SIZE = 40


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
