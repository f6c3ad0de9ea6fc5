from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.exceptions import BadInput
from peers.access import acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.evidence import queries, services
from peers.evidence.forms import ReuseForm

from .base import page

ON_A_PAGE = 10


@acts(Act.EVIDENCE_REUSE)
def reuse(request, ref):
    """What the council gave in earlier challenges; the ticked ones are taken over, each with its sentence."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_REUSE)
    offered = queries.reusable_items(request.user, challenge)
    pages = Paginator(offered, ON_A_PAGE).get_page(request.GET.get("page"))
    form = ReuseForm(request.POST if request.method == "POST" else None, items=list(pages))
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.ask_for_reuse(challenge=challenge, by=request.user, chosen=form.cleaned_data["chosen"])
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            words = ngettext("%(count)s piece is taken over.", "%(count)s pieces are taken over.", len(asked))
            messages.success(
                request, " ".join([words % {"count": len(asked)}, _("Files are copied and checked again first.")])
            )
            return redirect("evidence:reuse", ref)
    asked = queries.reuses_of(request.user, challenge)
    return page(request, "reuse", challenge, form=form, pages=pages, asked=asked)
