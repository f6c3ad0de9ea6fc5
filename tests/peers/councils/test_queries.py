"""Search and neighbours."""

import datetime

import pytest

from peers.councils.models import CouncilNeighbour
from peers.councils.queries import council_by_code, councils_found, neighbours_of, regions
from tests.factories.worlds import make_council

TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def few(db):
    make_council("Northmere", gss_code="E06000001", kind="unitary", region="North East", population=5)
    make_council("Southmere", gss_code="E10000001", kind="county", region="South East", population=9)
    make_council("Llanmere", gss_code="W06000001", kind="welsh_unitary", nation="Wales", region="Wales", population=7)
    make_council(
        "Oldmere", gss_code="E07000001", kind="district", region="South East", ends_on=datetime.date(2023, 3, 31)
    )
    make_council(
        "Newmere", gss_code="E06000002", kind="unitary", region="North East", starts_on=datetime.date(2027, 4, 1)
    )


def names(**search) -> list[str]:
    return [council.name for council in councils_found(today=TODAY, **search)]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, ["Llanmere", "Northmere", "Southmere"]),
        ({"words": "north"}, ["Northmere"]),
        ({"words": "mere SOUTH"}, ["Southmere"]),
        ({"words": "e10000001"}, ["Southmere"]),
        ({"words": "100%"}, []),
        ({"words": "old"}, []),
        ({"words": "old", "when": "all"}, ["Oldmere"]),
        ({"when": "ended"}, ["Oldmere"]),
        ({"when": "all"}, ["Llanmere", "Newmere", "Northmere", "Oldmere", "Southmere"]),
        ({"kind": "county"}, ["Southmere"]),
        ({"region": "North East"}, ["Northmere"]),
        ({"nation": "Wales"}, ["Llanmere"]),
        ({"nation": "Wales", "kind": "county"}, []),
        ({"sort": "-name"}, ["Southmere", "Northmere", "Llanmere"]),
        ({"sort": "-population"}, ["Southmere", "Llanmere", "Northmere"]),
        ({"sort": "password"}, ["Llanmere", "Northmere", "Southmere"]),
    ],
)
def test_search(few, search, found):
    assert names(**search) == found


def test_regions_each_once(few):
    assert regions() == ["North East", "South East", "Wales"]


def test_a_former_code_is_found(db):
    council = make_council("Northmere", gss_code="E08000038", former_gss_code="E08000016")
    assert council_by_code("E08000016") == council_by_code("E08000038") == council
    assert council_by_code("") is None
    assert names(words="E08000016") == ["Northmere"]


def test_neighbours_from_either_side_nearest_first(db, django_assert_num_queries):
    middle, near, far = make_council("Middle"), make_council("Near"), make_council("Far")
    CouncilNeighbour.objects.create(first=middle, second=far, km="30.0")
    CouncilNeighbour.objects.create(first=near, second=middle, km="4.5", relation="same_area")
    with django_assert_num_queries(1):
        rows = neighbours_of(middle)
    assert [(row.council, row.relation) for row in rows] == [
        (near, "Serves the same area"),
        (far, "Shares a boundary"),
    ]
