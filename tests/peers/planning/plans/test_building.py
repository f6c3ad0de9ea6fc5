"""From facts to the problem of a season, on plain data: weeks, who may go, what is left of days and visits."""

import datetime

import pytest

from peers.planning.pairing.conflicts import Conflict, ConflictKind, Strength
from peers.planning.pairing.facts import Council, Deployment, HostFacts, PeopleFacts, PersonFacts, Shape, Span
from peers.planning.plans.building import Ask, build, free_weeks, weeks_of
from peers.planning.plans.reading import Gone, as_plan, costs_by_term, gone, moved, rows_of
from peers.planning.plans.words import eased_words
from peers.planning.season import checker
from peers.planning.season.problem import Limits, Problem, Weights
from peers.planning.season.solve import solve

MONDAY = datetime.date(2027, 9, 6)
MONDAYS = [MONDAY + datetime.timedelta(weeks=n) for n in range(6)]
DAY = datetime.timedelta(days=1)


def council(pk, **fields):
    values = {
        "name": f"Council {pk}", "kind": "unitary", "group": "single", "nation": "England", "region": "North West",
        "place": (53.0, -2.0), "population": 200_000,
    }  # fmt: skip
    return Council(pk=pk, **(values | fields))


def person(pk, role="officer", home=None, **fields):
    values = {
        "user_id": pk, "name": f"Person {pk}", "job_title": "", "council": home or council(100 + pk), "role": role,
        "party": "", "can_lead": True, "welsh": False, "remote_ok": True, "radius_km": 150, "days_offered": 6,
        "most_visits": 2, "available": (None, None), "standing": "", "themes": frozenset({"T1"}),
        "training_until": None,
    }  # fmt: skip
    return PersonFacts(pk=pk, **(values | fields))


def host(pk, **fields):
    shape = Shape(size=2, leads=1, members=1, specialists=1)
    values = {
        "ref": f"C360-{pk}", "council": council(pk), "themes": {"T1": "Leadership"}, "shape": shape, "welsh": False,
        "visit": None, "window": None,
    }  # fmt: skip
    return HostFacts(challenge_id=pk, **(values | fields))


def ask(*hosts, **fields):
    values = {"per_week": 2, "spacing": 3, "weights": Weights()}
    return Ask(mondays=MONDAYS, weekday=1, days=3, challenges=[one.challenge_id for one in hosts], **(values | fields))


def facts(people, hosts, **fields):
    by_id = {one.challenge_id: one for one in hosts}
    on_list = fields.pop("on_list", {})
    return PeopleFacts(MONDAY, MONDAYS[-1] + 6 * DAY, people, by_id, Weights(), on_list=on_list, **fields)


def built(people, hosts, conflicts=None, on_list=None, **fields):
    return build(facts(people, hosts, on_list=on_list or {}), ask(*hosts, **fields), conflicts or {})


def who_may_go(result) -> list[tuple[int, int]]:
    """(challenge, person) by their own ids."""
    pairs = result.problem.pairs
    return sorted((result.hosts[v].challenge_id, result.people[p].pk) for v, p in pairs)


