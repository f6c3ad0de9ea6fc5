"""Ranking, combining and wording on plain data: what is cheapest, what is legal, what is said."""

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peers.planning.pairing.combining import Lack, meets_shape, propose_teams
from peers.planning.pairing.conflicts import Conflict, ConflictKind, Strength
from peers.planning.pairing.facts import (
    Council,
    Deployment,
    HostFacts,
    PeopleFacts,
    PersonFacts,
    Shape,
    Span,
    group_of,
    km,
)
from peers.planning.pairing.ranking import free_run, own_terms, period_of, rank, terms_of
from peers.planning.pairing.terms import (
    Term,
    load_terms,
    pair_terms,
    team_terms,
    total,
    travel_steps,
    visit_days,
    week_terms,
)
from peers.planning.pairing.wording import lack_words, listed, person_words, points, team_words, term_words, why_words
from peers.planning.season.problem import Weights

D = datetime.date
TODAY = D(2027, 1, 10)
THEMES = {"T1": "Leadership", "T6": "Suppliers", "T8": "Recovery"}
VISIT = Span(D(2027, 3, 2), D(2027, 3, 4))


def council(pk=1, kind="unitary", north=0.0, population=200_000):
    return Council(pk, f"Council {pk}", kind, group_of(kind), "England", "North", (52 + north, -1.0), population)


def person(pk, home=None, role="officer", **fields):
    values = {
        "pk": pk, "user_id": pk, "name": f"Person {pk}", "job_title": "", "council": home or council(100 + pk),
        "role": role, "party": "", "can_lead": False, "welsh": False, "remote_ok": True, "radius_km": 600,
        "days_offered": 6, "most_visits": 2, "available": (None, None), "standing": "",
    }  # fmt: skip
    return PersonFacts(**(values | fields))


def host(shape=None, welsh=False, visit=VISIT, window=None, themes=None, kind="unitary"):
    themes = THEMES if themes is None else themes
    return HostFacts(7, "C-1", council(1, kind), themes, shape or Shape(size=4), welsh, visit, window)


def facts(people, the_host, weights=None, **more):
    return PeopleFacts(
        D(2027, 1, 1), D(2027, 12, 31), people, {the_host.challenge_id: the_host}, weights or Weights(), **more
    )


def ranked(people, the_host=None, conflicts=None, given=(), **more):
    the_host = the_host or host()
    known = facts(people, the_host, **more)
    return known, rank(known, the_host, conflicts or {}, given=given, today=TODAY)


def why(someone, the_host=None, **more):
    _facts, found = ranked([someone], the_host, **more)
    return [reason.name for row in found.excluded for reason in row.reasons]


# --- terms ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("distance", "steps"),
    [(0, 0), (50, 0), (50.1, 1), (100, 1), (150, 2), (200, 4), (250, 4), (350, 7), (350.1, 10), (900, 10)],
)
def test_steps_of_the_journey(distance, steps):
    assert travel_steps(distance) == steps


def test_what_a_person_costs_a_host():
    north = council(2, "county", north=2.1)  # 233 km
    someone = person(1, north, past=5)
    terms = pair_terms(someone, host(), Weights())
    assert {term.name: term.amount for term in terms} == {"travel": 4, "other_kind": 2, "travel_day": 1, "past": 3}
    assert pair_terms(person(1), host(), Weights()) == []
    assert pair_terms(someone, host(), Weights(travel=0, other_kind=0, travel_day=0, past=0)) == []
    assert [visit_days(far) for far in (200, 201)] == [3, 4]


def test_later_visits_and_weeks_cost_more():
    assert [total(load_terms(number, Weights())) for number in range(1, 5)] == [0, 4, 8, 8]
    assert [total(week_terms(weeks, Weights())) for weeks in (0, 3)] == [0, 3]


def test_what_a_team_costs_as_a_team():
    team = [
        person(1, role="member", party="Green", themes=frozenset({"T1", "T6"})),
        person(2, role="member", party="Green", themes=frozenset({"T1"})),
        person(3, role="member", themes=frozenset({"T8"})),
    ]
    terms = team_terms(team, host(welsh=True), Weights(), good={(1, 2)}, bad={(2, 3), (1, 9)})
    assert {term.name: term.amount for term in terms} == {
        "covered_once": 4, "same_party": 2, "good_pair": -3, "bad_pair": 6, "no_welsh": 5,
    }  # fmt: skip
    spoken = team_terms([*team, person(4, welsh=True)], host(welsh=True), Weights())
    assert "no_welsh" not in {term.name for term in spoken}


