"""Peers from a CSV file, and the pool as one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.exceptions import BadInput, NotNow
from peers.access import acts, require
from peers.acts import Act
from peers.pool import queries, services
from peers.pool.forms import PeerFileForm, PoolFilterForm, TakeForm, packed
from peers.pool.queries.sheets import export_rows
from peers.pool.sheets import writing
from peers.pool.sheets.columns import COLUMNS

from .common import form_page

# More would drown the page; the totals stand above.
SHOWN = 500


@form_page
@acts(Act.POOL_EDIT)
def check(request: HttpRequest) -> HttpResponse:
    """Check a file: what it would do, line by line. Writes nothing."""
    require(request.user, Act.POOL_EDIT)
    form = PeerFileForm(request.POST, request.FILES) if request.method == "POST" else PeerFileForm()
    context: dict[str, object] = {"form": form, "columns": COLUMNS}
    if form.is_valid():
        raw = form.raw()
        report = services.check_peers(raw=raw, by=request.user)
        context |= shown(report) | {"take": TakeForm(initial={"packed": packed(raw)}, auto_id="take_%s")}
    return render(request, "pool/import.html", context)


def shown(report: services.ImportReport) -> dict[str, object]:
    changes = [change for change in report.checked.changes if change.values]
    return {
        "report": report,
        "problems": report.checked.problems[:SHOWN],
        "more_problems": max(0, len(report.checked.problems) - SHOWN),
        "changes": changes[:SHOWN],
        "more_changes": max(0, len(changes) - SHOWN),
    }


@require_POST
@acts(Act.POOL_EDIT)
def take(request: HttpRequest) -> HttpResponse:
    """The checked file is taken: whole, or with `skip` its good rows. It is checked again first."""
    require(request.user, Act.POOL_EDIT)
    form = TakeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The checked file was lost on its way. Choose it again."))
        return redirect("pool:import")
    raw, tell, skip = form.cleaned_data["packed"], form.cleaned_data["tell"], "skip" in request.POST
    programme = queries.programmes_of(request.user)[0]
    try:
        report = services.import_peers(raw=raw, programme=programme, by=request.user, skip_bad=skip, tell=tell)
    except (BadInput, NotNow) as wrong:
        messages.error(request, wrong.message)
        return redirect("pool:import")
    if not report.written:
        context = {"form": PeerFileForm(), "columns": COLUMNS, "take": TakeForm(initial=request.POST.dict())}
        return render(request, "pool/import.html", context | shown(report))
    messages.success(request, _said(report))
    return redirect("pool:list")


def _said(report: services.ImportReport) -> str:
    words = _("Imported: %(new)s new, %(changed)s changed, %(same)s the same, %(left_out)s left out. Mails: %(told)s.")
    return words % {
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "left_out": report.left_out,
        "told": report.told,
    }


@require_safe
@acts(Act.POOL_READ)
def export(request: HttpRequest) -> HttpResponse:
    """The pool as the list shows it, with its filters, as a file that the import reads again."""
    require(request.user, Act.POOL_READ)
    today = timezone.localdate()
    form = PoolFilterForm(request.GET or None, regions=queries.regions_of(request.user))
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    profiles = list(queries.pool_list(request.user, today=today, **wanted, sort=request.GET.get("sort", "")))
    services.record_export(by=request.user, rows=len(profiles))
    return _csv(writing.as_csv(export_rows(profiles, today)), "peers.csv")


@require_safe
@acts(Act.POOL_READ)
def template(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.POOL_READ)
    return _csv(writing.template(), "peers-empty.csv")


def _csv(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
