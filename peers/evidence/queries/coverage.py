"""How far the evidence reaches, theme by theme: what a person may see of it, counted. Words about it are the team's."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers.challenges.models import Challenge
from peers.challenges.queries import questions_in_scope
from peers.evidence.models import EvidenceItem, EvidenceLink, EvidenceRequest
from peers.frameworks.models import EvidenceKind, Question, Theme

from .reading import read_by
from .visibility import items_visible_to, requests_visible_to


@dataclass
class Covered:
    """One theme. `theme` is None for what serves none; `kinds` counts items by the word of their kind of source."""

    theme: Theme | None
    items: int = 0
    kinds: list[tuple[str, int]] = field(default_factory=list)
    oldest: date | None = None
    newest: date | None = None
    undated: int = 0
    overdue: int = 0
    requests: Counter = field(default_factory=Counter)
    without: list[Question] = field(default_factory=list)
    read: int = 0
    changed: int = 0

    @property
    def asked(self) -> int:
        return sum(self.requests.values())

    @property
    def open(self) -> int:
        return self.requests[EvidenceRequest.State.OPEN]

    @property
    def met(self) -> int:
        return self.requests[EvidenceRequest.State.MET]

    @property
    def not_held(self) -> int:
        return self.requests[EvidenceRequest.State.NOT_HELD]

    @property
    def not_needed(self) -> int:
        return self.requests[EvidenceRequest.State.NOT_NEEDED]


def live_items(user: User, challenge: Challenge) -> QuerySet[EvidenceItem]:
    return items_visible_to(user, challenge).filter(state=EvidenceItem.State.LIVE)


def themes_served(items: QuerySet[EvidenceItem]) -> dict[int, set[int]]:
    """Theme -> the ids of the items that serve it, by a question or as a whole. Two queries."""
    served: dict[int, set[int]] = {}
    keys = items.order_by().values("pk")
    by_question = EvidenceLink.objects.filter(item__in=keys).order_by().values_list("question__theme_id", "item_id")
    by_itself = EvidenceItem.themes.through.objects.filter(evidenceitem__in=keys).values_list(
        "theme_id", "evidenceitem_id"
    )
    for theme, item in (*by_question, *by_itself):
        served.setdefault(theme, set()).add(item)
    return served


def coverage_of(user: User, challenge: Challenge, *, with_questions: bool = True) -> list[Covered]:
    """A row for each theme in scope, and one for what serves none when there is such. Seven queries at most."""
    items = live_items(user, challenge)
    facts = {row[0]: row for row in items.order_by().values_list("pk", "source", "document_date", "review_on")}
    served, reading = themes_served(items), read_by(user, items)
    asked = _asked(requests_visible_to(user, challenge))
    without = _without_evidence(challenge, items) if with_questions else {}
    rows = []
    for theme in challenge.themes.order_by("place", "pk"):
        row = _covered(theme, served.get(theme.pk, set()), facts, reading)
        row.requests, row.without = asked.get(theme.pk, Counter()), without.get(theme.pk, [])
        rows.append(row)
    placed = set().union(*(served.get(row.theme.pk, set()) for row in rows if row.theme))
    rest = _covered(None, set(facts) - placed, facts, reading)
    rest.requests = asked.get(None, Counter())
    return [*rows, rest] if rest.items or rest.asked else rows


def _covered(theme: Theme | None, keys: set[int], facts: dict, reading: dict[int, str]) -> Covered:
    found = [facts[pk] for pk in keys if pk in facts]
    labels, today = dict(EvidenceKind.choices), timezone.localdate()
    kinds = Counter(str(labels.get(source) or _("Not said")) for _pk, source, _day, _review in found)
    days = [day for _pk, _source, day, _review in found if day]
    return Covered(
        theme,
        items=len(found),
        kinds=sorted(kinds.items()),
        oldest=min(days, default=None),
        newest=max(days, default=None),
        undated=len(found) - len(days),
        overdue=sum(1 for _pk, _source, _day, review in found if review and review < today),
        read=sum(1 for row in found if reading.get(row[0]) == "read"),
        changed=sum(1 for row in found if reading.get(row[0]) == "changed"),
    )


def _asked(requests: QuerySet[EvidenceRequest]) -> dict[int | None, Counter]:
    rows = requests.order_by().values_list("question__theme_id", "state").annotate(number=Count("pk"))
    counted: dict[int | None, Counter] = {}
    for theme, state, number in rows:
        counted.setdefault(theme, Counter())[state] += number
    return counted


def _without_evidence(challenge: Challenge, items: QuerySet[EvidenceItem]) -> dict[int, list[Question]]:
    """Theme -> its questions that no item names."""
    linked = EvidenceLink.objects.filter(item__in=items.order_by().values("pk")).values("question_id")
    bare: dict[int, list[Question]] = {}
    for question in questions_in_scope(challenge).exclude(pk__in=linked):
        bare.setdefault(question.theme_id, []).append(question)
    return bare
