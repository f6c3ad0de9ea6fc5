"""Files as people really send them: what is read, what is refused, and in which words."""

import datetime

import pytest

from peers.pool.sheets import cells, writing
from peers.pool.sheets.rows import Directory, Member, Place, check, parse

TODAY = datetime.date(2027, 3, 3)
HEADER = "email,full_name,council_code,kind_of_peer"
NORTH = Place(1, "Northmere", "X00000001", None)
GONE = Place(2, "Oldmere", "X00000002", datetime.date(2023, 3, 31), ("Northmere (X00000001)",))
OTHER = Place(3, "Southmere", "X00000003", None)
DIRECTORY = Directory(
    {place.code: place for place in (NORTH, GONE, OTHER)}, {"X10000001": (NORTH,), "X10000009": (NORTH, OTHER)}
)


def checked(text, people=None):
    raw = text if isinstance(text, bytes) else text.encode()
    return check(parse(raw), people or {}, DIRECTORY, TODAY)


def problems(text, people=None):
    return [(row.line, row.column) for row in checked(text, people).problems]


def words(text, people=None):
    return " ".join(row.message for row in checked(text, people).problems)


LINE = "a@example.org,Ada Example,X00000001,officer"


@pytest.mark.parametrize("text", [
    f"{HEADER}\n{LINE}\n",
    f"\ufeff{HEADER}\r\n{LINE}\r\n",
    f"{HEADER}\n{LINE}\n".replace(",", ";"),
    f"{HEADER}\n{LINE}\n".replace(",", "\t"),
    f"\n\n{HEADER}\n\n{LINE}\n,,,\n",
    "Email, Full name ,Council code,Kind of peer\n" + LINE,
    f'{HEADER}\n"A@Example.org","Ada Example","x00000001","Officer peer"',
])  # fmt: skip
def test_a_good_file_in_the_shapes_that_spreadsheets_write(text):
    found = checked(text)
    assert found.problems == []
    assert [(row.email, row.full_name, row.new) for row in found.changes] == [("a@example.org", "Ada Example", True)]
    assert found.changes[0].values == {"council": 1, "role": "officer"}


