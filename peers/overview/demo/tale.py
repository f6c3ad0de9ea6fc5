"""One demo challenge while it is being told: who takes part, when, in which words."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model

from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat, questions_in_scope
from peers.councils.models import Council
from peers.frameworks.models import Question, Theme
from peers.lifecycle import advance
from peers.pool.models import PeerProfile
from peers.seats import SeatName
from peers.stages import Stage

from .calendar import Calendar
from .texts import fill, text


def address(name: str, place: str) -> str:
    """The invented e-mail address of a person at a council (or at "programme")."""
    return f"{name.lower().replace(' ', '.').replace(chr(39), '')}@{place}.example.org"


@contextmanager
def at_work(users: Iterable[Any]) -> Iterator[None]:
    """Many writes of the same people in a row: their seats are looked up once, as in a request."""
    busy = list(users)
    for user in busy:
        user.seat_cache = {}
    try:
        yield
    finally:
        for user in busy:
            del user.seat_cache


def person(email: str) -> Any:
    return get_user_model().objects.get(email=email)


@dataclass
class Tale:
    """`plan` is an entry of challenges.yaml; `challenge` is set by the first step."""

    plan: dict
    calendar: Calendar
    council: Council
    coordinator: Any
    manager: Any
    challenge: Challenge = None  # type: ignore[assignment]

    @property
    def until(self) -> Stage:
        return Stage(self.plan["until"])

    def whole(self, stage: Stage) -> bool:
        """Whether the stage is behind us: then all of its work is there, else a part."""
        return stage.place < self.until.place

    # --- people -------------------------------------------------------------------------------------
    @cached_property
    def lead(self) -> Any:
        return person(self.email_of(self.plan["lead"]))

    @cached_property
    def sponsor(self) -> Any:
        return person(self.email_of(self.plan["sponsor"]))

    def email_of(self, entry: dict) -> str:
        return entry.get("email") or address(entry["name"], self.council.slug)

    def profile(self, key: str) -> PeerProfile:
        entry = text("people")["pool"][key]
        return PeerProfile.objects.select_related("user", "council").get(
            user__email=address(entry["name"], entry["council"])
        )

    @cached_property
    def lead_peer(self) -> Any:
        return people_in_seat(self.challenge, {SeatName.LEAD_PEER}).get()

    @cached_property
    def peers(self) -> list[Any]:
        """The lead peer first, then the peers by name; observers not among them."""
        others = people_in_seat(self.challenge, {SeatName.PEER}).order_by("full_name")
        return [self.lead_peer, *others]

    @property
    def seated(self) -> list[Any]:
        """Those whose seats no longer change once preparation has begun."""
        return [self.coordinator, self.manager, self.sponsor, self.lead, *self.peers]

    # --- words --------------------------------------------------------------------------------------
    def say(self, words: str) -> str:
        places = {"council": self.council.name, **self.plan.get("words", {})}
        return fill(words, places)

    def url(self, words: str) -> str:
        return words.replace("{place}", self.council.slug)

    @cached_property
    def voice(self) -> dict[str, dict]:
        """Question code to its answer, levels and comments."""
        return text(f"voice-{self.plan['voice']}")

    # --- the questionnaire ----------------------------------------------------------------------------
    @cached_property
    def questions(self) -> list[Question]:
        return list(questions_in_scope(self.challenge))

    @cached_property
    def themes(self) -> dict[str, Theme]:
        return {theme.code: theme for theme in self.challenge.themes.all()}

    def in_scope(self, codes: Iterable[str]) -> list[Theme]:
        return [self.themes[code] for code in codes if code in self.themes]

    # --- the lifecycle -----------------------------------------------------------------------------------
    def move(self, to: Stage, by: Any, reason: str = "") -> None:
        self.challenge = advance(challenge=self.challenge, to=to, by=by, reason=reason, now=self.calendar.entered[to])

    def fresh(self) -> Challenge:
        self.challenge = Challenge.objects.select_related("council", "programme", "framework_version").get(
            pk=self.challenge.pk
        )
        return self.challenge
