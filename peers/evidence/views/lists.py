from django.core.paginator import Paginator
from django.views.decorators.http import require_safe

from peers.access import HOST, LGA, acts, acts_for
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence import queries
from peers.evidence.forms import FilterForm

from .base import page

REQUESTS_ON_A_PAGE, ITEMS_ON_A_PAGE = 40, 50


@acts(Act.EVIDENCE_READ)
@require_safe
def evidence_list(request, ref):
    challenge = queries.open_evidence(request.user, ref)
    open_acts = acts_for(request.user, challenge)
    seat = queries.reading_seat(request.user, challenge)
    form, wanted = _filter(request, challenge, all_states=seat in HOST | LGA)
    items = queries.items_visible_to(request.user, challenge)
    requests = queries.with_counts(queries.requests_visible_to(request.user, challenge), items)
    shown = queries.with_parts(
        queries.filtered_items(items, wanted), with_readers=Act.EVIDENCE_RECEIPTS_READ in open_acts
    )
    return page(
        request,
        "list",
        challenge,
        filter_form=form,
        requests=Paginator(queries.filtered_requests(requests, request.user, wanted), REQUESTS_ON_A_PAGE).get_page(
            request.GET.get("page")
        ),
        items=Paginator(shown, ITEMS_ON_A_PAGE).get_page(request.GET.get("items")),
        may_add=Act.EVIDENCE_UPLOAD in open_acts,
        may_ask=Act.EVIDENCE_REQUEST_EDIT in open_acts,
        may_release=Act.EVIDENCE_RELEASE in open_acts,
        shows_readers=Act.EVIDENCE_RECEIPTS_READ in open_acts,
        shows_owner=seat in HOST | LGA,
        is_filtered=any(wanted.values()),
    )


def _filter(request, challenge: Challenge, *, all_states: bool) -> tuple[FilterForm, dict]:
    """The form and what it asks for; a filter that cannot be read is left out."""
    owners = queries.owners_for(challenge) if all_states else []
    form = FilterForm(
        request.GET or None,
        themes=challenge.themes.order_by("place", "pk"),
        owners=owners,
        with_host_fields=all_states,
    )
    form.is_valid()
    return form, getattr(form, "cleaned_data", {})
