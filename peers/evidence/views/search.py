"""Searching one challenge's evidence, and what changed between two versions of a file."""

from django.core.paginator import Paginator
from django.views.decorators.http import require_safe

from cyber360.ui.numbers import whole
from peers.access import acts, require
from peers.acts import Act
from peers.evidence import queries
from peers.evidence.forms import SearchForm
from peers.evidence.queries import changes
from peers.evidence.queries import search as searching
from peers.evidence.services import following, receipts

from .base import page

ITEMS_ON_A_PAGE = 20


@acts(Act.EVIDENCE_SEARCH)
@require_safe
def search(request, ref):
    """The words asked for stand in the address alone: they are neither recorded nor logged."""
    challenge = queries.open_evidence(request.user, ref)
    require(request.user, Act.EVIDENCE_SEARCH, challenge)
    form = SearchForm(
        request.GET or None,
        themes=challenge.themes.order_by("place", "pk"),
        with_older=searching.may_search_older(request.user, challenge),
    )
    form.is_valid()
    wanted = getattr(form, "cleaned_data", {})
    context = {"form": form, "words": wanted.get("q", "")}
    if context["words"]:
        result = searching.search_evidence(
            request.user, challenge, wanted["q"], theme=wanted.get("theme"), older=wanted.get("older", False)
        )
        if result.index is searching.Index.PREPARING:
            following.ask_for_index(challenge)
        context |= {
            "result": result,
            "items": Paginator(result.items, ITEMS_ON_A_PAGE).get_page(request.GET.get("page")),
        }
    return page(request, "search", challenge, **context)


@acts(Act.EVIDENCE_PREVIEW)
@require_safe
def item_changes(request, ref, pk):
    """`?from=` a version's number; without it the one that the reader read last before the present one."""
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_PREVIEW)
    old = changes.version_to_compare(request.user, item, whole(request.GET.get("from", ""), otherwise=0))
    item.current.item = item
    found = changes.changes_from(request.user, item, old)
    if found.passages:
        receipts.record_preview(version=item.current, by=request.user, page=found.passages[0].page)
    return page(request, "changes", item.challenge, item=item, old=old, found=found)
