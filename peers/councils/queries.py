"""Reading the directory."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from peers.councils.models import (
    Council,
    CouncilNeighbour,
    CouncilQuerySet,
    CouncilSuccession,
    Partnership,
    Relation,
)

SORTS = {
    "name": ("name", "gss_code"),
    "kind": ("kind", "name"),
    "region": ("region", "name"),
    "population": ("population", "name"),
}


def councils_found(
    *,
    words: str = "",
    kind: str = "",
    region: str = "",
    nation: str = "",
    when: str = "today",
    sort: str = "name",
    today: datetime.date,
) -> QuerySet[Council]:
    """The directory's search. Every word must stand in the name, the full name or a code.

    `when`: today (exists today), ended (existed before), all. `sort`: a key of SORTS, "-" before it to turn it round.
    """
    found: CouncilQuerySet = Council.objects.all()
    for word in words.split()[:8]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(official_name__icontains=word)
            | Q(gss_code__iexact=word)
            | Q(former_gss_code__iexact=word)
        )
    if when == "today":
        found = found.on(today)
    elif when == "ended":
        found = found.filter(ends_on__lt=today)
    chosen = {"kind": kind, "region": region, "nation": nation}
    found = found.filter(**{name: value for name, value in chosen.items() if value})
    first, *rest = SORTS.get(sort.lstrip("-"), SORTS["name"])
    return found.order_by(f"-{first}" if sort.startswith("-") else first, *rest)


def regions() -> list[str]:
    rows = Council.objects.exclude(region="").order_by("region").values_list("region", flat=True).distinct()
    return list(rows)


@dataclass(frozen=True)
class NeighbourRow:
    """`kind` is a value of Relation, `relation` its words, `km` lies between the rough centres."""

    council: Council
    kind: str
    relation: str
    km: Decimal | None


def neighbours_of(council: Council) -> list[NeighbourRow]:
    """Councils next to this one or serving the same area, nearest first, in one query."""
    pairs = CouncilNeighbour.objects.filter(Q(first=council) | Q(second=council)).select_related("first", "second")
    rows = [
        NeighbourRow(
            council=pair.second if pair.first_id == council.pk else pair.first,
            kind=pair.relation,
            relation=str(Relation(pair.relation).label),
            km=pair.km,
        )
        for pair in pairs
    ]
    return sorted(rows, key=lambda row: (row.km is None, row.km or 0, row.council.name))


def predecessors_of(council: Council) -> QuerySet[CouncilSuccession]:
    return council.successions_from.select_related("predecessor").order_by("-on", "predecessor__name")


def successors_of(council: Council) -> QuerySet[CouncilSuccession]:
    return council.successions.select_related("successor").order_by("on", "successor__name", "successor_name")


def council_by_code(code: str) -> Council | None:
    """The council with this code, or with this former code, else None."""
    return Council.objects.filter(Q(gss_code=code) | Q(former_gss_code=code)).order_by("pk").first() if code else None


def partnerships_of(council: Council) -> list[Partnership]:
    """What the council runs with others, running ones first, with their councils; two queries."""
    rows = Partnership.objects.filter(councils=council).prefetch_related("councils")
    return sorted(rows, key=lambda row: (row.ends_on is not None, row.title))


def councils_named(words: list[str]) -> tuple[list[Council], list[str]]:
    """The councils called so, by code, name or full name, and what was not understood; one query.

    Of two with one name the one that exists longer counts: a successor often keeps the name.
    """
    asked = Q(pk__in=[])
    for word in words:
        asked |= Q(gss_code__iexact=word) | Q(former_gss_code__iexact=word)
        asked |= Q(name__iexact=word) | Q(official_name__iexact=word)
    known: dict[str, Council] = {}
    for council in Council.objects.filter(asked).order_by(F("ends_on").asc(nulls_last=True), "pk"):
        for name in (council.former_gss_code, council.name, council.official_name, council.gss_code):
            known[name.casefold()] = council
    found = {known[word.casefold()].pk: known[word.casefold()] for word in words if word.casefold() in known}
    return list(found.values()), [word for word in words if word.casefold() not in known]
