from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.files.rechecks import are_signatures_old, scanner_state
from peers.access import acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.evidence import queries, services

from .base import page
from .items import release_form

FILES_ON_A_PAGE = 25


def _scanner() -> dict:
    """What the banner above held files says of the scanner."""
    state = scanner_state()
    return {"scanner": state, "signatures_are_old": are_signatures_old(state)}


@acts(Act.EVIDENCE_RELEASE)
@require_safe
def quarantine(request, ref):
    """The held files of one challenge, and those of which the council said that they are not what they look like."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_RELEASE)
    rows = Paginator(queries.held_items([challenge]), FILES_ON_A_PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "quarantine",
        challenge,
        rows=rows,
        held=queries.held_files(list(rows)),
        answered=queries.answered_files(challenge),
        **_scanner(),
    )


@acts(Act.EVIDENCE_RELEASE)
@require_safe
def held_everywhere(request):
    """The held files of every challenge that the person coordinates."""
    challenges = queries.coordinated(request.user)
    rows = Paginator(queries.held_items(challenges), FILES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"rows": rows, "held": queries.held_files(list(rows)), **_scanner()}
    return render(request, "evidence/quarantine_all.html", context)


@acts(Act.EVIDENCE_RELEASE)
def release(request, ref, pk, number):
    version = queries.get_version(request.user, ref, pk, number, Act.EVIDENCE_RELEASE)
    form = release_form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.release_version(version=version, by=request.user, **form.cleaned_data)
        messages.success(request, _("“%(title)s” may go to the team.") % {"title": version.item.title})
        return redirect("evidence:quarantine", ref)
    checks = queries.checks_of(request.user, version.item)
    return page(
        request, "release", version.item.challenge, form=form, item=version.item, version=version, checks=checks
    )


@acts(Act.EVIDENCE_RELEASE)
@require_POST
def check_again(request, ref, pk):
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_RELEASE)
    services.check_again(item=item, by=request.user)
    messages.success(request, _("The check of “%(title)s” starts again.") % {"title": item.title})
    return redirect("evidence:quarantine", ref)