@pytest.mark.parametrize(("raw", "said"), [
    (b"", "The file is empty"),
    (b"\xef\xbb\xbf\r\n", "The file is empty"),
    (HEADER.encode(), "nobody below them"),
    (f"{HEADER}\n{LINE}".encode("utf-16"), "not a CSV file in UTF-8"),
    (b"PK\x03\x04\x00\x00rest of a workbook", "not a CSV file in UTF-8"),
    (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
    (b"full_name\nAda", "This column is missing"),
    (b"email,shoe_size\na@example.org,4", "This column is not known"),
    (b"email,email\na@example.org,b@example.org", "stands twice"),
    (f'{HEADER}\n"a@example.org,Ada'.encode(), "never closed"),
    (f"{HEADER}\na@example.org,Ada".encode(), "has 2 cells"),
])  # fmt: skip
def test_files_that_cannot_be_read_say_why(raw, said):
    found = checked(raw)
    assert found.changes == []
    assert said in " ".join(row.message for row in found.problems)


def test_another_encoding_is_read_and_said():
    found = checked(f"{HEADER}\na@example.org,Zoë Example,X00000001,officer".encode("cp1252"))
    assert found.changes[0].full_name == "Zoë Example"
    assert "Windows-1252" in found.note


@pytest.mark.parametrize(("line", "column"), [
    (",Ada,X00000001,officer", "email"),
    ("not an address,Ada,X00000001,officer", "email"),
    ("a@example.org,,X00000001,officer", "full_name"),
    ("a@example.org,Ada,,officer", "council_code"),
    ("a@example.org,Ada,X99999999,officer", "council_code"),
    ("a@example.org,Ada,Northmere,officer", "council_code"),
    ("a@example.org,Ada,X00000002,officer", "council_code"),
    ("a@example.org,Ada,X10000009,officer", "council_code"),
    ("a@example.org,Ada,X00000001,", "kind_of_peer"),
    ("a@example.org,Ada,X00000001,inspector", "kind_of_peer"),
    ("a@example.org,=1+1,X00000001,officer", "full_name"),
    ('a@example.org,"Ada\nExample",X00000001,officer', "full_name"),
    (f"a@example.org,{'A' * 121},X00000001,officer", "full_name"),
])  # fmt: skip
def test_a_bad_cell_names_its_line_and_column(line, column):
    assert problems(f"{HEADER}\n{line}") == [(2, column)]


def test_a_former_code_is_taken_where_one_council_had_it_and_refused_where_two_had():
    assert checked(f"{HEADER}\na@example.org,Ada,X10000001,officer").changes[0].values["council"] == 1
    said = words(f"{HEADER}\na@example.org,Ada,X10000009,officer")
    assert "2 councils once had the code" in said
    assert "Northmere (X00000001), Southmere (X00000003)" in said


def test_a_council_that_ended_names_who_followed_it():
    assert "Followed by: Northmere (X00000001)" in words(f"{HEADER}\na@example.org,Ada,X00000002,officer")


def test_a_person_twice_in_the_file_is_refused_the_second_time():
    found = checked(f"{HEADER}\n{LINE}\nA@EXAMPLE.ORG,Ada Again,X00000001,officer")
    assert [(row.line, row.column) for row in found.problems] == [(3, "email")]
    assert [row.full_name for row in found.changes] == ["Ada Example"]


MORE = f"{HEADER},seniority,party,training_done_on,training_expires_on,available_from,available_until,skills,can_lead"


@pytest.mark.parametrize(("rest", "column"), [
    ("leader,,,,,,,", "seniority"),
    (",Independent,,,,,,", "party"),
    (",,next March,,,,,", "training_done_on"),
    (",,2027-02-30,,,,,", "training_done_on"),
    (",,12/31/2026,,,,,", "training_done_on"),
    (",,01/02/26,,,,,", "training_done_on"),
    (",,,2027-01-01,,,,", "training_done_on"),
    (",,2027-02-01,2027-01-01,,,,", "training_expires_on"),
    (",,,,2027-06-01,2027-05-01,,", "available_until"),
    (",,,,,,T10 strong,", "skills"),
    (",,,,,,T1 strong; T1 some,", "skills"),
    (",,,,,,,perhaps", "can_lead"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused(rest, column):
    assert problems(f"{MORE}\n{LINE},{rest}") == [(2, column)]


@pytest.mark.parametrize("cell", ["2027-03-31", "31/03/2027", "31.3.2027", "31 March 2027", "31 mar 2027"])
def test_dates_as_british_spreadsheets_write_them(cell):
    assert cells.day(cell) == datetime.date(2027, 3, 31)


def member(**values):
    held = {
        "council": 1, "role": "member", "party": "Independent", "seniority": "leader", "skills": {"T1": "some"},
        "known": (), "job_title": "Leader", "training_done_on": None, "training_expires_on": None,
        "available_from": None, "available_until": None,
    }  # fmt: skip
    return {"a@example.org": Member(True, "Ada Example", "active", False, held | values)}


def test_an_address_in_the_pool_is_an_update_of_what_differs():
    found = checked("email,job_title,skills\na@example.org,Leader,T1 strong", member())
    assert (found.changes[0].new, found.changes[0].values) == (False, {"skills": {"T1": "strong"}})


def test_an_empty_cell_leaves_what_is_known_alone():
    assert checked("email,job_title,skills\na@example.org,,", member()).changes[0].values == {}


def test_a_member_who_becomes_an_officer_loses_party_and_office():
    found = checked("email,kind_of_peer\na@example.org,officer", member())
    assert found.changes[0].values == {"role": "officer", "party": "", "seniority": ""}


def test_a_council_that_ended_under_a_peer_is_no_problem_of_the_file():
    assert problems("email,council_code\na@example.org,X00000002", member(council=2)) == []


@pytest.mark.parametrize(("changes", "said"), [
    ({"state": "applied"}, "has applied"),
    ({"state": "left"}, "has left the pool"),
    ({"state": "turned_down"}, "turned down"),
    ({"active": False}, "is disabled"),
    ({"elsewhere": True}, "Ask an administrator"),
])  # fmt: skip
def test_people_whom_a_file_cannot_bring_in(changes, said):
    person = Member(**({"active": True, "full_name": "Ada", "state": "active"} | changes))
    found = checked(f"{HEADER}\n{LINE}", {"a@example.org": person})
    assert found.changes == []
    assert said in found.problems[0].message


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-5", "@sum", "=cmd|' /C calc'!A0"])
def test_what_a_spreadsheet_would_run_is_made_text_and_read_back(text):
    line = writing.as_csv([{"email": "a@example.org", "brings": text}]).split("\r\n")[1]
    assert f'"\'{text}"' in line
    assert cells.text(f"'{text}", longest=50) == text
    with pytest.raises(ValueError, match="formula"):
        cells.text(text, longest=50)
