"""Dates: what calendars and answers come to, who sees what, choosing, telling once."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.notify.models import OutboxMail
from peers.access import SeatName, held_seats
from peers.planning import services
from peers.planning.models import DateAnswer, DateOption, HostDays
from peers.planning.pairing.facts import Span
from peers.planning.pairing.finding_dates import Calendar, Word, best_days, runs
from peers.planning.queries import dates as queries
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_user, sit
from tests.peers.planning.pools import away, make_pool

D = datetime.date
MONDAY = D(2027, 9, 6)
DAY = datetime.timedelta(days=1)


def span(day, length=3):
    return Span(MONDAY + day * DAY, MONDAY + (day + length - 1) * DAY)


@pytest.fixture
def dated(team):
    """A challenge in set-up without a visit, with a window of four weeks from 6 September 2027 and a whole team."""
    challenge = team.cast.challenge
    challenge.visit_first_day = challenge.visit_last_day = None
    challenge.window_first, challenge.window_last = MONDAY, MONDAY + 27 * DAY
    challenge.save()
    team.whole()
    return team


def option(cast, first=MONDAY, last=None):
    return services.add_option(
        challenge=cast.challenge, by=cast.coordinator, first_day=first, last_day=last or first + 2 * DAY
    )


def words(cast, who=None):
    """The grid as {name: [words]}."""
    found = queries.grid(who or cast.coordinator, cast.challenge)
    return {row.name: [str(cell.word) for cell in row.cells] for row in found.rows}


# --- the craft --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("calendar", "word"),
    [
        (Calendar(), Word.UNKNOWN),
        (Calendar(known=True), Word.FREE),
        (Calendar(busy=(span(2, 1),), known=True), Word.AWAY),
        (Calendar(busy=(span(3, 4),), known=True), Word.FREE),
        (Calendar(begins=MONDAY + DAY, known=True), Word.AWAY),
        (Calendar(ends=MONDAY + DAY, known=True), Word.AWAY),
        (Calendar(possible=(span(0, 2), span(2, 1))), Word.FREE),
        (Calendar(possible=(span(0, 2),)), Word.AWAY),
        (Calendar(possible=(span(0, 5),), busy=(span(1, 1),)), Word.AWAY),
    ],
)
def test_what_a_calendar_says_of_three_days(calendar, word):
    assert calendar.word(span(0)) == word


def test_runs_lie_within_one_working_week_and_avoid_closed_days():
    found = list(runs(Span(MONDAY, MONDAY + 13 * DAY), 3, {MONDAY + 2 * DAY}))
    assert [run.first - MONDAY for run in found] == [7 * DAY, 8 * DAY, 9 * DAY]


def test_the_best_days_are_those_that_most_can_do_and_do_not_overlap():
    calendars = [Calendar(busy=(span(0, 5),), known=True), Calendar(known=True), Calendar()]
    window = Span(MONDAY, MONDAY + 13 * DAY)
    found = best_days(window, 3, calendars)
    assert [(row.days.first, row.away) for row in found] == [(MONDAY + 7 * DAY, ()), (MONDAY, (0,))]
    assert found[0].unknown == (2,)
    left = best_days(window, 3, calendars, taken=[span(8, 1)])
    assert [(row.days.first, row.away) for row in left] == [(MONDAY + 9 * DAY, ()), (MONDAY, (0,))]


# --- the grid ---------------------------------------------------------------------------------------
def test_calendars_speak_until_people_do(dated):
    cast = dated.cast
    challenge, first = cast.challenge, MONDAY
    away(cast.peer_profile, first, first)
    services.add_host_days(
        challenge=challenge, by=cast.host_lead, first_day=first + 7 * DAY, last_day=first + 7 * DAY, possible=False,
        words="Council",
    )  # fmt: skip
    busy = make_challenge()
    busy.visit_first_day, busy.visit_last_day = first, first + DAY
    busy.save()
    sit(cast.manager, SeatName.CHALLENGE_MANAGER, busy)
    one, other = option(cast), option(cast, first + 7 * DAY)
    assert words(cast) == {
        "Host Lead": ["unknown", "away"],
        "Host Sponsor": ["unknown", "away"],
        "Lead Peer": ["free", "free"],
        "Peer": ["away", "free"],
        "Second Peer": ["free", "free"],
        "Manager Challenge": ["away", "unknown"],
    }
    services.answer_dates(challenge=challenge, by=cast.peer, answers={one.pk: "yes", other.pk: "badly"})
    services.answer_dates(challenge=challenge, by=cast.host_lead, answers={one.pk: "no", other.pk: "yes"})
    assert words(cast)["Peer"] == ["free", "badly"]
    assert words(cast)["Host Lead"] == ["away", "free"]
    column = queries.grid(cast.coordinator, challenge).columns[0]
    assert (column.complete, column.missing) == (False, ["Host Lead", "Manager Challenge"])


def test_the_product_proposes_days_that_everybody_can_do(dated):
    cast = dated.cast
    away(cast.peer_profile, MONDAY, MONDAY + 13 * DAY)
    services.add_host_days(
        challenge=cast.challenge, by=cast.manager, first_day=MONDAY + 14 * DAY, last_day=MONDAY + 16 * DAY,
        possible=False,
    )  # fmt: skip
    found = queries.suggestions(cast.challenge, queries.grid(cast.coordinator, cast.challenge))
    assert (found[0].days, found[0].missing) == (Span(MONDAY + 21 * DAY, MONDAY + 23 * DAY), [])
    assert all(row.missing for row in found[1:] if row.days.first < MONDAY + 17 * DAY)
    assert {name for row in found for name in row.missing} == {"Peer"}
    shut = Span(MONDAY + 14 * DAY, MONDAY + 16 * DAY)
    assert not [row for row in found if row.days.first <= shut.last and row.days.last >= shut.first]


def test_bank_holidays_and_elections_are_not_proposed(dated):
    challenge = dated.cast.challenge
    challenge.window_first, challenge.window_last = D(2027, 4, 1), D(2027, 5, 14)
    challenge.save()
    found = queries.suggestions(challenge, queries.grid(dated.cast.coordinator, challenge))
    assert {row.days.first for row in found} == {D(2027, 5, 10)}
    option(dated.cast, D(2027, 5, 3))
    remarks = queries.grid(dated.cast.coordinator, challenge).columns[0].remarks
    assert "Bank holiday" in remarks
    assert "Pre-election period 2027" in remarks


# --- who sees what ----------------------------------------------------------------------------------
def test_a_peer_sees_the_days_and_their_own_word_and_nobody_elses(dated):
    cast = dated.cast
    dated.invite(cast.pool_peer_profile)
    one = option(cast)
    services.answer_dates(challenge=cast.challenge, by=cast.second_peer, answers={one.pk: "no"})
    names = ("Lead Peer", "Second Peer", "Host Lead", "Manager Challenge", "Pool Peer", "away", "Away")
    for who in (cast.peer, cast.pool_peer):
        client = cast.client_for(who)
        html = client.get(reverse("planning:my_dates", args=[cast.challenge.ref])).content.decode()
        html = html.replace(who.full_name, "")
        assert "6 September 2027" in html
        assert not [name for name in names if name in html]
    grid = reverse("planning:dates", args=[cast.challenge.ref])
    assert cast.client_for(cast.peer).get(grid).url == reverse("planning:my_dates", args=[cast.challenge.ref])
    assert cast.client_for(cast.pool_peer).get(grid).status_code == 404


def test_the_host_sees_those_who_were_asked_and_no_candidate(dated):
    cast = dated.cast
    candidate, invited = make_pool(2)
    dated.propose(candidate)
    dated.invite(invited)
    dated.propose(cast.pool_peer_profile)
    option(cast)
    for who in (cast.host_lead, cast.host_sponsor):
        html = cast.client_for(who).get(reverse("planning:dates", args=[cast.challenge.ref])).content.decode()
        assert invited.user.full_name in html
        assert candidate.user.full_name not in html
        assert "Pool Peer" not in html
        assert "Proposed days" not in html


@pytest.mark.parametrize("who", ["stranger", "other_host", "superuser", "administrator", "editor", "contributor"])
def test_outsiders_find_nothing(dated, who):
    cast = dated.cast
    one = option(cast)
    client = cast.client_for(getattr(cast, who))
    ref = cast.challenge.ref
    for name in ("dates", "my_dates", "host_days"):
        assert client.get(reverse(f"planning:{name}", args=[ref])).status_code == 404, name
    posts = {
        "dates_add": [ref], "dates_ask": [ref], "dates_choose": [ref, one.pk], "dates_withdraw": [ref, one.pk],
        "my_dates": [ref], "host_days": [ref],
    }  # fmt: skip
    for name, args in posts.items():
        assert client.post(reverse(f"planning:{name}", args=args), {"version": 1}).status_code == 404, name


@pytest.mark.parametrize("who", ["host_lead", "lead_peer", "pool_peer"])
def test_only_the_lga_proposes_and_chooses(dated, who):
    cast = dated.cast
    dated.invite(cast.pool_peer_profile)
    one = option(cast)
    person = getattr(cast, who)
    with pytest.raises(NoSeat):
        services.add_option(challenge=cast.challenge, by=person, first_day=MONDAY, last_day=MONDAY + DAY)
    with pytest.raises(NoSeat):
        services.choose_option(option=one, by=person, version=cast.challenge.version)
    with pytest.raises(NoSeat):
        services.ask_for_dates(challenge=cast.challenge, by=person)
    assert not OutboxMail.objects.filter(kind="dates").exists()


def test_somebody_on_the_list_who_was_not_asked_cannot_answer(dated):
    cast = dated.cast
    dated.propose(cast.pool_peer_profile)
    one = option(cast)
    with pytest.raises(NoSeat):
        services.answer_dates(challenge=cast.challenge, by=cast.pool_peer, answers={one.pk: "yes"})
    placement = dated.invite(cast.pool_peer_profile)
    services.answer_dates(challenge=cast.challenge, by=cast.pool_peer, answers={one.pk: "yes"})
    services.answer_invitation(placement=placement, by=cast.pool_peer, accept=False, reason="No")
    with pytest.raises(NoSeat):
        services.answer_dates(challenge=cast.challenge, by=cast.pool_peer, answers={one.pk: "no"})


def test_after_preparation_dates_are_closed(dated):
    cast = dated.cast
    one = option(cast)
    cast.at(Stage.ON_SITE)
    with pytest.raises(NotNow):
        services.answer_dates(challenge=cast.challenge, by=cast.peer, answers={one.pk: "yes"})
    with pytest.raises(NotNow):
        services.add_option(challenge=cast.challenge, by=cast.manager, first_day=MONDAY, last_day=MONDAY)


# --- asking, answering, choosing --------------------------------------------------------------------
def mails():
    return sorted(OutboxMail.objects.filter(kind="dates").values_list("to__full_name", flat=True))


def test_people_are_asked_once_for_one_set_of_days(dated):
    cast = dated.cast
    with pytest.raises(BadInput):
        services.ask_for_dates(challenge=cast.challenge, by=cast.coordinator)
    one = option(cast)
    services.answer_dates(challenge=cast.challenge, by=cast.peer, answers={one.pk: "yes"})
    everybody = ["Host Lead", "Host Sponsor", "Lead Peer", "Manager Challenge", "Second Peer"]
    services.ask_for_dates(challenge=cast.challenge, by=cast.coordinator)
    services.ask_for_dates(challenge=cast.challenge, by=cast.manager)
    assert mails() == everybody
    option(cast, MONDAY + 7 * DAY)
    services.ask_for_dates(challenge=cast.challenge, by=cast.coordinator)
    assert mails() == sorted([*everybody, *everybody, "Peer"])


def test_an_answer_can_be_changed_and_taken_back(dated):
    cast = dated.cast
    one = option(cast)
    client = cast.client_for(cast.peer)
    path = reverse("planning:my_dates", args=[cast.challenge.ref])
    name = f"option_{one.pk}"
    for word in ("yes", "badly", "badly"):
        assert client.post(path, {name: word}).status_code == 302
        assert DateAnswer.objects.get().answer == word
    client.post(path, {name: ""})
    assert not DateAnswer.objects.exists()
    assert client.post(path, {name: "maybe"}).status_code == 200
    assert not DateAnswer.objects.exists()


def test_an_answer_to_days_of_another_challenge_is_refused(dated):
    cast = dated.cast
    other = DateOption.objects.create(challenge=cast.other_challenge, first_day=MONDAY, last_day=MONDAY)
    with pytest.raises(BadInput):
        services.answer_dates(challenge=cast.challenge, by=cast.peer, answers={other.pk: "yes"})
    assert not DateAnswer.objects.exists()


def test_choosing_sets_the_visit_and_tells_each_person_once(dated):
    cast = dated.cast
    dated.invite(cast.pool_peer_profile)
    one, other = option(cast), option(cast, MONDAY + 7 * DAY)
    challenge = services.choose_option(option=one, by=cast.coordinator, version=cast.challenge.version)
    assert (challenge.visit_first_day, challenge.visit_last_day) == (MONDAY, MONDAY + 2 * DAY)
    told = ["Host Lead", "Host Sponsor", "Lead Peer", "Manager Challenge", "Peer", "Pool Peer", "Second Peer"]
    assert mails() == told
    services.choose_option(option=one, by=cast.coordinator, version=challenge.version)
    assert mails() == told
    moved = services.choose_option(option=other, by=cast.manager, version=challenge.version)
    assert moved.visit_first_day == MONDAY + 7 * DAY
    assert [row.pk for row in DateOption.objects.filter(chosen_at__isnull=False)] == [other.pk]
    again = mails()
    for name in ("Host Lead", "Host Sponsor", "Lead Peer", "Peer", "Pool Peer", "Second Peer"):
        assert again.count(name) == 2, name


def test_two_who_choose_at_once_do_not_overwrite_each_other(dated):
    cast = dated.cast
    one, other = option(cast), option(cast, MONDAY + 7 * DAY)
    version = cast.challenge.version
    path = reverse("planning:dates_choose", args=[cast.challenge.ref, one.pk])
    assert cast.client_for(cast.coordinator).post(path, {"version": version}).status_code == 302
    path = reverse("planning:dates_choose", args=[cast.challenge.ref, other.pk])
    answer = cast.client_for(cast.manager).post(path, {"version": version}, follow=True)
    assert "Somebody else saved this challenge" in answer.content.decode()
    cast.challenge.refresh_from_db()
    assert cast.challenge.visit_first_day == MONDAY
    assert DateOption.objects.get(chosen_at__isnull=False) == one


def test_the_chosen_days_cannot_be_taken_away_and_others_can(dated):
    cast = dated.cast
    one, other = option(cast), option(cast, MONDAY + 7 * DAY)
    services.choose_option(option=one, by=cast.coordinator, version=cast.challenge.version)
    with pytest.raises(NotNow):
        services.withdraw_option(option=one, by=cast.coordinator)
    services.withdraw_option(option=other, by=cast.coordinator)
    services.withdraw_option(option=other, by=cast.coordinator)
    assert [row.option.pk for row in queries.grid(cast.coordinator, cast.challenge).columns] == [one.pk]
    assert option(cast, MONDAY + 7 * DAY).pk != other.pk


# --- bad input --------------------------------------------------------------------------------------
def test_days_that_make_no_sense_are_refused(dated):
    cast = dated.cast
    today = timezone.localdate()
    for first, last in ((today, today), (MONDAY, MONDAY - DAY), (MONDAY, MONDAY + 30 * DAY)):
        with pytest.raises(BadInput):
            option(cast, first, last)
    client = cast.client_for(cast.coordinator)
    data = {"first_day": "2027-09-08", "last_day": "2027-09-06"}
    answer = client.post(reverse("planning:dates_add", args=[cast.challenge.ref]), data)
    assert "The last day is before the first." in answer.content.decode()
    assert not DateOption.objects.exists()


def test_host_days_are_noted_once_and_taken_away(dated):
    cast = dated.cast
    client = cast.client_for(cast.host_lead)
    path = reverse("planning:host_days", args=[cast.challenge.ref])
    data = {"possible": "no", "first_day": "2027-09-08", "last_day": "2027-09-08", "words": "Full council"}
    assert client.post(path, data).status_code == 302
    assert client.post(path, data).status_code == 302
    row = HostDays.objects.get()
    assert "Full council" in client.get(path).content.decode()
    wrong = client.post(path, data | {"last_day": "2027-09-01"})
    assert "The last day is before the first." in wrong.content.decode()
    assert cast.client_for(cast.host_sponsor).get(path).status_code == 404
    client.post(reverse("planning:host_days_remove", args=[cast.challenge.ref, row.pk]))
    client.post(reverse("planning:host_days_remove", args=[cast.challenge.ref, row.pk]))
    assert not HostDays.objects.exists()


def test_a_person_who_sits_twice_stands_once(dated):
    cast = dated.cast
    sit(cast.host_lead, SeatName.HOST_SPONSOR, cast.challenge)
    option(cast)
    names = [row.name for row in queries.grid(cast.coordinator, cast.challenge).rows]
    assert len(names) == len(set(names))


def test_the_grid_costs_the_same_queries_for_few_and_many(dated, django_assert_max_num_queries):
    cast = dated.cast
    path = reverse("planning:dates", args=[cast.challenge.ref])
    client = cast.client_for(cast.coordinator)
    option(cast)
    with django_assert_max_num_queries(15) as few:
        client.get(path)
    for n, profile in enumerate(make_pool(4)):
        dated.invite(profile)
        away(profile, MONDAY, MONDAY)
        option(cast, MONDAY + (n + 7) * DAY)
        sit(make_user(), SeatName.CHALLENGE_MANAGER, cast.challenge)
    with django_assert_max_num_queries(15) as many:
        assert client.get(path).status_code == 200
    assert len(few) == len(many)


# --- what the page says -----------------------------------------------------------------------------
def seen(cast, who=None):
    answer = cast.client_for(who or cast.coordinator).get(reverse("planning:dates", args=[cast.challenge.ref]))
    return answer.content.decode()


def test_nobody_is_away_only_of_those_who_are_known(dated):
    cast = dated.cast
    one = option(cast)
    html = seen(cast)
    assert "Nobody is known to be away; not known of 3 people" in html
    assert "nobody is known to be away; not known of 3 people" in html
    assert "obody is away" not in html
    for who in (cast.host_lead, cast.host_sponsor, cast.manager):
        services.answer_dates(challenge=cast.challenge, by=who, answers={one.pk: "yes"})
    assert "Nobody is away" in seen(cast)


def test_a_weekend_alone_is_never_proposed_and_warned_of(dated):
    cast = dated.cast
    challenge = cast.challenge
    challenge.visit_first_day = challenge.visit_last_day = MONDAY
    challenge.save()
    found = queries.suggestions(challenge, queries.grid(cast.coordinator, challenge))
    assert found
    assert all(row.days.first.weekday() < 5 for row in found)
    path = reverse("planning:dates_add", args=[challenge.ref])
    client = cast.client_for(cast.coordinator)
    data = {"first_day": "2027-09-11", "last_day": "2027-09-12"}
    assert "only a weekend" in client.post(path, data, follow=True).content.decode()
    assert queries.grid(cast.coordinator, challenge).columns[0].remarks == ["Only a weekend"]
    data = {"first_day": "2027-09-10", "last_day": "2027-09-12"}
    assert "are only a weekend" not in client.post(path, data, follow=True).content.decode()


def test_the_lga_is_warned_when_the_host_bars_the_days_of_the_visit(dated):
    cast = dated.cast
    services.choose_option(option=option(cast), by=cast.coordinator, version=cast.challenge.version)
    cast.challenge.refresh_from_db()
    words_of = "cannot be visited on all days of the set visit"
    assert words_of not in seen(cast)
    services.add_host_days(
        challenge=cast.challenge, by=cast.host_lead, first_day=MONDAY + DAY, last_day=MONDAY + DAY, possible=False
    )
    assert words_of in seen(cast)
    assert words_of in seen(cast, cast.manager)
    assert words_of not in seen(cast, cast.host_lead)


def test_the_days_of_the_visit_are_neither_chosen_nor_asked_about_again(dated):
    cast = dated.cast
    one = option(cast)
    assert "Ask everybody" in seen(cast)
    challenge = cast.challenge
    challenge.visit_first_day, challenge.visit_last_day = one.first_day, one.last_day  # set on another page
    challenge.save()
    html = seen(cast)
    assert "This is the visit" in html
    assert "Ask everybody" not in html
    assert reverse("planning:dates_choose", args=[challenge.ref, one.pk]) not in html
    with pytest.raises(BadInput):
        services.ask_for_dates(challenge=challenge, by=cast.coordinator)
    other = option(cast, MONDAY + 7 * DAY)
    assert reverse("planning:dates_choose", args=[challenge.ref, other.pk]) in seen(cast)


def test_days_chosen_once_can_be_taken_away_when_the_visit_has_others(dated):
    cast = dated.cast
    one = option(cast)
    challenge = services.choose_option(option=one, by=cast.coordinator, version=cast.challenge.version)
    challenge.visit_first_day = challenge.visit_last_day = MONDAY + 14 * DAY
    challenge.save()
    services.withdraw_option(option=one, by=cast.coordinator)
    assert not queries.options_of(challenge)


# --- tasks ------------------------------------------------------------------------------------------
def tasks(cast, who, *challenges):
    return [task.url for task in queries.date_tasks(who, challenges or [cast.challenge])]


def test_whoever_was_asked_has_a_task_until_they_answer(dated):
    cast = dated.cast
    dated.invite(cast.pool_peer_profile)
    dated.propose(*make_pool(1))
    one = option(cast)
    everybody = (cast.host_lead, cast.host_sponsor, cast.manager, cast.peer, cast.pool_peer)
    assert [tasks(cast, who) for who in everybody] == [[]] * 5
    services.ask_for_dates(challenge=cast.challenge, by=cast.coordinator)
    path = reverse("planning:my_dates", args=[cast.challenge.ref])
    assert [tasks(cast, who) for who in everybody] == [[path]] * 5
    assert [row.url for row in queries.date_tasks(cast.pool_peer, [])] == [path]
    assert [row.url for row in queries.date_tasks(cast.host_lead, [])] == []
    for who in (cast.coordinator, cast.stranger, cast.observer, cast.other_host):
        assert tasks(cast, who) == []
    services.answer_dates(challenge=cast.challenge, by=cast.peer, answers={one.pk: "no"})
    assert tasks(cast, cast.peer) == []
    other = option(cast, MONDAY + 7 * DAY)
    assert tasks(cast, cast.peer) == []
    services.ask_for_dates(challenge=cast.challenge, by=cast.coordinator)
    assert tasks(cast, cast.peer) == [path]
    services.withdraw_option(option=other, by=cast.coordinator)
    assert tasks(cast, cast.peer) == []
    services.choose_option(option=one, by=cast.coordinator, version=cast.challenge.version)
    assert tasks(cast, cast.host_lead) == []


def test_who_declined_and_whom_the_stage_has_passed_has_no_task(dated):
    cast = dated.cast
    placement = dated.invite(cast.pool_peer_profile)
    option(cast)
    services.ask_for_dates(challenge=cast.challenge, by=cast.coordinator)
    services.answer_invitation(placement=placement, by=cast.pool_peer, accept=False, reason="No")
    assert queries.date_tasks(cast.pool_peer, []) == []
    cast.at(Stage.ON_SITE)
    assert tasks(cast, cast.host_lead) == []


def test_the_task_stands_on_the_first_page_and_the_way_to_it_on_the_host_s(dated):
    cast = dated.cast
    dated.invite(cast.pool_peer_profile)
    option(cast)
    services.ask_for_dates(challenge=cast.challenge, by=cast.coordinator)
    path = reverse("planning:my_dates", args=[cast.challenge.ref])
    for who in (cast.host_lead, cast.pool_peer, cast.peer):
        assert f'href="{path}"' in cast.client_for(who).get("/").content.decode(), who.full_name
    assert path not in cast.client_for(cast.coordinator).get("/").content.decode()
    agree = reverse("planning:agree", args=[cast.challenge.ref])
    for who in (cast.host_lead, cast.host_sponsor, cast.manager):
        assert f'href="{path}"' in cast.client_for(who).get(agree).content.decode(), who.full_name


def test_tasks_about_dates_cost_one_query(dated, django_assert_num_queries):
    cast = dated.cast
    option(cast)
    services.ask_for_dates(challenge=cast.challenge, by=cast.coordinator)
    for person in (cast.host_lead, cast.coordinator):
        person.seat_cache = {}  # as the middleware gives it: a request reads the seats once for all rooms
        held_seats(person)
    with django_assert_num_queries(1):
        assert len(queries.date_tasks(cast.host_lead, [cast.challenge, cast.other_challenge])) == 1
    with django_assert_num_queries(0):
        assert queries.date_tasks(cast.coordinator, [cast.challenge]) == []
