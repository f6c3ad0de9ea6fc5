"""Whom to sign in as: the demo people by seat, each with a sentence on what they can do now."""

from collections import Counter
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peers.answers.models import Answer
from peers.challenges.models import Challenge, ProgrammeSeat, Seat
from peers.pool.models import PeerProfile
from peers.seats import SeatName as N
from peers.stages import Stage as S

ENDING = ".example.org"
Person = tuple[Any, str]

HEADINGS = (
    (N.COORDINATOR, gettext_lazy("The programme")),
    (N.CHALLENGE_MANAGER, gettext_lazy("Challenge managers")),
    (N.HOST_LEAD, gettext_lazy("Host leads")),
    (N.HOST_SPONSOR, gettext_lazy("Host sponsors")),
    (N.CONTRIBUTOR, gettext_lazy("Contributors")),
    (N.LEAD_PEER, gettext_lazy("Lead peers")),
    (N.PEER, gettext_lazy("Peers")),
    (N.OBSERVER, gettext_lazy("Observers")),
    (N.POOL_PEER, gettext_lazy("In the pool, on no team now")),
)
SEVERAL = gettext_lazy("People with several seats")
PROGRAMME = {
    N.COORDINATOR: gettext_lazy("Coordinator of the programme: pipeline, pool, teams, every challenge."),
    N.FRAMEWORK_EDITOR: gettext_lazy("Framework editor: writes and publishes questionnaires, sees no challenge."),
    N.ADMINISTRATOR: gettext_lazy("Administrator: accounts, jobs and health, no challenge's content."),
}
STATES = {
    S.INTEREST: gettext_lazy("which has just asked"),
    S.SCOPING: gettext_lazy("which is being scoped"),
    S.SETUP: gettext_lazy("which is being set up"),
    S.PREPARATION: gettext_lazy("which is preparing"),
    S.DESK_REVIEW: gettext_lazy("whose pack is being read"),
    S.ON_SITE: gettext_lazy("which is being visited"),
    S.MODERATION: gettext_lazy("where the team is agreeing its levels"),
    S.FEEDBACK: gettext_lazy("which is to hear the feedback"),
    S.DRAFTING: gettext_lazy("whose report is being written"),
    S.FACTUAL_CHECK: gettext_lazy("whose draft report is being checked"),
    S.ISSUED: gettext_lazy("whose report is issued"),
    S.ACTION_PLANNING: gettext_lazy("which is planning its actions"),
    S.FOLLOW_UP: gettext_lazy("which is carrying out its plan"),
    S.CLOSED: gettext_lazy("whose challenge is closed"),
    S.WITHDRAWN: gettext_lazy("which has withdrawn"),
}
# What waits for a seat in a stage; a seat and stage left out may read what has been done.
WAITS = {
    (N.CHALLENGE_MANAGER, S.SCOPING): gettext_lazy("the themes and the visit window are to be set"),
    (N.CHALLENGE_MANAGER, S.SETUP): gettext_lazy("agreements and the team are still coming together"),
    (N.CHALLENGE_MANAGER, S.DRAFTING): gettext_lazy("sections wait for words"),
    (N.CHALLENGE_MANAGER, S.FACTUAL_CHECK): gettext_lazy("comments on facts are to be answered"),
    (N.CHALLENGE_MANAGER, S.FOLLOW_UP): gettext_lazy("the progress review is to be recorded"),
    (N.HOST_LEAD, S.SETUP): gettext_lazy("an agreement is to be signed and the team agreed"),
    (N.HOST_LEAD, S.FACTUAL_CHECK): gettext_lazy("comments on facts can be made"),
    (N.HOST_LEAD, S.ACTION_PLANNING): gettext_lazy("recommendations wait for a response and actions"),
    (N.HOST_LEAD, S.FOLLOW_UP): gettext_lazy("progress on the actions is to be reported"),
    (N.HOST_SPONSOR, S.INTEREST): gettext_lazy("the coordinator is to name a host lead and accept"),
    (N.HOST_SPONSOR, S.SETUP): gettext_lazy("an agreement is to be signed"),
    (N.HOST_SPONSOR, S.PREPARATION): gettext_lazy("the self-assessment is to be signed off"),
    (N.HOST_SPONSOR, S.ISSUED): gettext_lazy("the report is to be read and acknowledged"),
    (N.HOST_SPONSOR, S.ACTION_PLANNING): gettext_lazy("the action plan is to be approved"),
    (N.CONTRIBUTOR, S.PREPARATION): gettext_lazy("questions are in their hands"),
    (N.LEAD_PEER, S.DESK_REVIEW): gettext_lazy("the timetable is to be confirmed"),
    (N.LEAD_PEER, S.ON_SITE): gettext_lazy("conversations are to be marked and scores submitted"),
    (N.LEAD_PEER, S.MODERATION): gettext_lazy("levels and findings are to be agreed"),
    (N.LEAD_PEER, S.FEEDBACK): gettext_lazy("the feedback presentation is to be recorded"),
    (N.LEAD_PEER, S.DRAFTING): gettext_lazy("sections wait for words, then for a sign-off"),
    (N.LEAD_PEER, S.FACTUAL_CHECK): gettext_lazy("comments on facts are to be answered"),
    (N.PEER, S.DESK_REVIEW): gettext_lazy("the pack is to be read"),
    (N.PEER, S.ON_SITE): gettext_lazy("notes and scores are to be written"),
    (N.PEER, S.MODERATION): gettext_lazy("scores lie side by side and findings are talked through"),
    (N.PEER, S.DRAFTING): gettext_lazy("sections wait for words, then for a sign-off"),
    (N.OBSERVER, S.ON_SITE): gettext_lazy("everything may be read, nothing scored"),
}