# --- who cannot be asked ----------------------------------------------------------------------------
BUSY = (Span(D(2027, 3, 4), D(2027, 3, 9)),)
VISITED = Deployment(D(2027, 5, 3), D(2027, 5, 6), 3, 5)


@pytest.mark.parametrize(
    ("someone", "reasons"),
    [
        (person(1), []),
        (person(1, standing="resting"), ["resting"]),
        (person(1, standing="applied"), ["applied"]),
        (person(1, training_until=D(2027, 3, 3)), ["training"]),
        (person(1, training_until=D(2027, 3, 4)), []),
        (person(1, council(2, north=1), radius_km=100), ["radius"]),
        (person(1, away=BUSY), ["busy"]),
        (person(1, available=(D(2027, 3, 3), None)), ["busy"]),
        (person(1, days_offered=2), ["days"]),
        (person(1, visits=(VISITED,), days_offered=6), ["days"]),
        (person(1, visits=(VISITED,), days_offered=7), []),
        (person(1, visits=(VISITED,), days_offered=9, most_visits=1), ["visits"]),
        (person(1, council(2, north=2.1), days_offered=3), ["days"]),  # a journey of 233 km takes a day more
        (person(1, standing="resting", away=BUSY), ["resting", "busy"]),
    ],
)
def test_who_cannot_be_asked_and_why(someone, reasons):
    assert why(someone) == reasons


def test_bars_decliners_and_warnings():
    bar = Conflict("own:1", ConflictKind.OWN, Strength.BARS, "It is their own council.")
    warning = Conflict("border:1", ConflictKind.BOUNDARY, Strength.WARNS, "They share a boundary.")
    assert why(person(1), conflicts={1: [warning, bar]}) == ["conflict"]
    assert why(person(1), declined={7: frozenset({1})}) == ["declined"]
    _facts, found = ranked([person(1), person(2)], conflicts={1: [warning]})
    assert [(row.person.pk, len(row.warnings)) for row in found.ranked] == [(2, 0), (1, 1)]


def test_a_window_needs_three_working_days_in_a_row():
    window = Span(D(2027, 3, 1), D(2027, 3, 7))  # Monday to Sunday
    waiting = host(visit=None, window=window)
    assert why(person(1, away=(Span(D(2027, 3, 4), D(2027, 3, 31)),)), waiting) == []
    assert why(person(1, away=(Span(D(2027, 3, 3), D(2027, 3, 3)),)), waiting) == ["window"]
    assert why(person(1, available=(D(2027, 3, 4), None)), waiting) == ["window"]
    assert why(person(1, away=BUSY), host(visit=None)) == []


days = st.integers(0, 25)


@given(st.lists(st.tuples(days, st.integers(0, 4)), max_size=5), days, days, st.integers(1, 5))
def test_a_free_run_is_one_that_a_plain_search_finds(busy, begins, ends, length):
    start = D(2027, 3, 1)
    window = Span(start, start + datetime.timedelta(days=20))

    def day(number):
        return start + datetime.timedelta(days=number)

    someone = person(
        1, away=tuple(Span(day(first), day(first + more)) for first, more in busy), available=(day(begins), day(ends))
    )
    best = run = 0
    for one in map(day, range(21)):
        if not someone.is_free(one, one):
            run = 0
        elif one.weekday() < 5:
            run += 1
        best = max(best, run)
    assert free_run(someone, window, length) == (best >= length)


def test_the_period_is_the_year_of_the_visit_and_the_window_beyond():
    assert period_of(VISIT, None, TODAY) == (D(2027, 1, 1), D(2027, 12, 31))
    window = Span(D(2027, 11, 1), D(2028, 2, 1))
    assert period_of(None, window, TODAY) == (D(2027, 1, 1), D(2028, 2, 1))
    assert period_of(None, None, D(2026, 5, 5)) == (D(2026, 1, 1), D(2026, 12, 31))


