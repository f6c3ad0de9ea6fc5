"""The team's view of the evidence: for the team and the challenge manager, never for the host."""

from typing import NamedTuple

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import QUALITIES, Judgement, Sufficiency
from peers.frameworks.models import Theme


class Said(NamedTuple):
    """One of the four: the word chosen (empty for none) and the sentence."""

    quality: str
    word: str
    colour: str
    why: str


class ThemeJudged(NamedTuple):
    theme: Theme
    judgement: Judgement | None
    said: list[Said]


COLOURS = {"enough": "green", "partly": "yellow", "not_enough": "orange", "cannot_say": "grey"}


def judgements_by_theme(user: User, challenge: Challenge) -> list[ThemeJudged]:
    """A row for each theme in scope, judged or not. Raises NoSeat, NotNow."""
    require(user, Act.EVIDENCE_JUDGEMENT_READ, challenge)
    found = {row.theme_id: row for row in challenge.evidence_judgements.select_related("updated_by")}
    return [
        ThemeJudged(theme, found.get(theme.pk), said_of(found.get(theme.pk)))
        for theme in challenge.themes.order_by("place", "pk")
    ]


def said_of(row: Judgement | None) -> list[Said]:
    if row is None:
        return []
    labels = dict(Sufficiency.choices)
    return [
        Said(name, str(labels.get(getattr(row, name), "")), COLOURS.get(getattr(row, name), "grey"),
             getattr(row, f"{name}_why"))
        for name in QUALITIES
    ]  # fmt: skip


def theme_in_scope(challenge: Challenge, code: str) -> Theme:
    """Raises NoSeat when this challenge does not look at it."""
    theme = challenge.themes.filter(code=code).first()
    if theme is None:
        raise NoSeat
    return theme


def judgement_of(user: User, challenge: Challenge, theme: Theme) -> Judgement | None:
    """Raises NoSeat, NotNow for who may not read it."""
    require(user, Act.EVIDENCE_JUDGEMENT_READ, challenge)
    return challenge.evidence_judgements.filter(theme=theme).first()
