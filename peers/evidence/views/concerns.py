from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peers.access import acts
from peers.acts import Act
from peers.evidence import queries, services
from peers.evidence.forms import AnswerForm

from .base import page

TYPED = 5000  # characters, or ticks, that are kept while somebody looks at another page


@acts(Act.EVIDENCE_CONCERN_ANSWER)
def concern(request, ref, pk):
    """What a held file looks like and where; saying why it is not that, for others held for the same as well."""
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_CONCERN_ANSWER)
    if item.current is None or not item.current.stored_file.has_open_concern:
        return redirect(item)
    others = queries.held_like(request.user, item)
    if "remove" in request.POST:
        request.session[_typed(pk)] = [request.POST.get("reason", "")[:TYPED], request.POST.getlist("also")[:TYPED]]
        return redirect("evidence:remove_held", ref, pk)
    reason, also = request.session.get(_typed(pk), ("", []))
    form = AnswerForm(request.POST or None, others=others, initial={"reason": reason, "also": also})
    if request.method == "POST" and form.is_valid():
        also, reason = set(form.cleaned_data["also"]), form.cleaned_data["reason"]
        chosen = [other for other in others if other.pk in also]
        services.answer_several(items=[item, *chosen], by=request.user, reason=reason)
        request.session.pop(_typed(pk), None)
        _tell(request, item.title, len(chosen), len(also) - len(chosen))
        return redirect(item)
    checks = queries.checks_of(request.user, item)
    return page(request, "concern", item.challenge, form=form, item=item, checks=checks)


def _tell(request, title: str, more: int, gone: int) -> None:
    said = ngettext(
        "“%(title)s” and %(count)s other file are no longer held back for that.",
        "“%(title)s” and %(count)s other files are no longer held back for that.",
        more,
    )
    if not more:
        said = _("“%(title)s” is no longer held back for that.")
    messages.success(request, said % {"title": title, "count": more})
    if gone:
        told = ngettext(
            "%(count)s of the files that you ticked is no longer held back for the same. Nothing was said of it.",
            "%(count)s of the files that you ticked are no longer held back for the same. Nothing was said of them.",
            gone,
        )
        messages.info(request, told % {"count": gone})


def _typed(pk: int) -> str:
    """Where the session keeps what was typed while the person looks at what removing the file means."""
    return f"held-answer-{pk}"


@acts(Act.EVIDENCE_CONCERN_ANSWER)
def remove_held(request, ref, pk):
    """What goes when the file is removed; the words typed on the page before wait there."""
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_CONCERN_ANSWER)
    if request.method == "POST":
        services.remove_held(item=item, by=request.user)
        request.session.pop(_typed(pk), None)
        messages.success(request, _("The file of “%(title)s” is deleted.") % {"title": item.title})
        return redirect("evidence:list", ref)
    if not item.is_live or item.current is None or not item.current.stored_file.has_open_concern:
        return redirect(item)
    return page(request, "held_remove", item.challenge, item=item)
