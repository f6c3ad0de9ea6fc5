from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cyber360.files.rechecks import are_signatures_old, scanner_state
from cyber360.ui.numbers import whole
from peers.access import acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.evidence import queries, services
from peers.evidence.forms import ReleaseSeveralForm

from .base import page
from .items import release_form

FILES_ON_A_PAGE = FILES_AT_ONCE = 100
TOLD = 5  # files that a banner names before it counts the rest


def _scanner() -> dict:
    """What the banner above held files says of the scanner."""
    state = scanner_state()
    return {"scanner": state, "signatures_are_old": are_signatures_old(state)}


@acts(Act.EVIDENCE_RELEASE)
@require_safe
def quarantine(request, ref):
    """The held files of one challenge, and those of which the council said that they are not what they look like."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_RELEASE)
    rows = Paginator(queries.held_items([challenge]), FILES_ON_A_PAGE).get_page(request.GET.get("page"))
    held = queries.held_files(list(rows))
    return page(
        request,
        "quarantine",
        challenge,
        rows=rows,
        held=held,
        releasable=sum(file.item.current.may_be_released for file in held) > 1,
        answered=queries.answered_files(challenge),
        **_scanner(),
    )


@acts(Act.EVIDENCE_RELEASE)
@require_safe
def held_everywhere(request):
    """The held files of every challenge that the person coordinates."""
    challenges = queries.coordinated(request.user)
    rows = Paginator(queries.held_items(challenges), FILES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"rows": rows, "held": queries.held_files(list(rows)), **_scanner()}
    return render(request, "evidence/quarantine_all.html", context)


@acts(Act.EVIDENCE_RELEASE)
def release(request, ref, pk, number):
    version = queries.get_version(request.user, ref, pk, number, Act.EVIDENCE_RELEASE)
    form = release_form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.release_version(version=version, by=request.user, **form.cleaned_data)
        messages.success(request, _("“%(title)s” may go to the team.") % {"title": version.item.title})
        return redirect("evidence:quarantine", ref)
    checks = queries.checks_of(request.user, version.item)
    return page(
        request, "release", version.item.challenge, form=form, item=version.item, version=version, checks=checks
    )


@acts(Act.EVIDENCE_RELEASE)
def release_several(request, ref):
    """The files that were ticked, with one reason for all or one for each. What changed meanwhile is told."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_RELEASE)
    ticked = _ticked(request)
    held = list(queries.held_items([challenge]).filter(current_id__in=ticked)) if ticked else []
    items = [item for item in held if item.current.may_be_released]
    if not items:
        messages.info(request, _("Tick at least one file that may be released. What you ticked may have changed."))
        return redirect("evidence:quarantine", ref)
    form = ReleaseSeveralForm(request.POST or None, items=items)
    if request.method == "POST" and form.is_valid():
        settled = services.release_several(challenge=challenge, by=request.user, chosen=form.reasons())
        _tell_released(request, settled, len(ticked) - len(items))
        return redirect("evidence:quarantine", ref)
    return page(
        request,
        "release_several",
        challenge,
        form=form,
        rows=items,
        groups=_by_reason(queries.held_files(items)),
        changed=changed_words(len(ticked) - len(items)) if len(ticked) > len(items) else "",
    )


def _by_reason(held: list[queries.HeldFile]) -> list[tuple[str, list[queries.HeldFile]]]:
    """Each sentence once, with the files that it holds for."""
    groups: dict[str, list[queries.HeldFile]] = {}
    for file in held:
        groups.setdefault(file.why, []).append(file)
    return list(groups.items())


def _ticked(request) -> set[int]:
    """Numbers of versions: another version in use by now, and the tick counts for nothing."""
    sent = (request.POST if request.method == "POST" else request.GET).getlist("version")
    return {pk for text in sent[:FILES_AT_ONCE] if (pk := whole(text))}


def _tell_released(request, settled: list[services.Settled], changed: int) -> None:
    titles = [one.title for one in settled if not one.left]
    if titles:
        said = ngettext(
            "%(count)s file may go to the team: %(titles)s.",
            "%(count)s files may go to the team: %(titles)s.",
            len(titles),
        )
        named = ", ".join(titles[:TOLD])
        if len(titles) > TOLD:
            named = _("%(titles)s and %(count)s more") % {"titles": named, "count": len(titles) - TOLD}
        messages.success(request, said % {"count": len(titles), "titles": named})
    left = [one for one in settled if one.left]
    for one in left[:TOLD]:
        words = {"title": one.title, "reason": one.left}
        messages.warning(request, _("“%(title)s” was not released. %(reason)s") % words)
    if len(left) > TOLD:
        more = ngettext(
            "%(count)s more file was not released.", "%(count)s more files were not released.", len(left) - TOLD
        )
        messages.warning(request, more % {"count": len(left) - TOLD})
    if changed:
        messages.warning(request, changed_words(changed))


def changed_words(count: int) -> str:
    told = ngettext(
        "%(count)s of the files that you ticked has changed since and was left out: look at it again.",
        "%(count)s of the files that you ticked have changed since and were left out: look at them again.",
        count,
    )
    return told % {"count": count}


@acts(Act.EVIDENCE_RELEASE)
@require_POST
def check_again(request, ref, pk):
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_RELEASE)
    services.check_again(item=item, by=request.user)
    messages.success(request, _("The check of “%(title)s” starts again.") % {"title": item.title})
    return redirect("evidence:quarantine", ref)
