"""Reading agreements: who sees which, what still has to come back."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import HOST, LGA, TEAM, SeatName, require, seats_on
from peers.acts import Act
from peers.challenges.models import Challenge, Seat
from peers.challenges.queries import Blocker, Task
from peers.planning.models import Placement, PlacementState
from peers.stages import Stage

from .models import FOR_THE_COUNCIL, TO_RETURN, Agreement, AgreementState, DocumentKind, DocumentTemplate, TemplateState

ORDER = list(DocumentKind)


# --- who sees which ---------------------------------------------------------------------------------
def agreements_visible_to(user: User, challenge: Challenge) -> QuerySet[Agreement]:
    """The one way to a challenge's agreements: the council sees its own documents, a peer their own terms,
    the LGA all. Nothing before set-up."""
    rows = Agreement.objects.filter(challenge=challenge).exclude(state=AgreementState.SUPERSEDED)
    rows = rows.select_related("challenge__council", "template", "for_user", "signed_by", "returned_file", "pdf_file")
    seats = seats_on(user, challenge)
    if challenge.stage in {Stage.INTEREST, Stage.SCOPING, Stage.WITHDRAWN}:
        return rows.none()
    if seats & LGA:
        return rows
    seen = Q(pk=None)
    if seats & HOST:
        seen |= Q(kind__in=FOR_THE_COUNCIL)
    if seats & TEAM:
        seen |= Q(for_user_id=user.pk)
    return rows.filter(seen)


def agreements_for(user: User, challenge: Challenge) -> list[Agreement]:
    """In the order of DocumentKind, peers' terms by name."""
    require(user, Act.CHALLENGE_READ, challenge)
    rows = agreements_visible_to(user, challenge)
    return sorted(rows, key=lambda row: (ORDER.index(DocumentKind(row.kind)), str(row.for_user or "")))


def get_agreement(user: User, ref: str, pk: int, act: Act = Act.AGREEMENT_READ) -> Agreement:
    """One agreement that the person sees, with the right to `act` on it. Raises NoSeat, NotNow."""
    challenge = Challenge.objects.select_related("council", "programme").filter(ref=ref).first()
    if challenge is None:
        raise NoSeat
    row = agreements_visible_to(user, challenge).filter(pk=pk).first()
    if row is None:
        raise NoSeat
    require(user, Act.AGREEMENT_READ, row)
    require(user, act, row)
    return row


def missing_kinds(challenge: Challenge) -> list[DocumentKind]:
    """The council's documents that are not issued yet."""
    there = set(
        challenge.agreements.exclude(state=AgreementState.SUPERSEDED)
        .filter(for_user=None)
        .values_list("kind", flat=True)
    )
    return [kind for kind in FOR_THE_COUNCIL if kind not in there]


# --- templates ----------------------------------------------------------------------------------------
def template_list() -> list[dict]:
    """For each kind: its text in use, its draft, and how many versions there are; one query."""
    rows: dict[str, list[DocumentTemplate]] = {kind: [] for kind in DocumentKind}
    for template in DocumentTemplate.objects.select_related("edited_by").order_by("kind", "-number"):
        rows[template.kind].append(template)
    return [
        {
            "kind": kind,
            "versions": found,
            "current": next((row for row in found if row.state == TemplateState.CURRENT), None),
            "draft": next((row for row in found if row.state == TemplateState.DRAFT), None),
        }
        for kind, found in rows.items()
    ]


def current_template(kind: str) -> DocumentTemplate | None:
    return DocumentTemplate.objects.filter(kind=kind, state=TemplateState.CURRENT).first()


# --- what fills a text ----------------------------------------------------------------------------------
def values_for(challenge: Challenge, peer: User | None = None) -> dict[str, str]:
    """The value of every placeholder; two queries."""
    people: dict[str, list[str]] = {}
    seats = challenge.seats.in_force(timezone.localdate()).filter(permission__codename__in=list(HOST))
    for name, person in seats.values_list("permission__codename", "user__full_name").order_by("user__full_name"):
        people.setdefault(name, []).append(person)
    return {
        "council": challenge.council.name,
        "council_full_name": challenge.council.official_name,
        "reference": challenge.ref,
        "programme": challenge.programme.title,
        "focus": challenge.focus or _("to be agreed"),
        "themes": ", ".join(theme.title for theme in challenge.themes.all()) or _("to be agreed"),
        "visit_dates": _days(challenge),
        "visit_place": challenge.visit_place or _("a place to be agreed"),
        "host_lead": ", ".join(people.get(SeatName.HOST_LEAD, [])) or _("the host lead"),
        "host_sponsor": ", ".join(people.get(SeatName.HOST_SPONSOR, [])) or _("the host sponsor"),
        "team_size": _("%(least)s to %(most)s peers") % {"least": challenge.team_min, "most": challenge.team_max},
        "access_days": str(challenge.programme.access_days_after_close),
        "peer_name": peer.full_name if peer is not None else _("the peer"),
        "issued_on": date_format(timezone.localdate(), "j F Y"),
    }


