"""The pack by request, theme or question, and all of it in one list: a page of twenty lines at a time."""

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.views.decorators.http import require_safe

from peers.access import HOST, LGA, TEAM, SeatName, acts, may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence import queries
from peers.evidence.forms import ITEM, QUESTION, REQUEST, THEME, FilterForm, ways

from .base import page

ON_A_PAGE = 20


@acts(Act.EVIDENCE_READ)
@require_safe
def evidence_list(request, ref):
    challenge = queries.open_evidence(request.user, ref)
    can = partial(may, request.user, obj=challenge)  # `acts_for` would weigh every act there is
    seat = queries.reading_seat(request.user, challenge)
    by = _way(request, seat)
    form, wanted = _filter(request, challenge, by, is_wide=seat in HOST | LGA)
    shows_readers = can(Act.EVIDENCE_RECEIPTS_READ)
    look = {REQUEST: _by_request, THEME: _by_theme, QUESTION: _by_question, ITEM: _all}[by]
    return page(
        request,
        "list",
        challenge,
        by=by,
        ways=ways(),
        filter_form=form,
        of_question=wanted.get("question"),
        is_filtered=any(value for name, value in wanted.items() if name != "by"),
        reads=seat in TEAM | LGA,
        shows_readers=shows_readers,
        shows_owner=seat in HOST | LGA,
        may_add=can(Act.EVIDENCE_UPLOAD),
        may_withdraw=can(Act.EVIDENCE_WITHDRAW),
        wordless=_wordless(request, challenge) if can(Act.EVIDENCE_UPLOAD) else 0,
        may_ask=can(Act.EVIDENCE_REQUEST_EDIT),
        may_release=can(Act.EVIDENCE_RELEASE),
        may_reuse=can(Act.EVIDENCE_REUSE),
        may_set_policy=can(Act.EVIDENCE_POLICY_EDIT),
        may_export=can(Act.EVIDENCE_PACK_EXPORT),
        may_search=can(Act.EVIDENCE_SEARCH),
        reads_judgements=can(Act.EVIDENCE_JUDGEMENT_READ),
        sees_all=seat != SeatName.CONTRIBUTOR,
        **look(request, challenge, wanted, reads=seat in TEAM | LGA, shows_readers=shows_readers),
    )


def _wordless(request, challenge: Challenge) -> int:
    """Files that the person added and of which nothing is said yet."""
    return queries.undescribed_items(request.user, challenge).count()


def _way(request, seat: SeatName | None) -> str:
    """What the address says; else what suits who looks: the team reads by theme, the council answers requests."""
    by = request.GET.get("by", "")
    if by in ways():
        return by
    if request.GET.get("file"):
        return ITEM
    return THEME if seat in TEAM and not request.GET.get("state") else REQUEST


def _filter(request, challenge: Challenge, by: str, *, is_wide: bool) -> tuple[FilterForm, dict]:
    """The form and what it asks for; a filter that cannot be read is left out."""
    form = FilterForm(
        request.GET or None,
        by=by,
        themes=challenge.themes.order_by("place", "pk"),
        questions=queries.questions_visible_to(request.user, challenge),
        owners=queries.owners_for(challenge) if is_wide and by == REQUEST else [],
        with_host_fields=is_wide,
    )
    form.is_valid()
    return form, getattr(form, "cleaned_data", {})


def _page_of(request, rows):
    return Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))


def _by_request(request, challenge: Challenge, wanted: dict, **_shown: bool) -> dict[str, Any]:
    items = queries.items_visible_to(request.user, challenge)
    found = queries.filtered_requests(queries.requests_visible_to(request.user, challenge), request.user, wanted)
    pages = _page_of(request, queries.requests_in_brief(queries.open_first(found)))
    return {
        "pages": pages,
        "rows": queries.request_rows(challenge, pages, items),
        "loose": items.filter(state="live", request=None).count(),
    }


def _by_theme(request, challenge: Challenge, wanted: dict, **_shown: bool) -> dict[str, Any]:
    return {"rows": queries.coverage_of(request.user, challenge, with_questions=False)}


def _by_question(request, challenge: Challenge, wanted: dict, **_shown: bool) -> dict[str, Any]:
    found = queries.questions_visible_to(request.user, challenge)
    if wanted.get("theme"):
        found = found.filter(theme=wanted["theme"])
    pages = _page_of(request, found)
    items = queries.items_visible_to(request.user, challenge)
    requests = queries.requests_visible_to(request.user, challenge)
    return {"pages": pages, "rows": queries.question_rows(challenge, pages, items, queries.requests_in_brief(requests))}


def _all(request, challenge: Challenge, wanted: dict, *, reads: bool, shows_readers: bool) -> dict[str, Any]:
    items = queries.filtered_items(queries.items_visible_to(request.user, challenge), wanted)
    pages = _page_of(request, queries.items_in_brief(items, with_readers=shows_readers))
    rows = queries.item_rows(challenge, list(pages), request.user, reads=reads, shows_readers=shows_readers)
    return {"pages": pages, "rows": rows, "has_unscanned": any(row.is_unscanned for row in rows)}
