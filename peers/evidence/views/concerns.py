from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peers.access import acts
from peers.acts import Act
from peers.evidence import queries, services
from peers.evidence.forms import ReasonForm

from .base import page


def answer_form(data=None) -> ReasonForm:
    return ReasonForm(
        data,
        label=_("Why is it not what it looks like?"),
        help_text=_("The coordinator reads this. For example: the numbers are invented, for a training exercise."),
    )


@acts(Act.EVIDENCE_CONCERN_ANSWER)
def concern(request, ref, pk):
    """What a held file looks like and where; saying why it is not that."""
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_CONCERN_ANSWER)
    if item.current is None or not item.current.stored_file.has_open_concern:
        return redirect(item)
    form = answer_form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.answer_concern(item=item, by=request.user, **form.cleaned_data)
        messages.success(request, _("“%(title)s” is no longer held back for that.") % {"title": item.title})
        return redirect(item)
    checks = queries.checks_of(request.user, item)
    return page(request, "concern", item.challenge, form=form, item=item, checks=checks)


@acts(Act.EVIDENCE_CONCERN_ANSWER)
@require_POST
def remove_held(request, ref, pk):
    item = queries.get_item(request.user, ref, pk, Act.EVIDENCE_CONCERN_ANSWER)
    services.remove_held(item=item, by=request.user)
    messages.success(request, _("The file of “%(title)s” is deleted.") % {"title": item.title})
    return redirect("evidence:list", ref)
