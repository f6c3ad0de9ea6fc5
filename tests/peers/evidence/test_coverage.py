"""How far the evidence reaches, by theme: what each person may see of it, counted."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cyber360.exceptions import BadInput
from cyber360.files.models import Verdict
from peers.evidence import queries, services
from peers.evidence.forms import ItemForm, LinkForm
from peers.evidence.models import EvidenceItem
from peers.frameworks.models import CafOutcome
from peers.stages import Stage

from .conftest import a_request, hand, make_item, make_link, url, withdraw

pytestmark = pytest.mark.django_db


def covered(room, person="host_lead") -> dict[str, queries.Covered]:
    rows = queries.coverage_of(getattr(room, person), room.challenge)
    return {row.theme.code if row.theme else "": row for row in rows}


@pytest.fixture
def spread(room):
    """T1.1 has two documents and figures, one of them past its review; T2 as a whole has a link; one serves nothing."""
    q1 = room.questions[:1]
    old = make_item(room.challenge, title="Old", questions=q1, request=a_request(room))
    old.source, old.document_date = "document", date(2024, 3, 1)
    old.review_on = timezone.localdate() - timedelta(days=1)
    old.save()
    new = make_item(room.challenge, title="New", questions=q1)
    new.source, new.document_date, new.review_on = "data", date(2026, 3, 1), timezone.localdate()
    new.save()
    make_item(room.challenge, title="Unscanned", questions=q1, verdict=Verdict.NOT_SCANNED)
    withdraw(make_item(room.challenge, title="Gone", questions=q1))
    make_link(room.challenge, title="Whole theme").themes.add(room.framework_version.themes.get(code="T2"))
    make_link(room.challenge, title="Loose")
    services.mark_met(request=a_request(room), by=room.host_lead)
    services.mark_not_held(request=a_request(room, "T1.2"), by=room.host_lead, reason="None.")
    return room


def test_counts_by_kind_dates_requests_and_bare_questions(spread):
    rows = covered(spread)
    one = rows["T1"]
    assert (one.items, one.kinds) == (3, [("Data", 1), ("Document", 1), ("Not said", 1)])
    assert (one.oldest, one.newest, one.undated, one.overdue) == (date(2024, 3, 1), date(2026, 3, 1), 1, 1)
    assert (one.open, one.met, one.not_held) == (0, 1, 1)
    assert [question.code for question in one.without] == ["T1.2"]
    assert (rows["T2"].items, [question.code for question in rows["T2"].without]) == (1, ["T2.1", "T2.2"])
    assert rows[""].items == 1


def test_the_team_counts_only_what_is_released(spread):
    spread.at(Stage.DESK_REVIEW)
    assert covered(spread, "peer")["T1"].items == 2
    assert covered(spread, "host_lead")["T1"].items == 3


@pytest.mark.parametrize("person", ["contributor", "stranger", "other_host", "administrator", "pool_peer"])
def test_who_does_not_see_the_page(spread, person):
    hand(spread)
    assert spread.client_for(getattr(spread, person)).get(url(spread, "coverage")).status_code == 404


def test_the_page_before_and_after_release(spread):
    assert spread.client_for(spread.peer).get(url(spread, "coverage")).status_code in {403, 404}
    spread.at(Stage.DESK_REVIEW)
    page = spread.client_for(spread.peer).get(url(spread, "coverage")).content.decode()
    assert "1 Mar 2024 to 1 Mar 2026" in page
    assert "1 past its day of review" in page
    assert "Say whether it is enough" in page
    host = spread.client_for(spread.host_lead).get(url(spread, "coverage")).content.decode()
    assert "enough" not in host


def test_each_state_of_the_requests_has_a_word_and_a_tone_of_its_own(spread):
    page = spread.client_for(spread.host_lead).get(url(spread, "coverage"))
    swatches = [mark for mark in page.context["drawing"].marks if mark.name == "rect" and mark.attrs["width"] == "12"]
    words = [mark.text.partition(" ")[2] for mark in page.context["drawing"].marks if mark.name == "text"]
    assert words == ["met", "open", "not held", "not needed"]
    assert len({mark.attrs["fill"] for mark in swatches}) == 4


def test_it_costs_the_same_for_few_and_many(spread, django_assert_max_num_queries):
    client, counts = spread.client_for(spread.host_lead), []
    for more in (0, 40):
        for _number in range(more):
            make_item(spread.challenge, questions=spread.questions)
        with django_assert_max_num_queries(15) as captured:
            client.get(url(spread, "coverage"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- what an item serves and which days it has ------------------------------------------------------------------
def test_an_item_serves_its_questions_their_themes_and_outcomes_and_what_it_names(room):
    item = make_item(room.challenge, questions=room.questions[:2])
    served = queries.served_by(item)
    assert [theme.code for theme in served.themes] == ["T1"]
    assert [outcome.code for outcome in served.outcomes] == ["B6.a"]
    services.edit_item(
        item=item, by=room.host_lead, version=1, title="Plan", questions=room.questions[:1],
        themes=[room.framework_version.themes.get(code="T2")], outcomes=list(CafOutcome.objects.filter(code="B6.a")),
    )  # fmt: skip
    served = queries.served_by(item)
    assert [theme.code for theme in served.themes] == ["T1", "T2"]
    assert [outcome.code for outcome in served.outcomes] == ["B6.a"]
    foreign = CafOutcome.objects.create(version="3.2", code="Z9.z", objective="Z", principle="Z9", title="Elsewhere")
    with pytest.raises(BadInput):
        services.edit_item(item=item, by=room.host_lead, version=2, title="Plan", outcomes=[foreign])


def test_the_time_it_covers_is_in_order_everywhere(room):
    item = make_item(room.challenge)
    item.period_from, item.period_to = date(2026, 2, 1), date(2026, 1, 1)
    with pytest.raises(ValidationError):
        item.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceItem.objects.filter(pk=item.pk).update(period_from=date(2026, 2, 1), period_to=date(2026, 1, 1))
    with pytest.raises(BadInput, match="ends before it begins"):
        services.edit_item(
            item=item, by=room.host_lead, version=1, title="Plan", period_from=date(2026, 2, 1),
            period_to=date(2026, 1, 1),
        )  # fmt: skip
    form = LinkForm({
        "title": "x", "url": "https://example.org/", "marking": "official", "period_from": "2026-02-01",
        "period_to": "2026-01-01",
    })  # fmt: skip
    assert "ends before it begins" in str(form.errors["period_to"])


def test_a_given_file_is_of_the_kind_that_was_asked_for(room):
    services.add_link(
        challenge=room.challenge, by=room.host_lead, request=a_request(room), url="https://example.org/a", title="Paper"
    )
    assert EvidenceItem.objects.get().source == "document"


def test_the_form_offers_what_is_in_scope(room):
    item = make_item(room.challenge)
    scope = {"themes": room.challenge.themes.all(), "outcomes": queries.outcomes_in_scope(room.challenge)}
    form = ItemForm(row=item, questions=queries.questions_visible_to(room.host_lead, room.challenge), **scope)
    assert form.fields["themes"].queryset.count() == 2
    assert [str(outcome) for outcome in form.fields["outcomes"].queryset] == ["CAF 4.0 B6.a Cyber security culture"]


def test_the_items_page_says_the_days_in_words(room):
    item = make_item(room.challenge, questions=room.questions[:1])
    item.period_from, item.period_to = date(2026, 1, 1), date(2026, 6, 30)
    item.review_on = timezone.localdate() - timedelta(days=1)
    item.save()
    page = room.client_for(room.host_lead).get(item.get_absolute_url()).content.decode()
    assert "1 Jan 2026 to 30 Jun 2026" in page
    assert "That day has passed. It may be out of date." in page
    assert "CAF 4.0 B6.a" in page
