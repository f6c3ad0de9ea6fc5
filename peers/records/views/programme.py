"""Across challenges: the periods, what is due, and the master key that an administrator changes."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, StaleVersion
from cyber360.files.destruction import masters_to_retire
from cyber360.files.keys import may_change_masters
from peers.access import acts, require
from peers.acts import Act
from peers.challenges.queries import the_programme
from peers.records import queries, services
from peers.records.forms import PeriodForm
from peers.records.models import BY_HAND, DISPOSED, Kind


@require_safe
@acts(Act.RETENTION_EDIT)
def periods(request: SignedInRequest) -> HttpResponse:
    rows = queries.settings_periods(request.user, the_programme())
    return render(request, "records/periods.html", {"rows": rows, "by_hand": BY_HAND})


@require_http_methods(["GET", "HEAD", "POST"])
@acts(Act.RETENTION_EDIT)
def period(request: SignedInRequest, kind: str) -> HttpResponse:
    programme = the_programme()
    row = queries.get_period(request.user, programme, kind)
    names = ("version", "days", "counted_from", "reason", "first_warning", "second_warning")
    initial = {name: getattr(row, name) for name in names}
    initial["reason"] = ""  # each change says anew why; the page shows what was said
    form = PeriodForm(request.POST or None, initial=initial, kind=Kind(kind))
    status, current = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            services.change_period(programme=programme, kind=Kind(kind), by=request.user, **form.values())
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        except StaleVersion as stale:
            form.add_error(None, stale.message)
            form.data = form.data.copy()
            form.data["version"] = stale.current.version
            status, current = stale.status, stale.current
        else:
            messages.success(request, _("The period is saved. Days that follow from it change with the next sweep."))
            return redirect("records:periods")
    changes = row.changes.all() if row.pk else []
    context = {"form": form, "row": row, "changes": changes, "current": current, "warns": kind in DISPOSED}
    return render(request, "records/period.html", context, status=status)


@require_safe
@acts(Act.DISPOSAL_APPROVE)
def due(request: SignedInRequest) -> HttpResponse:
    require(request.user, Act.RETENTION_EDIT, the_programme())
    page = Paginator(queries.due_rows(request.user, timezone.localdate()), 50).get_page(request.GET.get("page"))
    context = {"page": page, "today": timezone.localdate(), "certificates": queries.certificates_for(request.user)}
    return render(request, "records/due.html", context)


@require_safe
@acts(Act.JOB_READ)
def master_key(request: SignedInRequest) -> HttpResponse:
    """For the administrator: whether a disposal waits for the change of the master, and the commands."""
    require(request.user, Act.JOB_READ, the_programme())
    context = {"in_the_way": masters_to_retire(), "is_ours": may_change_masters()}
    return render(request, "records/master_key.html", context)
