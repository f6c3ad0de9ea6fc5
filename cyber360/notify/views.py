from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.audit.guard import acts
from cyber360.notify import queries, services
from cyber360.notify.forms import OutboxFilterForm
from cyber360.notify.models import OutboxMail


@require_safe
@acts("outbox.read")
def outbox(request: HttpRequest) -> HttpResponse:
    form = OutboxFilterForm(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = Paginator(queries.mails(**wanted), 50).get_page(request.GET.get("page"))
    return render(request, "notify/outbox.html", {"form": form, "page": page, "counts": queries.mail_counts()})


@require_safe
@acts("outbox.read")
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(OutboxMail.objects.select_related("to", "digest"), pk=pk)
    return render(request, "notify/mail.html", {"mail": found})


@require_POST
@acts("outbox.read", "outbox.retry")
def mail_retry(request: HttpRequest, pk: int) -> HttpResponse:
    services.retry_mail(mail=get_object_or_404(OutboxMail, pk=pk), by=request.user)
    messages.success(request, _("The mail is on its way again."))
    return redirect("notify:mail", pk)
