"""Days away: by a month's ticks, by dates, by a calendar file; who may, and what is kept."""

import datetime
import io

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat
from peers.planning.models import Placement
from peers.pool import services
from peers.pool.models import BlackoutPeriod
from peers.pool.models.away import Source
from peers.pool.queries.away import month_of
from peers.pool.services.away import mark_days, take_file_days
from tests.factories.worlds import make_challenge

ONE = datetime.timedelta(days=1)
CANARY = "Zanzibar dentist"


def in_march(day: int) -> datetime.date:
    return datetime.date(timezone.localdate().year + 1, 3, day)


def marked(profile) -> list[tuple[int, int, str]]:
    rows = BlackoutPeriod.objects.filter(profile=profile).order_by("first_day", "source")
    return [(row.first_day.day, row.last_day.day, row.source) for row in rows]


def add(profile, first: int, last: int, words: str = ""):
    return services.add_blackout(
        profile=profile, by=profile.user, first_day=in_march(first), last_day=in_march(last), words=words
    )


def mark(profile, away=(), free=()):
    days = {"away": [in_march(day) for day in away], "free": [in_march(day) for day in free]}
    mark_days(profile=profile, by=profile.user, **days)


def file_of(*days: datetime.date) -> bytes:
    events = [
        f"BEGIN:VEVENT\r\nUID:{day}\r\nSUMMARY:{CANARY}\r\nDTSTART;VALUE=DATE:{day:%Y%m%d}\r\nEND:VEVENT"
        for day in days
    ]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]).encode()


def upload(client, data: bytes, name: str = "busy.ics"):
    file = io.BytesIO(data)
    file.name = name
    return client.post(reverse("pool:away_import"), {"file": file})


@pytest.fixture
def peer(cast):
    return cast.pool_peer_profile


# --- ticks --------------------------------------------------------------------------------------------
def test_days_that_follow_each_other_are_one_period(peer):
    mark(peer, away=[1, 2, 4])
    mark(peer, away=[3])
    assert marked(peer) == [(1, 4, "hand")]


def test_a_day_that_becomes_free_cuts_its_period_and_keeps_the_words(peer):
    add(peer, 1, 9, words="Leave")
    mark(peer, free=[4, 9])
    assert marked(peer) == [(1, 3, "hand"), (5, 8, "hand")]
    assert set(peer.blackouts.values_list("words", flat=True)) == {"Leave"}


def test_the_same_ticks_twice_change_nothing_and_leave_one_event(peer):
    mark(peer, away=[1, 2])
    before = AuditEvent.objects.count()
    mark(peer, away=[1, 2])
    mark(peer, free=[20])
    assert marked(peer) == [(1, 2, "hand")]
    assert AuditEvent.objects.count() == before


def test_days_with_words_are_not_joined_with_others(peer):
    add(peer, 1, 2, words="Leave")
    mark(peer, away=[3])
    assert marked(peer) == [(1, 2, "hand"), (3, 3, "hand")]


def test_overlapping_periods_are_all_cut(peer):
    add(peer, 1, 5)
    add(peer, 3, 8, words="Leave")
    mark(peer, free=[4])
    assert marked(peer) == [(1, 3, "hand"), (3, 3, "hand"), (5, 5, "hand"), (5, 8, "hand")]


def test_nobody_else_marks_days_but_the_coordinator(cast, peer):
    for person in (cast.stranger, cast.peer, cast.host_lead, cast.superuser):
        with pytest.raises(NoSeat):
            mark_days(profile=peer, by=person, away=[in_march(1)])
    mark_days(profile=peer, by=cast.coordinator, away=[in_march(1)])
    assert marked(peer) == [(1, 1, "hand")]


# --- the page -----------------------------------------------------------------------------------------
def test_ticking_a_month_through_the_page(cast, peer):
    client, key = cast.client_for(cast.pool_peer), f"{in_march(1):%Y-%m}"
    add(peer, 5, 6)
    page = client.get(reverse("pool:away"), {"month": key}).content.decode()
    assert f'value="{in_march(5)}" id="day-{in_march(5)}" checked' in page
    data = {"month": key, "seen": [in_march(5), in_march(6)], "day": [in_march(6), in_march(9)]}
    response = client.post(reverse("pool:away"), data)
    assert response.url == f"{reverse('pool:away')}?month={key}"
    assert marked(peer) == [(6, 6, "hand"), (9, 9, "hand")]


def test_what_was_changed_elsewhere_meanwhile_stays(cast, peer):
    add(peer, 5, 5)  # noted in another window after this page was opened
    data = {"month": f"{in_march(1):%Y-%m}", "day": [in_march(9)]}
    cast.client_for(cast.pool_peer).post(reverse("pool:away"), data)
    assert marked(peer) == [(5, 5, "hand"), (9, 9, "hand")]


