"""The rules of conflicts: data that coordinators edit, with what a change would touch."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from cyber360.jobs.models import Job
from peers.planning import services
from peers.planning.models import ConflictRule
from peers.planning.pairing.conflicts import DEFAULTS, FIXED, ConflictKind, Strength
from peers.planning.queries import conflicts_for, kind_words, rule_rows
from peers.pool import services as pool
from tests.factories.worlds import make_peer

LIST = reverse("planning:conflict_rules")
NEVER = ["manager", "host_lead", "lead_peer", "pool_peer", "other_host", "administrator", "editor", "superuser"]


def set_rule(cast, kind=ConflictKind.BOUNDARY, strength=Strength.BARS, **fields):
    return services.set_rule(kind=kind, by=cast.coordinator, strength=strength, **fields)


def test_every_kind_has_its_words_and_its_default():
    assert set(DEFAULTS) == set(ConflictKind)
    words = [kind_words(kind) for kind in ConflictKind]
    assert len({title for title, _words in words}) == len(words)
    assert all(line.endswith(".") for _title, line in words)


def test_saved_written_down_and_looked_at_again(cast):
    rule = set_rule(cast)
    assert (rule.strength, rule.months, rule.version, rule.changed_by) == ("bars", None, 1, cast.coordinator)
    assert set_rule(cast, version=1).version == 1
    assert AuditEvent.objects.get(act="rules.edit").detail == {"strength": "bars", "months": None}
    assert Job.objects.filter(kind="planning.conflicts").count() == 1
    with pytest.raises(StaleVersion):
        set_rule(cast, strength=Strength.OFF)


def test_months_are_kept_only_where_they_mean_something(cast):
    assert set_rule(cast, months=7).months is None
    assert set_rule(cast, ConflictKind.RECIPROCITY, Strength.WARNS, months=7).months == 7
    with pytest.raises(BadInput):
        set_rule(cast, ConflictKind.RECIPROCITY, Strength.WARNS, months=0, version=1)
    with pytest.raises(BadInput, match="how many months"):
        set_rule(cast, ConflictKind.COOLING_OFF, Strength.WARNS)


@pytest.mark.parametrize("kind", sorted(FIXED))
def test_what_always_bars_cannot_be_changed(cast, kind):
    with pytest.raises(BadInput, match="always bars"):
        set_rule(cast, kind, Strength.OFF)
    with pytest.raises(ValidationError):
        ConflictRule(kind=kind, strength="off", changed_by=cast.coordinator).full_clean()
    path = reverse("planning:conflict_rule", args=[kind])
    assert cast.client_for(cast.coordinator).post(path, {"strength": "off", "version": 0}).status_code == 404


@pytest.mark.parametrize("who", NEVER)
def test_only_coordinators_read_and_change_rules(cast, who):
    person = getattr(cast, who)
    with pytest.raises(NoSeat):
        services.set_rule(kind=ConflictKind.PARTY, by=person, strength=Strength.OFF)
    with pytest.raises(NoSeat):
        rule_rows(person)
    client = cast.client_for(person)
    for path in (LIST, reverse("planning:conflict_rule", args=["party"])):
        assert client.get(path).status_code == 404
        assert client.post(path, {"strength": "off", "version": 0}).status_code in (404, 405)


def test_what_a_change_would_touch_is_shown_even_of_a_kind_that_is_off(team):
    profile = team.cast.pool_peer_profile
    pool.declare_interest(profile=profile, by=profile.user, council=team.cast.challenge.council, kind="other")
    ConflictRule.objects.create(kind="other_tie", strength="off")
    assert conflicts_for(team.cast.challenge, [profile])[profile.pk] == []
    placement = team.invite()
    touched = {row.kind: row.touched for row in rule_rows(team.cast.coordinator) if row.touched}
    assert touched == {ConflictKind.OTHER_TIE: [placement]}
    page = team.cast.client_for(team.cast.coordinator).get(reverse("planning:conflict_rule", args=["other_tie"]))
    assert "Pool Peer" in page.content.decode()


def test_through_the_pages(cast):
    client = cast.client_for(cast.coordinator)
    page = client.get(LIST).content.decode()
    assert "as delivered" in page
    assert "24 months" in page
    path = reverse("planning:conflict_rule", args=["reciprocity"])
    data = {"strength": "bars", "months": "12", "version": "0"}
    assert client.post(path, data | {"strength": "perhaps"}).status_code == 200
    assert client.post(path, data).status_code == 302
    assert "12 months" in client.get(LIST).content.decode()
    stale = client.post(path, data | {"months": "13"})
    assert stale.status_code == 409
    assert "while you were looking" in stale.content.decode()
    assert client.post(path, data | {"months": "13", "version": "1"}).status_code == 302
    assert client.get(reverse("planning:conflict_rule", args=["weather"])).status_code == 404


def test_the_page_costs_the_same_with_many(team, django_assert_max_num_queries):
    client = team.cast.client_for(team.cast.coordinator)
    team.invite()
    client.get(LIST)
    with django_assert_max_num_queries(15) as few:
        client.get(LIST)
    for _number in range(5):
        team.invite(make_peer())
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(LIST)