# --- weeks ------------------------------------------------------------------------------------------
WEEKS = [
    ({}, {}, (0, 1, 2, 3, 4, 5)),
    ({"window": Span(MONDAY + 8 * DAY, MONDAY + 17 * DAY)}, {}, (1, 2)),  # Tuesday to Thursday of two weeks exactly
    ({"window": Span(MONDAY + 9 * DAY, MONDAY + 17 * DAY)}, {}, (2,)),
    ({}, {"cannot": {1: [Span(MONDAY + 3 * DAY, MONDAY + 3 * DAY)]}}, (1, 2, 3, 4, 5)),
    ({}, {"cannot": {1: [Span(MONDAY + 4 * DAY, MONDAY + 4 * DAY)]}}, (0, 1, 2, 3, 4, 5)),  # a Friday
    ({}, {"can": {1: [Span(MONDAY + 7 * DAY, MONDAY + 11 * DAY)]}}, (1,)),
    ({}, {"can": {1: [Span(MONDAY + 8 * DAY, MONDAY + 8 * DAY), Span(MONDAY + 9 * DAY, MONDAY + 10 * DAY)]}}, (1,)),
    ({}, {"closed": {"England": frozenset({MONDAY + DAY})}}, (1, 2, 3, 4, 5)),
    ({}, {"closed": {"Wales": frozenset({MONDAY + DAY})}}, (0, 1, 2, 3, 4, 5)),
    ({"visit": Span(MONDAY + 15 * DAY, MONDAY + 17 * DAY)}, {}, (2,)),
    ({"visit": Span(MONDAY + 150 * DAY, MONDAY + 152 * DAY)}, {}, ()),
    ({"visit": Span(MONDAY + 15 * DAY, MONDAY + 17 * DAY)}, {"week_pins": {1: MONDAY}}, (0, 1, 2, 3, 4, 5)),
]


@pytest.mark.parametrize(("fields", "asked", "expected"), WEEKS)
def test_weeks_of_a_host(fields, asked, expected):
    one = host(1, **fields)
    assert weeks_of(one, ask(one, **asked)) == expected


FREE = [
    ({}, {0, 1, 2, 3, 4, 5}),
    ({"away": (Span(MONDAY + 8 * DAY, MONDAY + 8 * DAY),)}, {0, 2, 3, 4, 5}),
    ({"available": (MONDAY + 14 * DAY, None)}, {2, 3, 4, 5}),
    ({"training_until": MONDAY + 10 * DAY}, {0, 1}),
    ({"visits": (Deployment(MONDAY + 15 * DAY, MONDAY + 17 * DAY, 9, 9),)}, {5}),  # spacing 3 on both sides
    ({"visits": (Deployment(MONDAY - 6 * DAY, MONDAY - 4 * DAY, 9, 9),)}, {2, 3, 4, 5}),  # before the period
]


@pytest.mark.parametrize(("fields", "expected"), FREE)
def test_free_weeks_of_a_person(fields, expected):
    assert free_weeks(person(1, **fields), ask()) == expected


# --- who may go -------------------------------------------------------------------------------------
BAR = [Conflict("own:1", ConflictKind.OWN, Strength.BARS, "It is their own council.")]
WARNING = [Conflict("border:1", ConflictKind.BOUNDARY, Strength.WARNS, "They share a boundary.")]


def test_a_bar_bars_whatever_is_ticked_and_a_warning_only_when_it_is_not():
    people = [person(1), person(2), person(3)]
    against = {(1, 1): BAR, (1, 2): WARNING}
    assert who_may_go(built(people, [host(1)], against)) == [(1, 3)]
    ticked = built(people, [host(1)], against, with_warnings=True)
    assert who_may_go(ticked) == [(1, 2), (1, 3)]
    assert ticked.warnings == {(0, 0): ["They share a boundary."]}


@pytest.mark.parametrize(
    "fields",
    [
        {"standing": "resting"},
        {"home": council(50, place=(51.0, -2.0))},  # 222 km
        {"days_offered": 2},
        {"away": (Span(MONDAY, MONDAY + 100 * DAY),)},
        {"most_visits": 2, "days_offered": 5, "visits": (Deployment(MONDAY - 97 * DAY, MONDAY - 95 * DAY, 9, 9),)},
    ],
)
def test_who_cannot_go(fields):
    assert who_may_go(built([person(1, **fields), person(2)], [host(1)])) == [(1, 2)]


def test_a_long_journey_takes_a_day_more():
    far = person(1, home=council(50, place=(51.0, -2.0)), radius_km=300)
    result = built([far], [host(1)])
    pair = result.problem.pairs[0, 0]
    assert (pair.days, round(pair.km)) == (4, 222)
    assert pair.cost == 4 + 1  # travel to 250 km, and the day


