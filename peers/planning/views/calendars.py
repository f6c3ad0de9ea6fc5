"""A person's own calendar: the feed, the page on which it is made and revoked, single files."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import NoSeat, NotNow
from peers.access import acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.planning.ics import Entry, calendar_bytes
from peers.planning.models import VISIT
from peers.planning.queries import calendars as queries
from peers.planning.queries import own_invitation
from peers.planning.services import calendars as services
from peers.pool.throttle import within

READS_AN_HOUR = 60
WRONG_A_MINUTE = 60
SHOWN = 50


# --- my page --------------------------------------------------------------------------------------
@require_safe
@acts(Act.FEED_KEEP)
def calendar(request: SignedInRequest) -> HttpResponse:
    _refuse_links(request)
    return _page(request)


@require_POST
@acts(Act.FEED_KEEP)
def calendar_make(request: SignedInRequest) -> HttpResponse:
    """The one page that answers a form itself: the secret is kept nowhere, so no page after it could show it."""
    _refuse_links(request)
    _feed, secret = services.make_feed(by=request.user)
    path = reverse("planning:calendar_feed", args=[secret])
    return _page(request, address=f"{settings.SITE_URL}{path}")


@require_http_methods(["GET", "HEAD", "POST"])
@acts(Act.FEED_KEEP)
def calendar_revoke(request: SignedInRequest) -> HttpResponse:
    _refuse_links(request)
    if request.method != "POST":
        return render(request, "planning/calendar_revoke.html", {"feed": queries.own_feed(request.user)})
    if services.revoke_feed(by=request.user):
        messages.success(request, _("The address no longer works. Calendars that use it keep what they have read."))
    return redirect("planning:calendar")


def _refuse_links(request: SignedInRequest) -> None:
    """A session from an e-mailed link opens what was handed over; a feed would be a lasting way in."""
    if request.session.get("by_link"):
        raise NoSeat


def _page(request: SignedInRequest, address: str = "") -> HttpResponse:
    feed = queries.own_feed(request.user)
    services.bring_up_to_date(people=[request.user.pk])
    coming = list(queries.coming_entries(request.user.pk, timezone.localdate())[: SHOWN + 1])
    rows = [(row, queries.summary_of(row.challenge.ref, row.thing)) for row in coming[:SHOWN]]
    context = {"feed": feed, "address": address, "rows": rows, "more": len(coming) > SHOWN}
    return render(request, "planning/calendar.html", context)


# --- the feed -------------------------------------------------------------------------------------
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """For calendar programs: the secret is the only key, so neither session nor cookie is looked at or set."""
    found = queries.feed_behind(secret)
    if found is None:
        few = within(f"feed-wrong:{get_adapter().get_client_ip(request)}", most=WRONG_A_MINUTE, seconds=60)
        return _plain("Not found.", 404) if few else _plain("Too many requests.", 429)
    if not within(f"feed:{found.pk}", most=READS_AN_HOUR, seconds=3600):
        return _plain("Too many requests.", 429)
    now = timezone.now()
    services.bring_up_to_date(people=[found.owner_id])
    services.note_fetched(feed=found, now=now)
    return _file([queries.as_ics(row) for row in queries.entries_of(found.owner_id, now)], "cyber360", method="")


feed.before_second_factor = True  # type: ignore[attr-defined]  # calendar programs have none


def _plain(words: str, status: int) -> HttpResponse:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "900"} if status == 429 else {})
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _file(entries: list[Entry], name: str, *, method: str = "PUBLISH") -> HttpResponse:
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": f'attachment; filename="{name}.ics"'}
    data = calendar_bytes(entries, name="Cyber 360", method=method)
    return HttpResponse(data, content_type="text/calendar; charset=utf-8", headers=headers)


# --- single files -----------------------------------------------------------------------------------
@require_safe
@acts(Act.PROFILE_EDIT)
def invitation_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The visit of one's own invitation, under the name that it has in the feed."""
    placement = own_invitation(request.user, pk)
    services.bring_up_to_date(people=[request.user.pk])
    rows = queries.entries_of(request.user.pk, timezone.now())
    entries = [queries.as_ics(row) for row in rows.filter(challenge=placement.challenge, thing=VISIT)]
    if not entries:
        raise NotNow(_("The days of this visit are not fixed, or are over."))
    return _file(entries, placement.challenge.ref)


@require_safe
@acts(Act.CHALLENGE_READ)
def challenge_file(request: SignedInRequest, ref: str) -> HttpResponse:
    """The visit and the key dates of one challenge."""
    challenge = get_challenge(request.user, ref, Act.CHALLENGE_READ)
    services.bring_up_to_date(people=[request.user.pk])
    now = timezone.now()
    rows = queries.entries_of(request.user.pk, now).filter(challenge=challenge)
    entries = [queries.as_ics(row) for row in rows] or queries.dates_as_ics(challenge, request.user, now)
    if not entries:
        raise NotNow(_("No dates are fixed yet."))
    return _file(entries, challenge.ref)