def people() -> list[tuple[str, list[Person]]]:
    """The demo people with a seat in force today, by heading; six queries however many there are."""
    today = timezone.localdate()
    held = _held(today)
    users = get_user_model().objects.filter(pk__in=held, is_active=True, is_staff=False, email__endswith=ENDING)
    homes = dict(PeerProfile.objects.values_list("user_id", "council__name"))
    groups: dict[str, list[Person]] = {str(heading): [] for _name, heading in HEADINGS}
    groups[str(SEVERAL)] = []
    for user in users:
        rows = sorted(held[user.pk], key=lambda row: _order(row, today))
        groups[_heading(rows)].append((user, " ".join(_sentences(rows, homes.get(user.pk, "")))))
    return [(heading, found) for heading, found in groups.items() if found]


Row = tuple[N, Challenge | None]


def _held(today: date) -> dict[int, list[Row]]:
    held: dict[int, list[Row]] = {}
    for row in ProgrammeSeat.objects.in_force(today).select_related("permission"):
        held.setdefault(row.user_id, []).append((row.name, None))
    seats = Seat.objects.in_force(today).select_related("permission", "content_object__council")
    left = _questions_left()
    for row in seats:
        if row.name == N.CONTRIBUTOR and row.content_object.stage != S.PREPARATION:
            continue  # nothing is in their hands any more
        row.content_object.questions_left = left[row.content_object_id]
        held.setdefault(row.user_id, []).append((row.name, row.content_object))
    return held


def _questions_left() -> Counter[int]:
    rows = Answer.objects.filter(challenge__stage=S.PREPARATION, in_scope=True, question__required=True).unanswered()
    return Counter(rows.order_by().values_list("challenge_id", flat=True))


def _order(row: Row, today: date) -> tuple[bool, bool, int]:
    """First where something waits, then live challenges, then by seat."""
    name, challenge = row
    waits = challenge is not None and ((name, S(challenge.stage)) in WAITS or bool(_count(name, challenge)))
    over = challenge is not None and challenge.stage in {S.CLOSED, S.WITHDRAWN}
    return not waits, over, list(N).index(name)


def _heading(rows: list[Row]) -> str:
    """The pool seat that every peer holds is not counted as a second one; neither is a second team."""
    sides = {_side(name) for name, _challenge in rows} - {"pool"}
    if len(sides) > 1:
        return str(SEVERAL)
    first = next((name for name, _challenge in rows if _side(name) != "pool"), N.POOL_PEER)
    first = N.COORDINATOR if first in PROGRAMME else first
    return str(dict(HEADINGS)[first])


def _side(name: N) -> str:
    if name in {N.HOST_LEAD, N.HOST_SPONSOR, N.CONTRIBUTOR}:
        return "host"
    return "team" if name in {N.LEAD_PEER, N.PEER, N.OBSERVER} else "pool" if name == N.POOL_PEER else "lga"


def _sentences(rows: list[Row], home: str) -> list[str]:
    found = [str(PROGRAMME[name]) for name, challenge in rows if challenge is None and name in PROGRAMME]
    found += [_sentence(name, challenge) for name, challenge in rows if challenge is not None]
    if not found:
        found = [_("In the pool, from %(council)s: profile and invitations.") % {"council": home}]
    return found[:3]


def _sentence(name: N, challenge: Challenge) -> str:
    words = {"seat": name.label, "council": challenge.council.name, "state": STATES[S(challenge.stage)]}
    if challenge.on_hold_since:
        return _("%(seat)s of %(council)s, which is on hold.") % words
    waits = _count(name, challenge) or str(WAITS.get((name, S(challenge.stage)), ""))
    if waits:
        return _("%(seat)s of %(council)s, %(state)s: %(waits)s.") % {**words, "waits": waits}
    return _("%(seat)s of %(council)s, %(state)s.") % words


def _count(name: N, challenge: Challenge) -> str:
    left = getattr(challenge, "questions_left", 0)
    if name != N.HOST_LEAD or not left:
        return ""
    return ngettext("%(count)s question still to answer", "%(count)s questions still to answer", left) % {"count": left}