def test_who_said_no_is_not_asked_again_and_who_is_asked_stays():
    people = [person(1), person(2, days_offered=0), person(3)]
    on_list = {1: {2: ("accepted", "peer"), 3: ("proposed", "peer")}}
    result = built(people, [host(1)], on_list=on_list, refused=frozenset({(1, 1)}))
    assert who_may_go(result) == [(1, 2), (1, 3)]
    assert result.problem.seat_pins == {(0, result.peer_place[2])}


def test_pins_open_the_way_past_a_warning_and_never_past_a_bar():
    people = [person(1), person(2)]
    result = built(people, [host(1)], {(1, 1): WARNING, (1, 2): BAR}, seat_pins=frozenset({(1, 1), (1, 2)}))
    assert who_may_go(result) == [(1, 1)]
    assert built(people, [host(1)], forbidden=frozenset({(1, 1)})).people[0].pk == 2


def test_visits_elsewhere_count_and_those_of_the_plan_do_not():
    inside = Deployment(MONDAY + 8 * DAY, MONDAY + 10 * DAY, 1, 1)
    outside = Deployment(MONDAY + 8 * DAY, MONDAY + 10 * DAY, 9, 9)
    result = built([person(1, visits=(inside,)), person(2, visits=(outside,))], [host(1)])
    one, two = result.problem.peers
    assert (one.already, one.days, len(one.free)) == (0, 6, 6)
    assert (two.already, two.days, sorted(two.free)) == (1, 3, [4, 5])


def test_an_invitation_elsewhere_counts_like_a_yes():
    invited = {1: [Deployment(MONDAY + 8 * DAY, MONDAY + 10 * DAY, 9, 9)]}
    peer = built([person(1)], [host(1)], elsewhere=invited).problem.peers[0]
    assert (peer.already, peer.days) == (1, 3)


def test_room_in_a_week_and_busy_managers_come_from_other_visits():
    others = [(MONDAY + 8 * DAY, 7), (MONDAY + 9 * DAY, None)]
    problem = built([person(1)], [host(1)], managers={1: 7}, other_visits=others).problem
    assert problem.per_week == (2, 0, 2, 2, 2, 2)
    assert problem.manager_busy == {(7, 1)}
    assert problem.visits[0].manager == 7


def test_a_theme_that_the_pool_never_keeps_is_asked_of_nobody():
    strange = host(1, themes={"T1": "Leadership", "X9": "Something else"})
    result = built([person(1)], [strange], skills=frozenset({"T1", "T2"}))
    assert (result.theme_codes, result.problem.visits[0].themes) == (["T1"], {0})


def test_targets_share_the_members_seats_by_party():
    members = [person(n, "member", party=party) for n, party in enumerate(["Red", "Red", "Red", "Blue", ""], start=1)]
    problem = built(members, [host(n) for n in range(11, 16)]).problem
    assert problem.party_targets == {"Blue": 1, "Red": 3}


def test_the_problem_travels_as_json():
    result = built([person(1), person(2, "member")], [host(1), host(2)], managers={1: 7})
    assert Problem.from_data(result.problem.to_data()) == result.problem


# --- and back ---------------------------------------------------------------------------------------
def small():
    people = [
        person(1, "member"),
        person(2, "specialist"),
        person(3, "member", can_lead=False),
        person(4, "specialist"),
    ]
    return built(people, [host(11), host(12)])


