"""What the database itself refuses."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from peers.councils.models import CouncilNeighbour, CouncilSuccession
from tests.factories.worlds import make_council

DAY = datetime.date(2027, 4, 1)


def refused(make) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_no_council_ends_before_it_begins(db):
    refused(lambda: make_council(starts_on=DAY, ends_on=DAY - datetime.timedelta(days=1)))
    assert make_council(starts_on=DAY, ends_on=DAY).exists_on(DAY)


def test_codes_are_unique_and_not_empty(db):
    make_council(gss_code="X99999999")
    refused(lambda: make_council(gss_code="X99999999"))
    refused(lambda: make_council(gss_code=""))
    with pytest.raises(ValidationError):
        make_council(gss_code="X1").full_clean()


def test_a_deprivation_fifth_is_one_of_five(db):
    refused(lambda: make_council(deprivation_quintile=6))


def test_a_pair_of_neighbours_is_kept_once(db):
    first, second = make_council(), make_council()
    CouncilNeighbour.objects.create(first=first, second=second)
    refused(lambda: CouncilNeighbour.objects.create(first=first, second=second))
    refused(lambda: CouncilNeighbour.objects.create(first=first, second=first))


def test_a_succession_has_a_successor_other_than_itself(db):
    first, second = make_council(), make_council()
    refused(lambda: CouncilSuccession.objects.create(predecessor=first, on=DAY))
    refused(lambda: CouncilSuccession.objects.create(predecessor=first, successor=first, on=DAY))
    CouncilSuccession.objects.create(predecessor=first, successor=second, on=DAY)
    refused(lambda: CouncilSuccession.objects.create(predecessor=first, successor=second, on=DAY))
    CouncilSuccession.objects.create(predecessor=first, successor_name="Not yet coded", on=DAY)
    refused(lambda: CouncilSuccession.objects.create(predecessor=first, successor_name="Not yet coded", on=DAY))
