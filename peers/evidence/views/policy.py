from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput, StaleVersion
from peers.access import acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.evidence import services
from peers.evidence.forms import PolicyForm

from .base import page


@acts(Act.EVIDENCE_POLICY_EDIT)
def policy(request, ref):
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_POLICY_EDIT)
    form, status = PolicyForm(request.POST or None, row=challenge), 200
    if request.method == "POST" and form.is_valid():
        try:
            services.set_policy(challenge=challenge, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            form, status = _again(request, stale), 409
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("Saved. The evidence page says it to everybody who reads here."))
            return redirect("evidence:list", ref)
    live = challenge.evidence_items.filter(state="live")
    return page(
        request,
        "policy",
        challenge,
        status=status,
        form=form,
        files=live.filter(kind="file").count(),
        links=live.filter(kind="link").count(),
    )


def _again(request, stale: StaleVersion) -> PolicyForm:
    """What was chosen, upon the version that stands now."""
    data = request.POST.copy()
    data["version"] = stale.current.version
    form = PolicyForm(data, row=stale.current)
    form.add_error(None, stale.message)
    return form