def test_rows_have_roles_terms_and_the_same_cost_as_the_checker():
    result = small()
    plan = {0: (0, (0, 1)), 1: (3, (0, 3))}
    assert checker.broken(result.problem, plan) == []
    rows = rows_of(result, plan)
    assert [(row.challenge_id, row.week, [(s.profile_id, s.role) for s in row.seats]) for row in rows] == [
        (11, MONDAY, [(1, "lead_peer"), (2, "peer")]),
        (12, MONDAYS[3], [(1, "lead_peer"), (4, "peer")]),
    ]
    assert [term["name"] for term in rows[1].seats[0].terms] == ["second_visit"]
    assert [term["name"] for term in rows[1].terms] == ["week_later"]
    costs = checker.cost(result.problem, plan)
    told = costs_by_term(rows, costs)
    assert sum(amount for name, amount in told.items() if name != "total") == told["total"] == costs["total"]
    amounts = sum(term["amount"] for row in rows for term in row.terms)
    amounts += sum(term["amount"] for row in rows for seat in row.seats for term in seat.terms)
    assert amounts + told["party_share"] == told["total"]


def test_who_is_asked_to_lead_leads():
    people = [person(1, "member"), person(2, "specialist")]
    result = built(people, [host(11)], on_list={11: {2: ("invited", "lead_peer")}})
    assert [(s.profile_id, s.role) for s in rows_of(result, {0: (0, (0, 1))})[0].seats] == [
        (1, "peer"), (2, "lead_peer"),
    ]  # fmt: skip


def test_a_stored_plan_comes_back_without_those_who_left():
    result = small()
    known = {11: (MONDAY, [1, 2]), 12: (MONDAYS[3], [3, 99]), 13: (MONDAY, [4])}
    assert as_plan(result, known) == {0: (0, (0, 1)), 1: (3, (2,))}
    assert list(gone(result, known)) == [Gone("person", 12, 99), Gone("challenge", 13)]


def test_what_no_longer_holds():
    away = person(1, "member", away=(Span(MONDAY, MONDAY + 4 * DAY),), most_visits=1)
    short = person(2, "specialist", days_offered=3)
    result = built([away, short], [host(11, window=Span(MONDAY, MONDAYS[4])), host(12)])
    known = {11: (MONDAYS[5], [1, 2]), 12: (MONDAY, [1, 2])}
    assert list(gone(result, known)) == [Gone("week", 11), Gone("away", 12, 1), Gone("days", 12, 2)]


def test_what_moved():
    old = {11: (MONDAY, [1, 2]), 12: (MONDAY, [3, 4])}
    new = {11: (MONDAYS[1], [1, 5]), 12: (MONDAY, [4, 3]), 13: (MONDAY, [6])}
    assert moved(old, new) == {11: {"week": "2027-09-06", "joined": [5], "gone": [2]}}


# --- people who were asked already ------------------------------------------------------------------
YES = ("accepted", "peer")


def eased_rules(result):
    return sorted((reason.rule, reason.amount) for reason in result.eased)


def test_a_full_team_stands_whatever_it_lacks():
    """Too far, without days, of one council, nobody a member, a specialist, a lead or knowing the second theme."""
    home = council(50, place=(51.0, -2.0))
    people = [person(1, home=home, can_lead=False, days_offered=2), person(2, home=home, can_lead=False)]
    one = host(1, themes={"T1": "Leadership", "T2": "Culture"})
    far = [Conflict("border:1", ConflictKind.BOUNDARY, Strength.WARNS, "They share a boundary.")]
    result = built(people, [one], {(1, 1): far, (1, 2): BAR}, on_list={1: {1: YES, 2: ("invited", "peer")}})
    assert checker.broken(result.problem, {0: (0, (0, 1))}) == []
    assert eased_rules(result) == [
        ("council", 1), ("days", 2), ("leads", 1), ("members", 1), ("specialists", 1), ("theme", 1),
    ]  # fmt: skip
    assert eased_words(result)[-1] == "Person 1 has been asked for more days than they offered (2 more)."
    assert "Council 1 (C360-1): nobody on the agreed team knows “Culture”." in eased_words(result)


