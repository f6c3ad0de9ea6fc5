"""Who sees the directory, what stands on its pages, and how many queries they take."""

import datetime

import pytest
from django.urls import reverse

from peers.councils.models import CouncilNeighbour, CouncilSuccession
from tests.factories.worlds import make_council

LIST = reverse("councils:list")


def outside(cast):
    inside = (
        cast.host_lead,
        cast.host_sponsor,
        cast.contributor,
        cast.manager,
        cast.lead_peer,
        cast.peer,
        cast.observer,
    )
    return (*inside, cast.stranger, cast.other_host, cast.superuser, cast.administrator, cast.pool_peer)


def test_only_coordinator_and_editor_read_the_directory(cast):
    council = cast.challenge.council
    for person in outside(cast):
        client = cast.client_for(person)
        assert [client.get(url).status_code for url in (LIST, council.get_absolute_url())] == [404, 404], person
    for person in (cast.coordinator, cast.editor):
        client = cast.client_for(person)
        assert [client.get(url).status_code for url in (LIST, council.get_absolute_url())] == [200, 200], person


def test_only_the_coordinator_corrects(cast):
    council = cast.challenge.council
    url = reverse("councils:edit", args=[council.slug])
    for person in (*outside(cast), cast.editor):
        assert cast.client_for(person).get(url).status_code == 404, person
        assert cast.client_for(person).post(url, {"official_name": "Stolen"}).status_code == 404, person
    assert cast.client_for(cast.coordinator).get(url).status_code == 200
    assert "Correct these facts" not in cast.client_for(cast.editor).get(council.get_absolute_url()).content.decode()


def test_nobody_signed_out(cast):
    response = cast.client_for(None).get(LIST)
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


def test_an_unknown_council_is_not_found(cast):
    client = cast.client_for(cast.coordinator)
    assert client.get(reverse("councils:council", args=["nowhere"])).status_code == 404


def test_search_by_name_type_region_and_date(cast):
    make_council("Eastmere", kind="county", region="East of England")
    make_council("Oldmere", kind="county", region="East of England", ends_on=datetime.date(2023, 3, 31))
    client = cast.client_for(cast.coordinator)

    def found(query: str) -> list[str]:
        return [council.name for council in client.get(f"{LIST}?{query}").context["page"]]

    assert found("q=eastm") == ["Eastmere"]
    assert found("kind=county&region=East+of+England") == ["Eastmere"]
    assert found("kind=county&when=ended") == ["Oldmere"]
    assert found("kind=county&when=all&sort=-name") == ["Oldmere", "Eastmere"]
    assert found("kind=nonsense&q=eastm") == ["Eastmere"]
    assert found("page=99&q=eastm") == ["Eastmere"]
    empty = client.get(f"{LIST}?q=zzzz").content.decode()
    assert "No council matches" in empty


def test_what_is_typed_is_escaped(cast):
    page = cast.client_for(cast.coordinator).get(LIST, {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


def test_the_list_takes_the_same_queries_with_one_and_many(cast, django_assert_max_num_queries):
    client = cast.client_for(cast.coordinator)
    counts = []
    for _round in range(2):
        with django_assert_max_num_queries(15) as captured:
            client.get(LIST)
        counts.append(len(captured))
        for number in range(90):
            make_council(f"Mere {number}")
    assert counts[0] == counts[1]


def test_the_council_page_takes_the_same_queries_with_one_and_many(cast, django_assert_max_num_queries):
    client, council = cast.client_for(cast.coordinator), cast.challenge.council
    counts = []
    for _round in range(2):
        for _number in range(1 if not counts else 20):
            other = make_council()
            CouncilNeighbour.objects.create(first=council, second=other)
            CouncilSuccession.objects.create(predecessor=council, successor=other, on=datetime.date(2027, 4, 1))
            make_council(parent=council)
        with django_assert_max_num_queries(15) as captured:
            client.get(council.get_absolute_url())
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_page_shows_what_came_before_and_comes_after(cast):
    council, before, after = cast.challenge.council, make_council("Before"), make_council("After")
    CouncilSuccession.objects.create(predecessor=before, successor=council, on=datetime.date(2023, 4, 1))
    CouncilSuccession.objects.create(
        predecessor=council, successor=after, on=datetime.date(2027, 4, 1), state="order_made"
    )
    CouncilSuccession.objects.create(predecessor=council, successor_name="West After", on=datetime.date(2027, 4, 1))
    page = cast.client_for(cast.coordinator).get(council.get_absolute_url()).content.decode()
    for words in (
        "Before Council",
        "After Council",
        "West After",
        "Not yet in force",
        "Invented",
        "OGL",
        "OS data",
    ):
        assert words.replace("OGL", "Open Government Licence") in page


# --- correcting ----------------------------------------------------------------------------------------
def fields(council, **changes):
    return {"version": council.version, "official_name": council.official_name, "website": ""} | changes


def test_correct_a_fact_through_the_page(cast):
    council = cast.challenge.council
    url = reverse("councils:edit", args=[council.slug])
    data = fields(council, population="12345", ends_on_day="31", ends_on_month="3", ends_on_year="2028")
    response = cast.client_for(cast.coordinator).post(url, data)
    assert (response.status_code, response.url) == (302, council.get_absolute_url())
    council.refresh_from_db()
    assert (council.population, council.ends_on) == (12345, datetime.date(2028, 3, 31))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"official_name": ""}, "Enter the council&#x27;s full name"),
        ({"website": "https://example.org/"}, "example.gov.uk"),
        ({"population": "-4"}, "greater than or equal to 0"),
        ({"ends_on_day": "1", "ends_on_month": "1", "ends_on_year": "1990"}, "on or after the first day"),
        ({"combined_authority": "999999"}, "Select a valid choice"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_saved(cast, changes, words):
    council = cast.challenge.council
    council.starts_on = datetime.date(1996, 4, 1)
    council.save()
    response = cast.client_for(cast.coordinator).post(
        reverse("councils:edit", args=[council.slug]), fields(council, **changes)
    )
    assert response.status_code == 200
    assert words in response.content.decode()
    council.refresh_from_db()
    assert council.version == 1


def test_the_second_editor_sees_both_texts_and_can_still_save(cast):
    council, client = cast.challenge.council, cast.client_for(cast.coordinator)
    url = reverse("councils:edit", args=[council.slug])
    client.post(url, fields(council, population="100"))
    second = client.post(url, fields(council, population="200"))
    assert second.status_code == 409
    page = second.content.decode()
    assert "100" in page
    assert "200" in page
    assert 'name="version" value="2"' in page
    assert client.post(url, fields(council, population="200", version=2)).status_code == 302
