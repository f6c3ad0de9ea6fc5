"""What stands before any challenge: reference data, the programme's people, invented councils, the pool."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from cyber360.accounts.services import ensure_user
from peers.agreements.services import load_default_templates
from peers.challenges.defaults import load_defaults
from peers.challenges.models import Programme
from peers.challenges.services import grant_programme_seat, seat_on_programme
from peers.councils.models import Council
from peers.councils.services import import_directory
from peers.frameworks.models import FrameworkVersion
from peers.frameworks.services import import_version, load_caf_reference, publish_version
from peers.pool.models import PeerProfile, Size, State
from peers.pool.services import (
    add_blackout,
    apply_to_pool,
    declare_interest,
    edit_profile,
    invite_to_pool,
    register_peer,
    set_state,
)
from peers.reports.services import load_default_template
from peers.seats import SeatName

from .tale import address, person
from .texts import raw, text

EXAMPLE = Path(settings.BASE_DIR) / "fixtures" / "frameworks" / "cyber360-example-1.0.yaml"


def prepare_reference() -> tuple[Programme, FrameworkVersion]:
    """The programme, the document templates and the published example set, made where they are missing."""
    programme = load_defaults()
    load_default_templates()
    load_default_template()
    load_caf_reference()
    version = FrameworkVersion.objects.filter(framework__code="cyber360-example", state="published").last()
    if version is None:
        version = import_version(raw=EXAMPLE.read_bytes(), source=EXAMPLE.name).version
        version = publish_version(version=version)
    return programme, version


def load_councils() -> dict[str, Council]:
    """The invented councils by slug. Raises RuntimeError when a row of the demo's own file is bad."""
    report = import_directory(councils=raw("councils.csv"), neighbours=raw("neighbours.csv"))
    if report.problems:
        raise RuntimeError("; ".join(str(problem) for problem in report.problems))
    return {council.slug: council for council in Council.objects.filter(invented=True)}


def welcome(entry: dict, email: str) -> Any:
    """An account without a password. One mail a day while the demo is made, so that nobody gets hundreds."""
    user, _made = ensure_user(email=email, full_name=entry["name"], job_title=entry["job"], by=None)
    get_user_model().objects.filter(pk=user.pk).update(daily_digest=True)
    return person(email)


def seat_programme(programme: Programme) -> tuple[Any, dict[str, Any]]:
    """The administrator, the coordinator, the editor; returns the coordinator and the managers by key."""
    people = text("people")
    administrator = welcome(people["administrator"], people["administrator"]["email"])
    if not programme.seats.filter(user=administrator).exists():
        seat_on_programme(programme=programme, user=administrator, name=SeatName.ADMINISTRATOR)
    for key, name in (("coordinator", SeatName.COORDINATOR), ("editor", SeatName.FRAMEWORK_EDITOR)):
        user = welcome(people[key], people[key]["email"])
        if not programme.seats.filter(user=user).exists():
            grant_programme_seat(programme=programme, user=user, name=name, by=administrator)
    managers = {key: welcome(entry, entry["email"]) for key, entry in people["managers"].items()}
    return person(people["coordinator"]["email"]), managers


def fill_pool(programme: Programme, councils: dict[str, Council], coordinator: Any) -> None:
    people = text("people")
    made = False
    for entry in people["pool"].values():
        email = address(entry["name"], entry["council"])
        if not PeerProfile.objects.filter(user__email=email).exists():
            welcome(entry, email)
            _register(programme, councils[entry["council"]], coordinator, entry, email)
            made = True
    if made:
        _declare(people, councils)
        for entry in people["applicants"]:
            _apply(programme, councils[entry["council"]], coordinator, entry)


def _register(programme: Programme, council: Council, coordinator: Any, entry: dict, email: str) -> None:
    profile = register_peer(
        programme=programme, by=coordinator, email=email, full_name=entry["name"], council=council,
        role=entry["role"], job_title=entry["job"], party=entry.get("party", ""), days_offered=entry["days"],
    )  # fmt: skip
    profile = edit_profile(
        profile=profile, by=coordinator, version=profile.version, can_lead=entry.get("lead", False),
        **_training(entry.get("trained", 200 + 37 * (profile.pk % 11))),
    )  # fmt: skip
    profile = edit_profile(
        profile=profile, by=profile.user, version=profile.version, skills=entry["skills"], known=_known(council),
        biography=entry["biography"], welsh_speaker=entry.get("welsh", False), travel_km=150 + 50 * (profile.pk % 4),
        seniority=entry["seniority"],
    )  # fmt: skip
    if entry.get("state") == "resting":
        set_state(profile=profile, by=coordinator, state=State.RESTING)
    if entry.get("unconfirmed"):  # as it would be after a year and two months without a word
        said = timezone.localdate() - timedelta(days=430)
        PeerProfile.objects.filter(pk=profile.pk).update(
            confirmed_on=said, asked_to_confirm_on=said + timedelta(days=365)
        )


def _training(days_ago: int) -> dict[str, Any]:
    """Peer training counts for three years; 0 days ago: none yet."""
    if not days_ago:
        return {}
    done = timezone.localdate() - timedelta(days=days_ago)
    return {"training_done_on": done, "training_expires_on": done + timedelta(days=3 * 365)}


def _known(council: Council) -> list[tuple[str, str]]:
    """Everybody knows at least a council like their own."""
    size = Size.of(council.population)
    return [(council.kind, size)] if size else []


def _apply(programme: Programme, council: Council, coordinator: Any, entry: dict) -> None:
    email = address(entry["name"], entry["council"])
    welcome(entry, email)
    invitation, _how = invite_to_pool(programme=programme, by=coordinator, email=email, full_name=entry["name"])
    apply_to_pool(
        invitation=invitation, by=person(email), council=council, role=entry["role"], skills=entry["skills"],
        known=_known(council), job_title=entry["job"], seniority=entry["seniority"], days_offered=entry["days"],
        biography=entry["biography"],
    )  # fmt: skip


def _declare(people: dict, councils: dict[str, Council]) -> None:
    today = timezone.localdate()
    for tie in people["interests"]:
        profile = _profile(people, tie["peer"])
        declare_interest(
            profile=profile, by=profile.user, council=councils[tie["council"]], kind=tie["kind"], words=tie["words"]
        )
    for away in people["away"]:
        profile = _profile(people, away["peer"])
        days = {name: today + timedelta(days=away[name]) for name in ("first", "last")}
        add_blackout(
            profile=profile, by=profile.user, first_day=days["first"], last_day=days["last"], words=away["words"]
        )


def _profile(people: dict, key: str) -> PeerProfile:
    entry = people["pool"][key]
    return PeerProfile.objects.select_related("user").get(user__email=address(entry["name"], entry["council"]))