def test_a_team_with_room_gives_way_no_further_than_it_must():
    shape = Shape(size=3, leads=1, members=1, specialists=1)
    people = [person(1, can_lead=False), person(2, can_lead=False), person(3, "member"), person(4, "specialist")]
    result = built(people, [host(1, shape=shape)], on_list={1: {1: YES, 2: YES}})
    visit = result.problem.visits[0]
    assert (visit.size, visit.leads, visit.members, visit.specialists) == (3, 1, 1, 0)
    assert eased_rules(result) == [("specialists", 1)]
    untouched = built(people, [host(1, shape=shape)], on_list={1: {3: YES}})
    assert untouched.eased == ()
    assert untouched.problem.visits[0] == built(people, [host(1, shape=shape)]).problem.visits[0]


def test_a_team_larger_than_its_size_stands():
    people = [person(1, "member"), person(2, "specialist"), person(3)]
    result = built(people, [host(1)], on_list={1: {1: YES, 2: YES, 3: YES}})
    assert checker.broken(result.problem, {0: (0, (0, 1, 2))}) == []
    assert eased_words(result) == ["Council 1 (C360-1): the agreed team is larger than its size (1 more)."]


def test_who_is_given_is_free_in_the_week_that_stands_alone():
    fixed = host(1, visit=Span(MONDAY + 15 * DAY, MONDAY + 17 * DAY))
    away = person(1, "member", away=(Span(MONDAY, MONDAY + 18 * DAY),))
    result = built(
        [away, person(2, "specialist")], [fixed], on_list={1: {1: YES}}, other_visits=[(MONDAYS[2], None)] * 2
    )
    assert result.problem.peers[0].free == {2, 3, 4, 5}
    assert checker.broken(result.problem, {0: (2, (0, 1))}) == []
    assert eased_words(result) == [
        "Council 1 (C360-1): Person 1 has been asked to come, but is not free in the week of 20 September 2027."
    ]


def test_two_given_visits_that_stand_too_close_both_stand():
    one, two = (host(n, visit=Span(MONDAYS[n] + DAY, MONDAYS[n] + 3 * DAY)) for n in (1, 2))
    people = [person(1, "member", most_visits=1, days_offered=3), person(2, "specialist"), person(3, "specialist")]
    result = built(people, [one, two, host(3)], on_list={1: {1: YES}, 2: {1: YES}})
    assert eased_rules(result) == [("days", 3), ("load", 1), ("spacing", 1)]
    known = {1: (MONDAYS[1], [1, 2]), 2: (MONDAYS[2], [1, 3])}
    plan = as_plan(result, known)
    assert [line for line in checker.broken(result.problem, plan) if not line.startswith("unplanned")] == []
    assert list(gone(result, known)) == []
    assert [seat.profile_id for row in rows_of(result, plan) for seat in row.seats] == [1, 2, 3, 1]
    twin = result.place_at(1, 1)
    assert (2, twin) not in result.problem.pairs
    assert not result.problem.peers[0].free & {2, 3, 4}


def test_who_was_asked_stays_though_they_are_held_away():
    result = built([person(1), person(2)], [host(1)], on_list={1: {1: YES}}, forbidden=frozenset({(1, 1), (1, 2)}))
    assert who_may_go(result) == [(1, 1)]
    assert eased_words(result)[-1].endswith("Person 1 has been asked already and stays. Take them off the team first.")


def test_the_problem_with_given_people_can_be_solved_and_travels():
    fixed = host(1, visit=Span(MONDAYS[1] + DAY, MONDAYS[1] + 3 * DAY))
    home = council(50)
    people = [person(n, home=home, can_lead=False) for n in (1, 2)] + [person(3, "member"), person(4, "specialist")]
    problem = built(people, [fixed, host(2)], on_list={1: {1: YES, 2: YES}}).problem
    assert Problem.from_data(problem.to_data()) == problem
    news = solve(problem, Limits(seconds=5.0), lambda told: None, lambda: False)
    assert news.phase == "done"
    assert news.plan[0] == (1, (0, 1))
