"""Rows of the three files: what is refused, with line, column and a way to mend it."""

import datetime
import typing

import pytest

from peers.councils.importer import rows
from peers.councils.importer.rows import Known, parse_councils, parse_neighbours, parse_successions
from peers.councils.models import Kind, Relation, SuccessionState

HEAD = "code,name,kind,first_day,last_day,county_code,population_2020,longitude,website,slug\n"
GOOD = "E06000001,Northmere,unitary,1996-04-01,,,93836,-1.2557,example.org,northmere\n"


def problems(text: str, known=None):
    parsed = parse_councils((HEAD + text).encode(), known=known or {})
    return [(problem.line, problem.column, problem.message) for problem in parsed.problems]


def test_the_lists_agree_with_the_models():
    assert list(rows.KINDS) == Kind.values
    assert list(rows.RELATIONS) == Relation.values
    assert list(rows.STATES) == SuccessionState.values


def test_reads_a_good_row():
    parsed = parse_councils((HEAD + GOOD).encode(), known={})
    assert parsed.problems == []
    line, row = parsed.rows[0]
    assert (line, row["gss_code"], row["starts_on"]) == (2, "E06000001", datetime.date(1996, 4, 1))
    assert (row["population"], str(row["longitude"])) == (93836, "-1.2557")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("E0600001,A,unitary,,,,,,,", "code", "one capital letter and eight digits"),
        (",A,unitary,,,,,,,", "code", "empty"),
        ("E06000002,A,parish,,,,,,,", "kind", "Write one of: county"),
        ("E06000002,A,unitary,01/04/1996,,,,,,", "first_day", "for example 2023-04-01"),
        ("E06000002,A,unitary,2023-02-30,,,,,,", "first_day", "is not a date"),
        ("E06000002,A,unitary,2023-04-01,2023-03-31,,,,,", "last_day", "before the first day"),
        ("E06000002,A,district,,,E10000099,,,,", "county_code", "No council has the code"),
        ('E06000002,A,unitary,,,,"93,836",,,', "population_2020", "digits without commas"),
        ("E06000002,A,unitary,,,,,200,,", "longitude", "between"),
        ("E06000002,A,unitary,,,,,=1+1,,", "longitude", "is not a number"),
        ("E06000002,=HYPERLINK(0),unitary,,,,,,,", "name", "spreadsheet formula"),
        ("E06000002,@SUM,unitary,,,,,,,", "name", "spreadsheet formula"),
        ("E06000002,A,unitary,,,,,,https://example.org/,", "website", "example.gov.uk"),
        ("E06000002,A,unitary,,,,,,,North Mere", "slug", "small letters"),
        ("E06000002," + "A" * 81 + ",unitary,,,,,,,", "name", "the most is 80"),
    ],
)
def test_a_bad_row_is_named_with_line_and_column(row, column, words):
    found = problems(GOOD + row + "\n")
    assert [(line, name) for line, name, _message in found] == [(3, column)]
    assert words in found[0][2]


def test_every_bad_cell_of_a_row_is_named():
    found = problems("E1,A,parish,soon,,,,,,\n")
    assert [name for _line, name, _message in found] == ["code", "first_day", "kind"]


def test_duplicate_code_names_the_first_line():
    found = problems(GOOD + GOOD)
    assert found == [(3, "code", "“E06000001” stands on line 2 already. Keep one of the two lines.")]


def test_a_district_of_a_bad_county_is_named_too():
    found = problems("E07000001,A,district,,,E10000001,,,,\nE10000001,B,county,when,,,,,,\n")
    assert [(line, name) for line, name, _message in found] == [(2, "county_code"), (3, "first_day")]


def test_an_address_of_another_council_is_refused():
    known = {"E06000009": Known("E06000009", "northmere", None, None)}
    assert [(line, name) for line, name, _message in problems(GOOD, known)] == [(2, "slug")]


def test_dates_are_checked_against_what_is_stored():
    stored = {"E06000001": Known("E06000001", "northmere", datetime.date(2023, 4, 1), None)}
    raw = b"code,name,kind,last_day\nE06000001,Northmere,unitary,2023-03-31\n"
    assert [problem.column for problem in parse_councils(raw, known=stored).problems] == ["last_day"]


CODES: typing.Final = {"E06000001", "E06000002", "E06000003"}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("boundary,E06000001,E06000001,1", "second_code"),
        ("boundary,E06000001,E06000099,1", "second_code"),
        ("near,E06000001,E06000002,1", "relation"),
        ("boundary,E06000001,E06000002,far", "km"),
        ("boundary,E06000003,E06000001,1", "second_code"),
    ],
)
def test_bad_pairs_are_named(row, column):
    raw = f"relation,first_code,second_code,km\nboundary,E06000001,E06000003,4.5\n{row}\n".encode()
    found = parse_neighbours(raw, known_codes=CODES).problems
    assert [(problem.line, problem.column) for problem in found] == [(3, column)]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2027-04-01,E06000001,,,order_made", "successor_code"),
        ("2027-04-01,E06000001,E06000001,,order_made", "successor_code"),
        ("2027-04-01,E06000099,E06000001,,order_made", "predecessor_code"),
        (",E06000001,E06000002,,order_made", "first_day"),
        ("2027-04-01,E06000001,E06000002,,perhaps", "state"),
        ("2027-04-01,E06000001,E06000003,,in_force", "successor_code"),
    ],
)
def test_bad_successions_are_named(row, column):
    head = "first_day,predecessor_code,successor_code,successor_name,state\n"
    raw = f"{head}2023-04-01,E06000001,E06000003,,in_force\n{row}\n".encode()
    found = parse_successions(raw, known_codes=CODES).problems
    assert [(problem.line, problem.column) for problem in found] == [(3, column)]
