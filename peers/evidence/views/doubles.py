from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from peers.access import acts
from peers.acts import Act
from peers.evidence import queries, services

from .base import page


@acts(Act.EVIDENCE_WITHDRAW)
def same(request, ref, pk):
    """The same file is here already: use that one for what this was given for, or keep both."""
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_WITHDRAW)
    existing = queries.double_of(request.user, item)
    if existing is None:
        messages.info(request, _("“%(title)s” is here once only.") % {"title": item.title})
        return redirect(item)
    if request.method == "POST":
        services.use_existing(item=item, existing=existing, by=request.user)
        said = _("“%(title)s” is used for this too. The copy is withdrawn.")
        messages.success(request, said % {"title": existing.title})
        return redirect(existing)
    return page(request, "same", item.challenge, item=item, existing=existing)
