from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.audit.guard import acts
from cyber360.jobs import queries, services
from cyber360.jobs.forms import JobFilterForm
from cyber360.jobs.models import Job


@require_safe
@acts("job.read")
def job_list(request: HttpRequest) -> HttpResponse:
    form = JobFilterForm(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = Paginator(queries.jobs(**wanted), 50).get_page(request.GET.get("page"))
    return render(request, "jobs/list.html", {"form": form, "page": page, "counts": queries.counts_by_state()})


@require_safe
@acts("job.read")
def health(request: HttpRequest) -> HttpResponse:
    lines = [import_string(path)() for path in settings.HEALTH_LINES]
    return render(request, "jobs/health.html", {"health": queries.health(), "lines": lines})


@require_POST
@acts("job.read", "job.retry")
def job_again(request: HttpRequest, pk: int) -> HttpResponse:
    services.run_again(job=get_object_or_404(Job, pk=pk), by=request.user)
    messages.success(request, _("The job is in the queue again."))
    return redirect("jobs:list")