def _days(challenge: Challenge) -> str:
    if challenge.visit_first_day and challenge.visit_last_day:
        first, last = challenge.visit_first_day, challenge.visit_last_day
        return _("%(first)s to %(last)s") % {
            "first": date_format(first, "l j F Y"), "last": date_format(last, "l j F Y"),
        }  # fmt: skip
    return _("days to be fixed")


# --- what is missing ------------------------------------------------------------------------------------
def is_settled(agreement: Agreement | None) -> bool:
    """Returned, and where it came as a file, the file can be read."""
    if agreement is None or agreement.state != AgreementState.RETURNED:
        return False
    return agreement.returned_file is None or agreement.returned_file.is_readable


def unreturned_agreements(challenge: Challenge) -> list[Blocker]:
    """Two queries."""
    rows = challenge.agreements.exclude(state=AgreementState.SUPERSEDED).select_related("returned_file")
    council, peers = {}, {}
    for row in rows:
        if row.for_user_id is None:
            council[row.kind] = row
        else:
            peers[row.for_user_id] = row
    url = reverse("agreements:list", args=[challenge.ref])
    found = [blocker for kind in TO_RETURN if (blocker := _not_returned(kind, council.get(kind), url))]
    if DocumentKind.SENIOR_BRIEFING not in council:
        sentence = _("The briefing for senior colleagues has not been sent. The coordinator or challenge manager can.")
        found.append(Blocker(sentence, frozenset(LGA), url))
    accepted = challenge.placements.filter(state=PlacementState.ACCEPTED).order_by("profile__user__full_name")
    for user_id, name in accepted.values_list("profile__user_id", "profile__user__full_name"):
        if not is_settled(peers.get(user_id)):
            sentence = _("%(person)s has not accepted the peer terms. Only they can.") % {"person": name}
            found.append(Blocker(sentence, frozenset(TEAM), url))
    return found


def _not_returned(kind: DocumentKind, row: Agreement | None, url: str) -> Blocker | None:
    words = {"document": kind.label.lower()}
    if row is None:
        sentence = _("The %(document)s has not been issued. The coordinator or challenge manager can issue it.")
        return Blocker(sentence % words, frozenset(LGA), url)
    if row.state != AgreementState.RETURNED:
        sentence = _("The %(document)s has not been returned. The host sponsor or host lead can sign it.")
        return Blocker(sentence % words, frozenset(HOST), url)
    if not is_settled(row):
        sentence = _(
            "The signed copy of the %(document)s cannot be opened. The host can sign it here or upload it again."
        )
        return Blocker(sentence % words, frozenset(HOST), url)
    return None


def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Documents to sign, terms to accept, and for coordinators sets to issue; at most three queries."""
    known = {challenge.pk: challenge for challenge in challenges}
    tasks = [_signing_task(row, known[row.challenge_id]) for row in _to_sign(user, list(known))]
    setup = [pk for pk, challenge in known.items() if challenge.stage == Stage.SETUP]
    if setup and SeatName.COORDINATOR in seats_on(user):
        issued = Agreement.objects.exclude(state=AgreementState.SUPERSEDED)
        issued = issued.filter(challenge__in=setup, kind=DocumentKind.EXPECTATIONS)
        for pk in sorted(set(setup) - set(issued.values_list("challenge_id", flat=True))):
            url = reverse("agreements:list", args=[known[pk].ref])
            tasks.append(Task(_("Issue the agreements"), known[pk], url, None, "agreement"))
    return tasks


def _to_sign(user: User, ids: list[int]) -> QuerySet[Agreement]:
    seats = Seat.objects.in_force(timezone.localdate()).filter(
        content_object=OuterRef("challenge"), user=user, permission__codename__in=list(HOST)
    )
    on_team = Placement.objects.filter(
        challenge=OuterRef("challenge"), profile__user=user, state=PlacementState.ACCEPTED
    )
    council = Q(kind__in=TO_RETURN, challenge__stage__in=[Stage.SETUP, Stage.PREPARATION]) & Exists(seats)
    stages = [Stage.SETUP, Stage.PREPARATION, Stage.DESK_REVIEW, Stage.ON_SITE]
    mine = Q(for_user=user, challenge__stage__in=stages) & Exists(on_team)
    return Agreement.objects.filter(council | mine, challenge__in=ids, state=AgreementState.ISSUED).order_by("pk")


def _signing_task(row: Agreement, challenge: Challenge) -> Task:
    url = reverse("agreements:agreement", args=[challenge.ref, row.pk])
    if row.kind == DocumentKind.PEER_TERMS:
        return Task(_("Read and accept the peer terms"), challenge, url, None, "agreement")
    words = {"document": row.get_kind_display().lower()}
    return Task(_("Sign the %(document)s") % words, challenge, url, None, "agreement")
