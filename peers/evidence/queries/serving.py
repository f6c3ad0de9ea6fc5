"""What an item serves: questions, and through them or by itself themes and outcomes."""

from typing import NamedTuple

from django.db.models import Q, QuerySet

from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem
from peers.frameworks.models import CafOutcome, Question, Theme


class Served(NamedTuple):
    questions: list[Question]
    themes: list[Theme]
    outcomes: list[CafOutcome]


def outcomes_in_scope(challenge: Challenge) -> QuerySet[CafOutcome]:
    """The outcomes that the questions in scope map to."""
    mapped = CafOutcome.objects.filter(questions__theme__challenges=challenge)
    return mapped.order_by("version", "objective", "principle", "code").distinct()


def served_by(item: EvidenceItem) -> Served:
    """Three queries. Themes and outcomes of the item's questions, and those it names itself, once each."""
    questions = list(item.questions.select_related("theme").order_by("theme__place", "place", "pk"))
    themes = Theme.objects.filter(Q(questions__in=questions) | Q(evidence_items=item))
    outcomes = CafOutcome.objects.filter(Q(questions__in=questions) | Q(evidence_items=item))
    return Served(
        questions,
        list(themes.order_by("place", "pk").distinct()),
        list(outcomes.order_by("version", "objective", "principle", "code").distinct()),
    )
