from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from cyber360.ui.numbers import whole
from peers.access import acts, may
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.planning import services
from peers.planning.forms.dates import AnswerDatesForm, HostDaysForm, OptionForm
from peers.planning.pairing.facts import weekdays
from peers.planning.queries import dates as queries

form_page = require_http_methods(["GET", "HEAD", "POST"])


# --- what everybody can do --------------------------------------------------------------------------
@require_safe
@acts(Act.DATES_READ)
def dates(request: HttpRequest, ref: str) -> HttpResponse:
    """The grid for the host and the LGA; somebody on the team goes to their own answers."""
    challenge = get_challenge(request.user, ref, Act.DATES_READ)
    if not queries.may_see_all(request.user, challenge):
        return redirect("planning:my_dates", ref=ref)
    return render(request, "planning/dates.html", _grid_context(request, challenge, OptionForm()))


def _grid_context(request: HttpRequest, challenge, form: OptionForm) -> dict:
    found = queries.grid(request.user, challenge)
    may_propose = may(request.user, Act.DATES_PROPOSE, challenge)
    return {
        "challenge": challenge,
        "tab": "team",
        "grid": found,
        "form": form,
        "suggestions": queries.suggestions(challenge, found) if may_propose else [],
        "barred": may_propose and queries.is_visit_barred(challenge),
        "may_propose": may_propose,
        "may_host_days": may(request.user, Act.HOST_DAYS_EDIT, challenge),
        "may_answer": may(request.user, Act.DATES_ANSWER, challenge),
    }


@require_POST
@acts(Act.DATES_PROPOSE)
def dates_add(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.DATES_PROPOSE)
    form = OptionForm(request.POST)
    if form.is_valid():
        try:
            services.add_option(challenge=challenge, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(
                request, _("These days are under discussion. Nobody has been told yet: press the button to ask.")
            )
            if not weekdays(form.cleaned_data["first_day"], form.cleaned_data["last_day"]):
                messages.warning(request, _("These days are only a weekend. Visits are on working days as a rule."))
            return redirect("planning:dates", ref=ref)
    return render(request, "planning/dates.html", _grid_context(request, challenge, form))


@require_POST
@acts(Act.DATES_PROPOSE)
def dates_ask(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.DATES_PROPOSE)
    try:
        asked = services.ask_for_dates(challenge=challenge, by=request.user)
    except BadInput as wrong:
        messages.error(request, wrong.message)
    else:
        words = ngettext(
            "%(n)s person who has not answered is asked by mail, once for these days.",
            "%(n)s people who have not answered are asked by mail, once for these days.",
            asked,
        )
        messages.success(request, words % {"n": asked})
    return redirect("planning:dates", ref=ref)


@require_POST
@acts(Act.DATES_PROPOSE)
def dates_withdraw(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    try:
        services.withdraw_option(option=queries.get_option(request.user, ref, pk), by=request.user)
    except NotNow as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("These days are under discussion no more."))
    return redirect("planning:dates", ref=ref)


@form_page
@acts(Act.DATES_PROPOSE, Act.CHALLENGE_DATES)
def dates_choose(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Asks once: the visit is set and people are told."""
    option = queries.get_option(request.user, ref, pk)
    challenge = get_challenge(request.user, ref, Act.CHALLENGE_DATES)
    if request.method == "POST":
        version = request.POST.get("version", "")
        try:
            services.choose_option(option=option, by=request.user, version=whole(version))
        except StaleVersion as stale:
            messages.error(request, stale.message)
            return redirect("planning:dates_choose", ref=ref, pk=pk)
        messages.success(request, _("The visit has its days, and everybody who was asked is told by mail."))
        return redirect("planning:dates", ref=ref)
    found = queries.grid(request.user, challenge)
    column = next((column for column in found.columns if column.option.pk == option.pk), None)
    if column is None:
        raise NoSeat
    context = {"challenge": challenge, "tab": "team", "column": column, "option": option}
    return render(request, "planning/dates_choose.html", context)


# --- the host's days --------------------------------------------------------------------------------
@form_page
@acts(Act.HOST_DAYS_EDIT)
def host_days(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.HOST_DAYS_EDIT)
    form = HostDaysForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_host_days(challenge=challenge, by=request.user, **form.values())
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The days are noted."))
            return redirect("planning:host_days", ref=ref)
    context = {"challenge": challenge, "tab": "team", "form": form, "rows": queries.host_days_of(challenge)}
    return render(request, "planning/dates_host.html", context)


@require_POST
@acts(Act.HOST_DAYS_EDIT)
def host_days_remove(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.HOST_DAYS_EDIT)
    row = challenge.host_days.filter(pk=pk).first()
    if row is not None:
        services.remove_host_days(host_days=row, by=request.user)
    messages.success(request, _("The days are off the list."))
    return redirect("planning:host_days", ref=ref)


# --- one's own answers ------------------------------------------------------------------------------
@form_page
@acts(Act.DATES_ANSWER)
def my_dates(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = queries.challenge_to_answer(request.user, ref)
    options = queries.options_of(challenge)
    form = AnswerDatesForm(
        request.POST or None, options=options, answers=queries.own_answers(request.user, challenge)
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_dates(challenge=challenge, by=request.user, answers=form.answers())
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("Your answers are saved. You can change them until the days are set."))
            return redirect("planning:my_dates", ref=ref)
    inside = may(request.user, Act.CHALLENGE_READ, challenge)
    context = {"challenge": challenge, "options": options, "form": form, "inside": inside}
    return render(request, "planning/dates_mine.html", context)
