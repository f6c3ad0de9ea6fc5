"""The mails about requests, each queued in the transaction of the act that causes it.

None holds a word of the council's: only how many things of which kind are looked for, by when, and who asks.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from cyber360.accounts.services import make_link_session, revoke_links
from cyber360.notify.services import queue_mail
from peers.access import link_sign_in_allowed
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceRequest

# A contributor's link works this long after the day the evidence is due.
LINK_DAYS_AFTER_DUE = 14


def list_path(challenge: Challenge) -> str:
    return reverse("evidence:list", args=[challenge.ref])


def tell_handed(challenge: Challenge, person: User, requests: Sequence[EvidenceRequest], by: User) -> None:
    """One mail for all that was put into the person's hands at once."""
    due = _first_due(requests)
    subject = ngettext(
        "Please find %(number)s piece of evidence for %(council)s's Cyber 360",
        "Please find %(number)s pieces of evidence for %(council)s's Cyber 360",
        len(requests),
    ) % {"number": len(requests), "council": challenge.council.name}
    key = "evidence-request:" + ",".join(f"{row.pk}.{row.version}" for row in requests[:8])
    _send(challenge, person, requests, by, subject=_until(subject, due), kind="evidence.hand_over", key=key)


def tell_again(challenge: Challenge, person: User, requests: Sequence[EvidenceRequest], by: User) -> None:
    """A reminder; at most one a day for the same requests, whoever asks for it."""
    subject = ngettext(
        "A reminder: %(number)s piece of evidence for %(council)s's Cyber 360",
        "A reminder: %(number)s pieces of evidence for %(council)s's Cyber 360",
        len(requests),
    ) % {"number": len(requests), "council": challenge.council.name}
    key = f"evidence-reminder:{person.pk}:{timezone.localdate()}:" + ",".join(str(row.pk) for row in requests[:12])
    _send(
        challenge,
        person,
        requests,
        by,
        subject=_until(subject, _first_due(requests)),
        kind="evidence.reminder",
        key=key,
    )


def _until(subject: str, due: date | None) -> str:
    return _("%(subject)s by %(day)s") % {"subject": subject, "day": date_format(due, "l j F")} if due else subject


def _first_due(requests: Sequence[EvidenceRequest]) -> date | None:
    return min((row.due_on for row in requests if row.due_on), default=None)


def _send(
    challenge: Challenge,
    person: User,
    requests: Sequence[EvidenceRequest],
    by: User,
    *,
    subject: str,
    kind: str,
    key: str,
) -> None:
    if not person.is_active:
        return
    link = requests[0].get_absolute_url() if len(requests) == 1 else list_path(challenge)
    by_link = link_sign_in_allowed(person)
    if by_link:
        last = max((row.due_on for row in requests if row.due_on), default=timezone.localdate())
        days = max((last - timezone.localdate()).days, 0) + LINK_DAYS_AFTER_DUE
        link = make_link_session(user=person, path=link, expires_at=timezone.now() + timedelta(days), by=by)
    body = _body(challenge.council.name, requests, by, by_link)
    queue_mail(to=person, kind=kind, subject=subject, body=body, link=link, key=key, secret=by_link)


def _body(council: str, requests: Sequence[EvidenceRequest], by: User, by_link: bool) -> str:
    """Who asks, for what, by when, how to open it, what may be answered, and how to make sure that it is genuine."""
    who = _line(f"{by.full_name}, {by.job_title}," if by.job_title else by.full_name)
    asks = _(
        "%(who)s asks you to look for something that %(council)s may already have: %(what)s. "
        "It is for a Cyber 360, a peer challenge: people from other councils come as critical friends."
    ) % {"who": who, "council": council, "what": _kinds(requests)}
    answer = _(
        "Add a file, or a link to where it is kept. You need not write anything new. If the council does not hold it, "
        "say so on the page: that is an answer too."
    )
    how = _("The link below opens it. Sign in as you usually do.")
    if by_link:
        how = _("You need no account and no password. The link below opens it. It is for you alone: do not forward it.")
    genuine = _("If you are not sure that this is genuine, ring %(name)s on a number you already know.")
    return "\n\n".join([asks, answer, how, genuine % {"name": _line(by.full_name)}])


def _kinds(requests: Sequence[EvidenceRequest]) -> str:
    """ "2 (document), 1 (minutes)": kinds say enough, a prompt might say too much."""
    counted = Counter(str(row.get_kind_display()).lower() for row in requests)
    return ", ".join(f"{number} ({kind})" for kind, number in sorted(counted.items()))


def _line(words: str) -> str:
    """One line: a name goes into a mail, and may hold no line end."""
    return " ".join(words.split())


def end_links(request: EvidenceRequest, person: User | None, by: User | None) -> None:
    """The request left the person's hands: links to it end, and with their last one here those to the list."""
    if person is None:
        return
    revoke_links(user=person, by=by, path=request.get_absolute_url())
    left = EvidenceRequest.objects.filter(challenge_id=request.challenge_id, owner=person).exclude(pk=request.pk)
    if not left.exists():
        revoke_links(user=person, by=by, path=list_path(request.challenge))
