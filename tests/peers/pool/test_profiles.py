"""Profiles: what is whose to say, homes through the years, days by year, training, what the database refuses."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cyber360.exceptions import BadInput
from peers.planning.models import Placement
from peers.pool import services
from peers.pool.models import Experience, HomeCouncil, PeerProfile, PoolInvitation, Role, Seniority, Size
from peers.pool.queries import Training, Visit, days_by_year, pool_rows, training_of
from tests.factories.worlds import make_challenge, make_council, make_peer

DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


def save(cast, profile, by=None, **fields):
    row = PeerProfile.objects.get(pk=profile.pk)
    return services.edit_profile(profile=row, by=by or cast.coordinator, version=row.version, **fields)


def homes(profile):
    return [(row.council_id, row.starts_on, row.ends_on) for row in profile.homes.all()]


# --- whose it is to say ---------------------------------------------------------------------------
def test_leading_training_and_council_are_the_coordinators_to_say(cast, today):
    mine = {"can_lead": True, "training_done_on": today, "council": make_council(), "role": "specialist"}
    row = save(cast, cast.pool_peer_profile, by=cast.pool_peer, most_visits=3, access_needs="A loop", **mine)
    assert (row.can_lead, row.training_done_on, row.role, row.most_visits, row.access_needs) == (
        False, None, "officer", 3, "A loop",
    )  # fmt: skip
    assert row.council_id == cast.pool_peer_profile.council_id
    row = save(cast, cast.pool_peer_profile, training_expires_on=today + 90 * DAY, **mine)
    assert (row.can_lead, row.training_done_on, row.role) == (True, today, "specialist")


def test_experience_is_replaced_as_a_whole(cast):
    save(cast, cast.pool_peer_profile, known=[("county", "large"), ("unitary", "small"), ("county", "large")])
    assert cast.pool_peer_profile.experience.count() == 2
    save(cast, cast.pool_peer_profile, known=[("district", "small")])
    assert [str(row) for row in cast.pool_peer_profile.experience.all()] == ["District council, under 120,000 people"]


def test_access_needs_reach_the_person_and_coordinators_alone(cast):
    cast.pool_peer_profile.access_needs = "Needs a hearing loop"
    cast.pool_peer_profile.save()
    paths = {
        "coordinator": cast.pool_peer_profile.get_absolute_url(), "pool_peer": reverse("pool:me"),
        "second_peer": reverse("pool:me"), "host_lead": cast.pool_peer_profile.get_absolute_url(),
    }  # fmt: skip
    seen = {
        who: "hearing loop" in cast.client_for(getattr(cast, who)).get(path).content.decode()
        for who, path in paths.items()
    }
    assert seen == {"coordinator": True, "pool_peer": True, "second_peer": False, "host_lead": False}


# --- homes ------------------------------------------------------------------------------------------
def test_a_move_closes_the_old_home_and_opens_a_new_one(cast, today):
    profile, old, new = cast.pool_peer_profile, cast.pool_peer_profile.council, make_council("Newmere")
    save(cast, profile, council=new, moved_on=today - 10 * DAY)
    assert homes(profile) == [(new.pk, today - 10 * DAY, None), (old.pk, None, today - 11 * DAY)]
    third = make_council("Thirdmere")
    save(cast, profile, council=third)
    assert homes(profile) == [
        (third.pk, today, None), (new.pk, today - 10 * DAY, today - DAY), (old.pk, None, today - 11 * DAY),
    ]  # fmt: skip
    text = cast.client_for(cast.coordinator).get(profile.get_absolute_url()).content.decode()
    assert "Home councils" in text


def test_a_mistaken_council_is_put_right_without_a_trace_of_employment(cast):
    profile, new = cast.pool_peer_profile, make_council("Newmere")
    save(cast, profile, council=new, mistaken=True)
    assert homes(profile) == [(new.pk, None, None)]


def test_moves_that_cannot_be(cast, today):
    profile = cast.pool_peer_profile
    with pytest.raises(BadInput, match="in the future"):
        save(cast, profile, council=make_council(), moved_on=today + DAY)
    save(cast, profile, council=make_council(), moved_on=today - 5 * DAY)
    with pytest.raises(BadInput, match="before the day"):
        save(cast, profile, council=make_council(), moved_on=today - 6 * DAY)
    assert profile.homes.count() == 2


def test_saving_without_a_move_leaves_the_homes_alone(cast):
    save(cast, cast.pool_peer_profile, council=cast.pool_peer_profile.council, job_title="Changed")
    assert homes(cast.pool_peer_profile) == []


def test_a_council_is_moved_through_the_page(cast, today):
    profile, new = cast.pool_peer_profile, make_council("Newmere")
    data = {
        "version": 1, "council": new.pk, "role": "member", "seniority": "leader", "party": "Independent",
        "can_lead": "on", "training_done_on": "2026-01-05", "training_expires_on": "2029-01-05", "travel_km": 100,
        "days_offered": 6, "most_visits": 2, "moved_on": (today - DAY).isoformat(), "known_county": ["large"],
    }  # fmt: skip
    client, path = cast.client_for(cast.coordinator), reverse("pool:edit", args=[profile.pk])
    wrong = client.post(path, data | {"seniority": "director", "training_expires_on": "2025-01-05"})
    text = wrong.content.decode()
    assert "does not go with the kind of peer" in text
    assert "cannot end before the day" in text
    assert client.post(path, data).status_code == 302
    profile.refresh_from_db()
    assert (profile.council, profile.seniority, profile.can_lead) == (new, "leader", True)
    assert profile.homes.get(ends_on=None).starts_on == today - DAY
    assert list(profile.experience.values_list("council_kind", "size")) == [("county", "large")]


# --- days and training ---------------------------------------------------------------------------------
def test_days_fall_into_their_years():
    over_new_year = Visit(datetime.date(2026, 12, 31), datetime.date(2027, 1, 4))
    assert days_by_year([over_new_year]) == {2026: 1, 2027: 2}


def place(profile, first, last):
    challenge = make_challenge()
    challenge.visit_first_day, challenge.visit_last_day = first, last
    challenge.save()
    now = timezone.now()
    Placement.objects.create(
        challenge=challenge, profile=profile, state="accepted", invited_at=now, answered_at=now, answer_by=now.date()
    )


def test_the_pages_say_in_which_year_days_fall_and_when_the_last_visit_was(cast):
    day = datetime.date(2026, 6, 1)
    place(cast.pool_peer_profile, datetime.date(2024, 5, 7), datetime.date(2024, 5, 8))
    place(cast.pool_peer_profile, datetime.date(2026, 3, 3), datetime.date(2026, 3, 4))
    place(cast.pool_peer_profile, datetime.date(2026, 9, 1), datetime.date(2026, 9, 3))
    place(cast.pool_peer_profile, datetime.date(2027, 1, 12), datetime.date(2027, 1, 14))
    row = pool_rows([cast.pool_peer_profile], day)[0]
    assert (row.year, row.days_used, row.given, row.last_deployment) == (2026, 5, 2, datetime.date(2026, 3, 4))
    assert [(later.year, later.days) for later in row.later] == [(2027, 3)]


def test_a_visit_next_year_is_shown_with_its_year(cast, today):
    first = datetime.date(today.year + 1, 2, 2)
    place(cast.pool_peer_profile, first, first)
    days = 0 if first.weekday() > 4 else 1
    for who, path in (
        ("coordinator", reverse("pool:list")), ("coordinator", cast.pool_peer_profile.get_absolute_url()),
        ("pool_peer", reverse("pool:me")),
    ):  # fmt: skip
        text = cast.client_for(getattr(cast, who)).get(path).content.decode()
        assert f"0 of 6 in {today.year}" in text
        assert f"{days} of 6 in {today.year + 1}" in text


def test_the_pages_of_one_person_cost_the_same_for_little_and_much(cast, today, django_assert_max_num_queries):
    profile = cast.pool_peer_profile
    pages = [(cast.client_for(cast.coordinator), profile.get_absolute_url()),
             (cast.client_for(cast.pool_peer), reverse("pool:me"))]  # fmt: skip
    place(profile, today, today)
    save(cast, profile, council=make_council(), known=[("county", "small")])
    few = []
    for client, path in pages:
        client.get(path)
        with django_assert_max_num_queries(15) as seen:
            client.get(path)
        few.append(len(seen.captured_queries))
    for number in range(5):
        place(profile, today + 9 * number * DAY, today + 9 * number * DAY)
        services.add_blackout(
            profile=profile, by=cast.pool_peer, first_day=today + number * DAY, last_day=today + number * DAY
        )
        services.declare_interest(profile=profile, by=cast.pool_peer, council=make_council(), kind="other")
    save(cast, profile, known=[("county", "small"), ("county", "large"), ("unitary", "small")])
    for most, (client, path) in zip(few, pages, strict=True):
        with django_assert_max_num_queries(most):
            client.get(path)


@pytest.mark.parametrize(("done", "ends", "found"), [
    (None, None, Training.NONE),
    (-400, None, Training.DONE),
    (-400, -1, Training.EXPIRED),
    (-400, 0, Training.SOON),
    (-400, 60, Training.SOON),
    (-400, 61, Training.DONE),
])  # fmt: skip
def test_training_in_words_and_in_the_filter(cast, today, done, ends, found):
    profile = cast.pool_peer_profile
    profile.training_done_on = None if done is None else today + done * DAY
    profile.training_expires_on = None if ends is None else today + ends * DAY
    profile.save()
    assert training_of(profile, today) == found
    client = cast.client_for(cast.coordinator)
    pages = {kind: client.get(reverse("pool:list"), {"training": kind}) for kind in Training.values}
    listed = {kind: profile.pk in [row.profile.pk for row in page.context["rows"]] for kind, page in pages.items()}
    assert [kind for kind, is_in in listed.items() if is_in] == [found]


def test_the_list_leaves_out_those_who_are_not_in_the_pool(cast):
    for state in ("applied", "left", "turned_down"):
        make_peer()
        PeerProfile.objects.filter(pk=PeerProfile.objects.latest("pk").pk).update(state=state)
    shown = cast.client_for(cast.coordinator).get(reverse("pool:list")).context["rows"]
    assert {row.profile.state for row in shown} == {"active"}


def test_the_list_can_show_those_who_lead(cast):
    save(cast, cast.pool_peer_profile, can_lead=True)
    shown = cast.client_for(cast.coordinator).get(reverse("pool:list"), {"leads": "on"}).context["rows"]
    assert [row.profile.pk for row in shown] == [cast.pool_peer_profile.pk]


# --- what the database refuses -----------------------------------------------------------------------------
@pytest.mark.parametrize("fields", [
    {"seniority": Seniority.LEADER},
    {"seniority": Seniority.DIRECTOR, "role": Role.MEMBER},
    {"seniority": "emperor"},
    {"most_visits": 0},
    {"training_expires_on": datetime.date(2027, 1, 1)},
    {"training_done_on": datetime.date(2027, 1, 2), "training_expires_on": datetime.date(2027, 1, 1)},
    {"state": "unknown"},
])  # fmt: skip
def test_the_database_refuses_profiles_that_cannot_be(cast, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        PeerProfile.objects.filter(pk=cast.pool_peer_profile.pk).update(**fields)


def test_the_database_refuses_other_nonsense(cast, today):
    profile, council = cast.pool_peer_profile, make_council()
    HomeCouncil.objects.create(profile=profile, council=council)
    PoolInvitation.objects.create(programme=cast.programme, user=cast.stranger)
    Experience.objects.create(profile=profile, council_kind="county", size="small")
    now = timezone.now()
    for make in (
        lambda: HomeCouncil.objects.create(profile=profile, council=council, starts_on=today),
        lambda: HomeCouncil.objects.create(profile=profile, council=council, starts_on=today, ends_on=today - DAY),
        lambda: Experience.objects.create(profile=profile, council_kind="county", size="small"),
        lambda: Experience.objects.create(profile=profile, council_kind="parish", size="small"),
        lambda: PoolInvitation.objects.create(programme=cast.programme, user=cast.stranger),
        lambda: PoolInvitation.objects.create(programme=cast.programme, user=cast.editor, approved=True),
        lambda: PoolInvitation.objects.create(
            programme=cast.programme, user=cast.editor, applied_at=now, decided_at=now, approved=False
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


@pytest.mark.parametrize(("population", "size"), [
    (None, None), (0, Size.SMALL), (119_999, Size.SMALL), (120_000, Size.MEDIUM), (300_000, Size.MEDIUM),
    (300_001, Size.LARGE),
])  # fmt: skip
def test_the_size_of_a_council(population, size):
    assert Size.of(population) == size