# --- the order --------------------------------------------------------------------------------------
def pools():
    """Small pools in which every rule can bite."""

    def make(rows):
        return [
            person(
                n + 1,
                council(10 + home, ("unitary", "district")[home % 2], north=home / 2),
                role=role,
                party=party if role == "member" else "",
                can_lead=lead,
                welsh=welsh,
                past=past,
                themes=frozenset(themes),
            )
            for n, (home, role, party, lead, welsh, past, themes) in enumerate(rows)
        ]

    one = st.tuples(
        st.integers(0, 5),
        st.sampled_from(["officer", "member", "specialist"]),
        st.sampled_from(["", "Green", "Blue"]),
        st.booleans(),
        st.booleans(),
        st.integers(0, 4),
        st.sets(st.sampled_from([*THEMES, "T9"]), max_size=3),
    )
    return st.lists(one, max_size=11).map(make)


shapes = st.builds(
    Shape,
    size=st.integers(2, 4),
    leads=st.integers(0, 1),
    members=st.integers(0, 1),
    specialists=st.integers(0, 1),
    per_council=st.integers(1, 2),
    cover_themes=st.booleans(),
)
weights = st.builds(
    Weights, travel=st.integers(0, 3), covered_once=st.integers(0, 4), same_party=st.integers(0, 4),
    good_pair=st.integers(0, 9), bad_pair=st.integers(0, 9), past=st.integers(0, 2),
)  # fmt: skip
pairs = st.frozensets(st.tuples(st.integers(1, 5), st.integers(6, 11)), max_size=3)


@given(pools(), weights, st.sets(st.integers(1, 11), max_size=2))
def test_each_cost_in_the_ranking_is_the_sum_of_its_terms(people, costs, chosen):
    known, found = ranked(people, given=chosen, weights=costs)
    assert [row.cost for row in found.ranked] == [total(terms_of(row.person, known, found)) for row in found.ranked]
    assert [row.cost for row in found.ranked] == sorted(row.cost for row in found.ranked)
    assert len(found.ranked) + len(found.excluded) + len(found.given) == len(people)


@given(pools(), shapes, weights, pairs, pairs, st.booleans(), st.sets(st.integers(1, 11), max_size=2))
def test_each_team_meets_the_shape_and_the_first_is_the_best_there_is(people, shape, costs, good, bad, welsh, chosen):
    """Pools this small are combined in full, so brute force must agree."""
    the_host = host(shape, welsh)
    known, found = ranked(people, the_host, given=chosen, weights=costs, good_pairs=good, bad_pairs=bad - good)
    teams = propose_teams(known, found)
    for team in teams.teams:
        assert meets_shape(team.everybody, the_host)
        assert set(found.given) <= set(team.everybody)
        assert team.cost == total(team.together) + sum(total(terms) for terms in team.own)
    assert [team.cost for team in teams.teams] == sorted(team.cost for team in teams.teams)
    missing = shape.size - len(found.given)
    if missing <= 0:
        assert teams.teams == ()
        return
    free = [row.person for row in found.ranked]
    legal = [
        sum(total(own_terms(one, known, the_host)) for one in new)
        + total(team_terms([*found.given, *new], the_host, costs, good, bad - good))
        for new in itertools.combinations(free, missing)
        if meets_shape([*found.given, *new], the_host)
    ]
    assert [team.cost for team in teams.teams][:1] == sorted(legal)[:1]