def test_days_of_other_months_past_days_and_nonsense_are_not_taken(cast, peer):
    today = timezone.localdate()
    odd = [in_march(1) - ONE, "9999-12-31", "yesterday", "", "\u0663"]
    cast.client_for(cast.pool_peer).post(reverse("pool:away"), {"month": f"{in_march(1):%Y-%m}", "day": odd})
    cast.client_for(cast.pool_peer).post(reverse("pool:away"), {"month": f"{today:%Y-%m}", "day": [today - ONE]})
    assert marked(peer) == []


def test_a_month_tells_each_kind_of_day_in_words(cast, peer):
    take_file_days(profile=peer, by=peer.user, periods=[(in_march(2), in_march(3))])
    add(peer, 3, 4)
    challenge = visiting(cast, peer, in_march(10))
    peer.available_until = in_march(20)
    peer.save()
    page = cast.client_for(cast.pool_peer).get(reverse("pool:away"), {"month": f"{in_march(1):%Y-%m}"})
    words = page.content.decode()
    assert all(word in words for word in ("Away (file)", "Away</span>", challenge.ref, "Not offered", "Monday", "Mon"))
    month = month_of(peer, f"{in_march(1):%Y-%m}", timezone.localdate())
    told = {day.date.day: day for day in month.days()}
    assert [told[day].away for day in (1, 2, 3, 4)] == ["", "ics", "hand", "hand"]
    assert (told[10].visits, told[11].visits, told[20].outside, told[21].outside) == ((challenge.ref,), (), False, True)
    spring = month_of(peer, "2027-03", timezone.localdate())
    assert {day.date.day: day.holiday for day in spring.days()}[26] == "Good Friday"


def visiting(cast, profile, day):
    challenge = make_challenge(framework_version=cast.framework_version)
    challenge.visit_first_day = challenge.visit_last_day = day
    challenge.save()
    now = timezone.now()
    Placement.objects.create(
        challenge=challenge, profile=profile, state="accepted", invited_at=now, answer_by=day, answered_at=now
    )
    return challenge


def test_a_day_of_an_accepted_visit_is_marked_with_a_warning(cast, peer):
    challenge = visiting(cast, peer, in_march(10))
    data = {"month": f"{in_march(1):%Y-%m}", "day": [in_march(10)]}
    page = cast.client_for(cast.pool_peer).post(reverse("pool:away"), data, follow=True).content.decode()
    assert f"You have said yes to the visit {challenge.ref}" in page


def test_the_coordinator_reads_the_month_and_cannot_tick(cast, peer):
    add(peer, 5, 6, words=CANARY)
    url = reverse("pool:peer_away", args=[peer.pk])
    page = cast.client_for(cast.coordinator).get(url, {"month": f"{in_march(1):%Y-%m}"}).content.decode()
    assert "Away</span>" in page
    assert 'type="checkbox"' not in page
    assert CANARY not in page
    for person in (cast.peer, cast.pool_peer, cast.host_lead, cast.manager, cast.stranger, cast.administrator):
        assert cast.client_for(person).get(url).status_code == 404


def test_the_page_asks_the_database_as_often_for_many_periods(cast, peer, django_assert_max_num_queries):
    client, key = cast.client_for(cast.pool_peer), f"{in_march(1):%Y-%m}"
    for day in range(1, 28, 2):
        add(peer, day, day)
    with django_assert_max_num_queries(15):
        client.get(reverse("pool:away"), {"month": key})


@pytest.mark.parametrize("month", ["", "2027-13", "9999-99", "x" * 300, "2027-00", "\u0661\u0661\u0661\u0661-03"])
def test_an_odd_month_shows_this_one(cast, peer, month):
    page = cast.client_for(cast.pool_peer).get(reverse("pool:away"), {"month": month})
    assert page.status_code == 200
    assert page.context["month"].first == timezone.localdate().replace(day=1)


def test_an_availability_that_ends_before_it_begins_is_refused_in_words(cast, peer):
    with pytest.raises(BadInput, match="before the first"):
        services.edit_profile(
            profile=peer, by=peer.user, version=peer.version,
            available_from=in_march(9), available_until=in_march(1),
        )  # fmt: skip
    with pytest.raises(BadInput, match="before the first"):
        add(peer, 9, 1)


# --- a calendar file ------------------------------------------------------------------------------------
def test_the_days_are_shown_first_and_nothing_is_kept(cast, peer):
    page = upload(cast.client_for(cast.pool_peer), file_of(in_march(1), in_march(2), in_march(9))).content.decode()
    assert "The file has 3 days away" in page
    assert CANARY not in page
    assert not BlackoutPeriod.objects.exists()


