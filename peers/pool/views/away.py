"""A peer's days away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, NoSeat
from peers.access import acts
from peers.acts import Act
from peers.pool import queries, services
from peers.pool.forms.away import BlackoutForm, CalendarFileForm, periods_from, signed_periods, ticked
from peers.pool.freebusy.asking import BYTES
from peers.pool.models import BlackoutPeriod, PeerProfile
from peers.pool.models.away import Source
from peers.pool.month import Month
from peers.pool.queries.away import FileDays, days_in_file, month_of, visits_on
from peers.pool.services.away import mark_days, take_file_days
from peers.pool.throttle import within

from .common import form_page

FILES_AN_HOUR = 20


@form_page
@acts(Act.PROFILE_EDIT)
def away(request: SignedInRequest) -> HttpResponse:
    """My own month, in which each day to come can be ticked as away."""
    profile, today = queries.own_profile(request.user), timezone.localdate()
    if request.method == "POST":
        month = month_of(profile, request.POST.get("month", ""), today)
        _mark(request, profile, {day.date for day in month.days() if not day.past})
        return redirect(f"{reverse('pool:away')}?month={month.key}")
    month = month_of(profile, request.GET.get("month", ""), today)
    context = _shown(profile, month) | {"may_edit": True, "has_file": _has_file(profile)}
    return render(request, "pool/away_month.html", context)


def _shown(profile: PeerProfile, month: Month) -> dict:
    return {"profile": profile, "month": month, "weekday_names": [WEEKDAYS_ABBR[day] for day in range(7)]}


def _mark(request: SignedInRequest, profile: PeerProfile, shown: set) -> None:
    gone, free = ticked(request.POST, shown)
    mark_days(profile=profile, by=request.user, away=gone, free=free)
    messages.success(request, _("Your days away are saved.") if gone or free else _("Nothing was changed."))
    for ref in visits_on(profile, gone):
        messages.warning(
            request,
            _("You have said yes to the visit %(ref)s on these days. You are still on its team: tell the coordinator.")
            % {"ref": ref},
        )


def _has_file(profile: PeerProfile) -> bool:
    return profile.blackouts.filter(source=Source.ICS).exists()


@require_safe
@acts(Act.POOL_READ)
def peer_away(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same month as its coordinator reads it."""
    profile = queries.profile_for_coordinator(request.user, pk)
    month = month_of(profile, request.GET.get("month", ""), timezone.localdate())
    return render(request, "pool/away_peer.html", _shown(profile, month))


@form_page
@acts(Act.PROFILE_EDIT)
def blackout_new(request: SignedInRequest) -> HttpResponse:
    profile = queries.own_profile(request.user)
    form = BlackoutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        period = services.add_blackout(profile=profile, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your days away are noted."))
        return redirect(f"{reverse('pool:away')}?month={period.first_day:%Y-%m}")
    return render(request, "pool/away.html", {"form": form})


@require_POST
@acts(Act.PROFILE_EDIT, Act.POOL_EDIT)
def blackout_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    period = BlackoutPeriod.objects.select_related("profile__user").filter(pk=pk).first()
    if period is None:
        raise NoSeat
    services.remove_blackout(period=period, by=request.user)
    messages.success(request, _("The days away are removed."))
    return redirect("pool:me" if period.owner_id == request.user.pk else period.profile.get_absolute_url())


# --- a calendar file --------------------------------------------------------------------------------
@form_page
@acts(Act.PROFILE_EDIT)
def away_import(request: SignedInRequest) -> HttpResponse:
    """Read a file and show the days that it would bring. Keeps nothing."""
    profile = queries.own_profile(request.user)
    too_long = int(request.META.get("CONTENT_LENGTH") or 0) > BYTES
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form, found, packed = CalendarFileForm(*posted, too_long=too_long), None, ""
    if form.is_bound and form.is_valid():
        try:
            found = _read(profile, form.cleaned_data["file"].read())
        except BadInput as wrong:
            form.add_error("file", wrong.message)
        else:
            packed = signed_periods(profile.pk, found.periods)
    context = {"form": form, "found": found, "packed": packed, "has_file": _has_file(profile)}
    return render(request, "pool/away_import.html", context)


def _read(profile: PeerProfile, data: bytes) -> FileDays:
    if not within(f"calendar-file:{profile.pk}", most=FILES_AN_HOUR, seconds=3600):
        raise BadInput(_("You have tried many files. Wait an hour, or note your days by hand."))
    return days_in_file(profile, data, timezone.localdate())


@require_POST
@acts(Act.PROFILE_EDIT)
def away_take(request: SignedInRequest) -> HttpResponse:
    """The days that were shown become days away, in place of those of the former file."""
    profile = queries.own_profile(request.user)
    periods = periods_from(profile.pk, request.POST.get("packed", ""))
    if periods is None:
        messages.error(request, _("The days were lost on their way. Choose the file again."))
        return redirect("pool:away_import")
    count = take_file_days(profile=profile, by=request.user, periods=periods)
    words = ngettext(
        "%(count)s day of your calendar file is noted as away.",
        "%(count)s days of your calendar file are noted as away.",
        count,
    )
    messages.success(request, words % {"count": count} if count else _("No day of a calendar file is noted any more."))
    return redirect("pool:away")


@require_POST
@acts(Act.PROFILE_EDIT)
def away_file_remove(request: SignedInRequest) -> HttpResponse:
    """Forget the days of the last calendar file; days noted by hand stay."""
    profile = queries.own_profile(request.user)
    take_file_days(profile=profile, by=request.user, periods=[])
    messages.success(request, _("The days of your calendar file are removed. Days that you noted by hand stay."))
    return redirect("pool:away")