def test_a_team_is_found_among_hundreds_and_shown_teams_differ():
    roles = ("officer", "member", "specialist")
    people = [
        person(n, council(100 + n % 90, north=(n % 17) / 8), role=roles[n % 3], can_lead=n % 7 == 0,
               themes=frozenset([list(THEMES)[n % 3], list(THEMES)[n // 3 % 3]]))
        for n in range(1, 400)
    ]  # fmt: skip
    known, found = ranked(people)
    teams = propose_teams(known, found).teams
    assert len(teams) == 5
    for one, other in itertools.combinations(teams, 2):
        assert len({person.pk for person in one.new} - {person.pk for person in other.new}) >= 2
    assert all(meets_shape(team.everybody, found.host) for team in teams)


# --- what is missing --------------------------------------------------------------------------------
def lacks(people, the_host=None, given=()):
    known, found = ranked(people, the_host, given=given)
    return list(propose_teams(known, found).lacks)


def test_what_nobody_is_or_knows_is_named():
    people = [person(n, can_lead=True, themes=frozenset({"T1", "T6"})) for n in range(1, 6)]
    assert lacks(people) == [Lack("member"), Lack("specialist"), Lack(themes=("T8",))]


def test_the_last_place_needs_one_person_for_everything():
    given = [
        person(1, can_lead=True, themes=frozenset({"T1", "T6"})),
        person(2, role="specialist", themes=frozenset({"T1"})),
        person(3, role="officer"),
    ]
    others = [person(4, role="member", themes=frozenset({"T1"})), person(5, themes=frozenset({"T8"}))]
    found = lacks([*given, *others], given={1, 2, 3})
    assert found == [Lack("member", ("T8",))]
    assert lack_words(found[0], THEMES) == "Nobody who can be asked knows “Recovery” and is a member peer."
    assert lacks([*given, *others, person(6, role="member", themes=frozenset({"T8"}))], given={1, 2, 3}) == []


# --- in words ---------------------------------------------------------------------------------------
def test_what_speaks_for_a_person():
    someone = person(
        1, council(2, "district", north=0.55, population=90_000), can_lead=True, welsh=True,
        themes=frozenset({"T6", "T8", "T9"}), visits=(VISITED,), known_kinds=frozenset({("unitary", "medium")}),
    )  # fmt: skip
    assert person_words(someone, host(welsh=True), 2027) == [
        "covers “Suppliers” and “Recovery”",
        "has worked in a unitary council of this size",
        "can lead",
        "speaks Welsh",
        "61 km",
        "4 of 6 days used",
        "has not met this host",
    ]
    plain = person(2, visits=(VISITED._replace(council_id=1, first=D(2026, 5, 3), last=D(2026, 5, 4)),))
    assert person_words(plain, host(), 2027) == ["works in a unitary council of this size", "0 km", "0 of 6 days used"]


def test_what_a_team_is():
    team = [
        person(1, role="member", can_lead=True, themes=frozenset(THEMES)),
        person(2, role="specialist", themes=frozenset({"T1", "T8"})),
        person(3, council(5, north=1), themes=frozenset({"T1"})),
    ]
    assert team_words(team, host()) == [
        "covers all 3 themes, 2 of them twice", "3 councils", "1 who can lead", "1 member peer",
        "1 cyber specialist", "longest journey 111 km",
    ]  # fmt: skip
    assert team_words(team[2:], host())[0] == "covers 1 of 3 themes"


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Term("travel", 1, {"km": 61}), "61 km"),
        (Term("other_kind", 2, {"home": "lower", "host": "urban"}),
         "from a district council, the host is a metropolitan or London borough"),
        (Term("past", 1, {"visits": 1}), "1 visit before"),
        (Term("covered_once", -4, {"themes": ["T6", "T8"], "brought": True}), "covers “Suppliers” and “Recovery”"),
        (Term("covered_once", 2, {"themes": ["T6"]}), "only one knows “Suppliers”"),
        (Term("week_later", 3, {"weeks": 3}), "3 weeks after the window opens"),
        (Term("second_visit", 4, {"number": 2}), "would be visit number 2 in the year"),
        (Term("good_pair", -3, {"first": "A", "second": "B"}), "A and B go well together"),
    ],
)  # fmt: skip
def test_terms_in_words(term, words):
    assert term_words(term, THEMES) == words


@pytest.mark.parametrize("name", Weights.__dataclass_fields__)
def test_each_term_has_words(name):
    facts_of_all = {
        "km": 1, "home": "upper", "host": "lower", "visits": 2, "themes": ["T1"], "party": "Green", "members": 2,
        "first": "A", "second": "B", "weeks": 2, "number": 3,
    }  # fmt: skip
    assert term_words(Term(name, 1, facts_of_all), THEMES)


def test_reasons_against_somebody_in_words():
    someone = person(1, council(2, north=1), radius_km=50, days_offered=2, standing="resting", away=BUSY)
    _facts, found = ranked([someone])
    assert [why_words(reason) for reason in found.excluded[0].reasons] == [
        "Resting: not to be asked for now.",
        "111 km away; travels up to 50 km.",
        "Not free on every day from 2 March 2027 to 4 March 2027.",
        "0 of 2 days used in 2027; this visit takes 3.",
    ]


def test_points_and_lists():
    assert [points(n) for n in (-2, -1, 0, 1, 2)] == [
        "2 points taken off", "1 point taken off", "0 points", "1 point", "2 points"
    ]  # fmt: skip
    assert [listed(list(text)) for text in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


def test_a_place_that_is_not_known_keeps_nobody_away():
    assert km(None, None) == 0
    assert why(person(1, council(2)._replace(place=None), radius_km=1)) == []
