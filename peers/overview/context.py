"""For every page: in which seat the reader acts, and the navigation of that seat."""

from typing import NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from peers.access import SeatName, held_seats, seats_on

TASKS = (_("My tasks"), "overview:home")
CHALLENGES = (_("Challenges"), "overview:challenges")
PROFILE = (_("My profile"), "pool:me")
INVITATIONS = (_("Invitations"), "planning:invitations")
PEER_PAGES = (TASKS, CHALLENGES, INVITATIONS, PROFILE)
NAVIGATION = {
    SeatName.COORDINATOR: (
        TASKS,
        (_("Pipeline"), "overview:pipeline"),
        CHALLENGES,
        (_("Season"), "planning:season_list"),
        (_("Pool"), "pool:list"),
        (_("Councils"), "councils:list"),
        (_("Questionnaires"), "frameworks:list"),
        (_("Outbox"), "notify:outbox"),
        (_("Settings"), "overview:settings"),
    ),
    SeatName.CHALLENGE_MANAGER: (TASKS, CHALLENGES),
    SeatName.HOST_LEAD: (TASKS, CHALLENGES),
    SeatName.HOST_SPONSOR: (TASKS, CHALLENGES),
    SeatName.CONTRIBUTOR: ((_("My questions"), "answers:mine"),),
    SeatName.LEAD_PEER: PEER_PAGES,
    SeatName.PEER: PEER_PAGES,
    SeatName.OBSERVER: PEER_PAGES,
    SeatName.POOL_PEER: PEER_PAGES,
    SeatName.FRAMEWORK_EDITOR: (TASKS, (_("Questionnaires"), "frameworks:list"), (_("Councils"), "councils:list")),
    SeatName.ADMINISTRATOR: (
        (_("Accounts"), "accounts:list"),
        (_("Seats"), "challenges:programme_seats"),
        (_("Jobs"), "jobs:list"),
        (_("Health"), "jobs:health"),
        (_("Master key"), "records:master_key"),
    ),
}


class ActingSeat(NamedTuple):
    """`kind` is programme or challenge; `pk` the id of that."""

    kind: str
    pk: int
    name: SeatName

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.pk}:{self.name.value}"


def seats_to_act_in(user) -> list[ActingSeat]:
    """Every seat the person could act in, in the order of SeatName."""
    order = list(SeatName)
    rows = [ActingSeat(kind, pk, name) for kind, held in held_seats(user).items() for pk, name in held]
    return sorted(rows, key=lambda row: (order.index(row.name), row.pk))


def acting_seat(request) -> ActingSeat | None:
    """On a challenge's page the seat there; elsewhere the one chosen last, checked again at every request."""
    mine = seats_to_act_in(request.user)
    chosen = request.session.get("acting_seat")
    challenge = getattr(request.user, "acting_on", None)
    if challenge is not None:
        here = seats_on(request.user, challenge)
        on_it = {("challenge", challenge.pk), ("programme", challenge.programme_id)}
        mine = [row for row in mine if row.name in here and (row.kind, row.pk) in on_it]
        # A member of the pool acts as such on an invitation alone, never where they hold a seat of the challenge.
        mine = [row for row in mine if row.name != SeatName.POOL_PEER] or mine
    return next((row for row in mine if row.key == chosen), mine[0] if mine else None)


def capacity(request) -> dict:
    """`capacity` (seat_label, place, switch_url) and `navigation` for base.html."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    seat = acting_seat(request)
    if seat is None:
        return {"navigation": [], "capacity": None}
    challenge = getattr(user, "acting_on", None)
    return {
        "capacity": {
            "seat": seat.name.value,
            "key": seat.key,
            "seat_label": seat.name.label,
            "place": challenge.council.name if challenge is not None else "",
            "switch_url": reverse("overview:seats") if len(seats_to_act_in(user)) > 1 else "",
        },
        "navigation": list(_navigation(seat.name, request.path)),
    }


def _navigation(name: SeatName, path: str):
    for label, url_name in NAVIGATION[name]:
        try:
            url = reverse(url_name)
        except NoReverseMatch:
            continue
        yield {"label": label, "url": url, "current": path == url or (url != "/" and path.startswith(url))}