def test_taking_the_days_keeps_dates_alone_and_replaces_the_former_file(cast, peer):
    client = cast.client_for(cast.pool_peer)
    add(peer, 20, 21, words="Leave")
    for days in ([1, 2, 9], [2, 3]):
        shown = upload(client, file_of(*[in_march(day) for day in days]))
        packed = shown.context["packed"]
        client.post(reverse("pool:away_take"), {"packed": packed})
    assert marked(peer) == [(2, 3, "ics"), (20, 21, "hand")]
    client.post(reverse("pool:away_take"), {"packed": packed})
    assert marked(peer) == [(2, 3, "ics"), (20, 21, "hand")]
    told = str(list(BlackoutPeriod.objects.values())) + str(list(AuditEvent.objects.values_list("detail", flat=True)))
    assert CANARY not in told
    client.post(reverse("pool:away_file_remove"))
    assert marked(peer) == [(20, 21, "hand")]


def test_the_same_days_by_hand_and_by_file_stand_beside_each_other(peer):
    add(peer, 1, 2)
    take_file_days(profile=peer, by=peer.user, periods=[(in_march(1), in_march(2))])
    take_file_days(profile=peer, by=peer.user, periods=[])
    assert marked(peer) == [(1, 2, "hand")]


def test_taking_twice_leaves_one_event(peer):
    before = AuditEvent.objects.count()
    for _n in range(2):
        assert take_file_days(profile=peer, by=peer.user, periods=[(in_march(1), in_march(2))]) == 2
    assert AuditEvent.objects.count() == before + 1


def test_days_of_ones_own_visits_are_left_out(cast, peer):
    visiting(cast, peer, in_march(10))
    page = upload(cast.client_for(cast.pool_peer), file_of(in_march(10), in_march(11))).content.decode()
    assert "The file has 1 day away" in page
    assert "1 day of a visit that you have accepted is left out." in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"hello", "not a calendar file"),
        (b"BEGIN:VCALENDAR\0", "not a calendar file"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "no entries"),
        (b"x" * 1_000_001, "larger than 1 MB"),
        (b"x" * 3_000_000, "larger than 1 MB"),
    ],
)
def test_a_bad_file_says_so_beside_the_field_and_changes_nothing(cast, peer, data, words):
    take_file_days(profile=peer, by=peer.user, periods=[(in_march(1), in_march(2))])
    response = upload(cast.client_for(cast.pool_peer), data)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert "govuk-error-summary" in response.content.decode()
    assert marked(peer) == [(1, 2, "ics")]


def test_no_file_at_all_is_asked_for(cast, peer):
    page = cast.client_for(cast.pool_peer).post(reverse("pool:away_import")).content.decode()
    assert "Choose a calendar file (.ics)" in page


def test_days_that_were_changed_on_their_way_are_not_taken(cast, peer):
    client = cast.client_for(cast.pool_peer)
    packed = upload(client, file_of(in_march(1))).context["packed"]
    for odd in ("", "x", packed[:-2] + "aa"):
        assert client.post(reverse("pool:away_take"), {"packed": odd}).url == reverse("pool:away_import")
    cast.client_for(cast.peer).post(reverse("pool:away_take"), {"packed": packed})
    assert not BlackoutPeriod.objects.exists()


def test_only_so_many_files_an_hour_are_read(cast, peer, monkeypatch):
    monkeypatch.setattr("peers.pool.views.away.FILES_AN_HOUR", 2)
    client = cast.client_for(cast.pool_peer)
    pages = [upload(client, b"hello").content.decode() for _n in range(3)]
    assert ["You have tried many files" in page for page in pages] == [False, False, True]
    assert "not a calendar file" in upload(cast.client_for(cast.peer), b"hello").content.decode()


def test_the_file_pages_are_for_peers(cast):
    for person in (cast.host_lead, cast.coordinator, cast.stranger, cast.administrator):
        client = cast.client_for(person)
        assert client.get(reverse("pool:away")).status_code == 404
        assert client.get(reverse("pool:away_import")).status_code == 404
        assert client.post(reverse("pool:away_take")).status_code == 404
        assert client.post(reverse("pool:away_file_remove")).status_code == 404


# --- the database refuses ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fields",
    [
        {"source": "tip"},
        {"source": Source.ICS, "words": "Dentist"},
        {"last_day": datetime.date(2027, 3, 1), "first_day": datetime.date(2027, 3, 2)},
    ],
)
def test_odd_periods_are_refused(peer, fields):
    day = datetime.date(2027, 3, 5)
    with pytest.raises(IntegrityError), transaction.atomic():
        BlackoutPeriod.objects.create(profile=peer, **({"first_day": day, "last_day": day} | fields))
