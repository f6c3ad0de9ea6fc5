from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peers.access import acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.evidence import queries, services

from .base import page
from .items import release_form


@acts(Act.EVIDENCE_RELEASE)
@require_safe
def quarantine(request, ref):
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_RELEASE)
    return page(request, "quarantine", challenge, items=queries.quarantine(challenge))


@acts(Act.EVIDENCE_RELEASE)
def release(request, ref, pk, number):
    version = queries.get_version(request.user, ref, pk, number, Act.EVIDENCE_RELEASE)
    form = release_form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.release_version(version=version, by=request.user, **form.cleaned_data)
        messages.success(request, _("“%(title)s” may go to the team.") % {"title": version.item.title})
        return redirect("evidence:quarantine", ref)
    return page(request, "release", version.item.challenge, form=form, item=version.item, version=version)


@acts(Act.EVIDENCE_RELEASE)
@require_POST
def check_again(request, ref, pk):
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_RELEASE)
    services.check_again(item=item, by=request.user)
    messages.success(request, _("The check of “%(title)s” starts again.") % {"title": item.title})
    return redirect("evidence:quarantine", ref)
