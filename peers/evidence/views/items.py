from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from cyber360.exceptions import BadInput, NoSeat
from peers.access import acts, may
from peers.acts import Act
from peers.challenges.queries import get_challenge, questions_in_scope
from peers.evidence import queries, services
from peers.evidence.forms import ItemForm, LinkForm, ReasonForm, VersionForm
from peers.evidence.queries.changes import changed_from
from peers.evidence.queries.reading import neighbours_of, receipts_of_reader

from .base import page


class WithdrawForm(ReasonForm, VersionForm):
    """A reason for this version of the item."""


@acts(Act.EVIDENCE_READ)
@require_safe
def item_page(request, ref, pk):
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_READ)
    mine = receipts_of_reader(request.user, item)
    if request.method == "GET":
        services.record_opened(item=item, by=request.user, mine=mine)
    versions = queries.versions_for(request.user, item)
    return page(
        request,
        "item",
        item.challenge,
        item=item,
        versions=versions,
        readings=queries.readings_of(request.user, item, versions),
        served=queries.served_by(item),
        read=changed_from(mine, item),
        checks=queries.checks_of(request.user, item),
        receipts=queries.receipts_for(request.user, item),
        neighbours=neighbours_of(request.user, item),
        shows_receipts=may(request.user, Act.EVIDENCE_RECEIPTS_READ, item),
        may_open_link=may(request.user, Act.EVIDENCE_DOWNLOAD, item),
        **_may_change(request.user, item),
    )


def _may_change(user, item) -> dict:
    """What the item's page offers beside reading."""
    may_release = queries.can_be_released(item) and may(user, Act.EVIDENCE_RELEASE, item)
    return {
        "may_edit": item.is_live and may(user, Act.EVIDENCE_UPLOAD, item),
        "may_withdraw": item.is_live and may(user, Act.EVIDENCE_WITHDRAW, item),
        "release_form": release_form() if may_release else None,
    }


def release_form(data=None) -> ReasonForm:
    return ReasonForm(
        data,
        label=_("Why may this file go to the team?"),
        help_text=_("The host can see the reason. For example: the council scanned it with its own scanner."),
    )


@acts(Act.EVIDENCE_READ)
@require_safe
def item_state(request, ref, pk):
    """The state alone, for a page that waits for the check; without htmx the whole page."""
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_READ)
    if not request.htmx:
        return redirect(item)
    if not item.status.waits and request.htmx.current_url_abs_path == item.get_absolute_url():
        return HttpResponseClientRefresh()  # its own page now offers more than another word
    return render(request, "evidence/_state.html", {"item": item, "challenge": item.challenge})


@acts(Act.EVIDENCE_UPLOAD)
def add_link(request, ref):
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_UPLOAD)
    form = LinkForm(
        request.POST or None,
        questions=questions_in_scope(challenge),
        initial={"questions": request.GET.getlist("question")},
    )
    return _link_page(request, challenge, form)


@acts(Act.EVIDENCE_UPLOAD)
def request_link(request, ref, pk):
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_UPLOAD)
    return _link_page(request, row.challenge, LinkForm(request.POST or None), row)


def _link_page(request, challenge, form, row=None):
    if request.method == "POST" and form.is_valid():
        try:
            item = services.add_link(challenge=challenge, by=request.user, request=row, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The link “%(title)s” is added.") % {"title": item.title})
            return redirect(row or item)
    return page(request, "add_link", challenge, form=form, row=row)


@acts(Act.EVIDENCE_UPLOAD)
def item_edit(request, ref, pk):
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_UPLOAD)
    form = ItemForm(
        request.POST or None,
        row=item,
        questions=questions_in_scope(item.challenge),
        themes=item.challenge.themes.order_by("place", "pk"),
        outcomes=queries.outcomes_in_scope(item.challenge),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_item(item=item, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("Saved."))
            return redirect(item)
    return page(request, "item_form", item.challenge, form=form, item=item)


@acts(Act.EVIDENCE_WITHDRAW)
def item_withdraw(request, ref, pk):
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_WITHDRAW)
    form = WithdrawForm(
        request.POST or None, row=item, label=_("Why do you withdraw it?"), help_text=_("The LGA can see the reason.")
    )
    if request.method == "POST" and form.is_valid():
        services.withdraw_item(item=item, by=request.user, **form.cleaned_data)
        messages.success(request, _("“%(title)s” is withdrawn. The peers will not see it.") % {"title": item.title})
        return redirect("evidence:list", ref)
    return page(request, "withdraw", item.challenge, form=form, item=item)


@acts(Act.EVIDENCE_DOWNLOAD)
@require_safe
def open_link(request, ref, pk):
    """Log that the person follows the link, then let their browser go there without saying whence."""
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_DOWNLOAD)
    if not item.is_link or not may(request.user, Act.EVIDENCE_DOWNLOAD, item):
        raise NoSeat
    services.record_link_opened(item=item, by=request.user)
    return HttpResponseRedirect(item.url, headers={"Referrer-Policy": "no-referrer"})
