"""What councils run together: on their pages, changed by coordinators alone, and who leads them."""

import datetime

import pytest
from django.urls import reverse

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from peers.councils import services
from peers.councils.models import Partnership
from peers.councils.queries import councils_named
from tests.factories.worlds import make_council

DAY = datetime.date(2026, 4, 1)


@pytest.fixture
def pair(db):
    return [make_council("Westmere"), make_council("Eastmere")]


def shared(by, councils, **fields):
    values = {"title": "Mere ICT", "kind": "shared_it", "starts_on": DAY, "ends_on": None, "source": "Their website"}
    return services.add_partnership(by=by, councils=councils, **values | fields)


def test_entered_once_and_written_down(cast, pair):
    row = shared(cast.coordinator, pair)
    assert shared(cast.coordinator, reversed(pair)) == row
    assert AuditEvent.objects.filter(act="council.edit", object_label="Mere ICT").count() == 1
    assert row.runs_on(DAY)
    assert not row.runs_on(DAY - datetime.timedelta(days=1))


@pytest.mark.parametrize("who", ["editor", "host_lead", "pool_peer", "administrator", "superuser", "manager"])
def test_nobody_else_writes_it(cast, pair, who):
    person = getattr(cast, who)
    row = shared(cast.coordinator, pair)
    with pytest.raises(NoSeat):
        shared(person, pair, title="Other")
    with pytest.raises(NoSeat):
        services.edit_partnership(partnership=row, by=person, version=1, councils=pair, title="Mine")
    with pytest.raises(NoSeat):
        services.remove_partnership(partnership=row, by=person)
    client = cast.client_for(person)
    new = reverse("councils:partnership_new", args=[pair[0].slug])
    for path in (new, row.get_absolute_url(), reverse("councils:partnership_remove", args=[row.pk])):
        assert client.get(path).status_code == 404, path
        assert client.post(path, {}).status_code == 404, path


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"councils": 1}, "at least two"), ({"ends_on": DAY - datetime.timedelta(days=1)}, "before the first")],
)
def test_nonsense_is_refused(cast, pair, fields, words):
    councils = pair[: fields.pop("councils", 2)]
    with pytest.raises(BadInput, match=words):
        shared(cast.coordinator, councils, **fields)
    assert not Partnership.objects.exists()


def test_a_change_meanwhile_is_not_overwritten(cast, pair):
    row = shared(cast.coordinator, pair)
    services.edit_partnership(partnership=row, by=cast.coordinator, version=1, councils=pair, title="Mere digital")
    with pytest.raises(StaleVersion):
        services.edit_partnership(partnership=row, by=cast.coordinator, version=1, councils=pair, title="Mine")
    path = row.get_absolute_url()
    typed = {"version": 1, "title": "Mine", "kind": "shared_it", "councils": "Westmere\nEastmere"}
    page = cast.client_for(cast.coordinator).post(path, typed)
    assert page.status_code == 409
    assert "Mere digital" in page.content.decode()
    assert cast.client_for(cast.coordinator).post(path, typed | {"version": 2}).status_code == 302


def test_through_the_pages(cast, pair):
    client = cast.client_for(cast.coordinator)
    path = reverse("councils:partnership_new", args=[pair[0].slug])
    typed = {"title": "Mere ICT", "kind": "shared_it", "councils": f"westmere\n{pair[1].gss_code}\n"}
    wrong = client.post(path, typed | {"councils": "Westmere\nE99999999\nAtlantis"}).content.decode()
    assert "No council is known as: E99999999; Atlantis" in wrong
    assert (
        "Name at least two councils" in client.post(path, typed | {"councils": "Westmere\nwestmere"}).content.decode()
    )
    assert client.post(path, typed).status_code == 302
    page = client.get(pair[1].get_absolute_url()).content.decode()
    assert "Mere ICT" in page
    assert "Westmere" in page
    row = Partnership.objects.get()
    assert client.post(reverse("councils:partnership_remove", args=[row.pk])).status_code == 302
    assert not Partnership.objects.exists()


def test_of_two_with_one_name_the_living_one_counts(db):
    make_council("Mere", ends_on=DAY)
    living = make_council("Mere")
    assert councils_named(["mere", "nowhere"]) == ([living], ["nowhere"])


def test_the_councils_page_costs_the_same_with_many(cast, pair, django_assert_max_num_queries):
    client, path = cast.client_for(cast.coordinator), pair[0].get_absolute_url()
    shared(cast.coordinator, pair)
    client.get(path)
    with django_assert_max_num_queries(15) as few:
        client.get(path)
    for number in range(6):
        shared(cast.coordinator, [*pair, make_council()], title=f"Service {number}")
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(path)


def test_who_leads_is_a_fact_with_its_day(cast, pair):
    client, path = cast.client_for(cast.coordinator), reverse("councils:edit", args=[pair[0].slug])
    typed = {"version": 1, "official_name": "Westmere Council", "leading_since": "2026-05-21"}
    assert "Name the party" in client.post(path, typed).content.decode()
    assert client.post(path, typed | {"leading_party": " Green Party "}).status_code == 302
    page = client.get(pair[0].get_absolute_url()).content.decode()
    assert "Green Party, since Thursday 21 May 2026" in page
