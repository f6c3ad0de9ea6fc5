"""The import of the shipped directory and of bad files, and a coordinator's corrections."""

import csv
import datetime
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NoSeat, StaleVersion
from peers.acts import Act
from peers.councils.models import Council, CouncilNeighbour, CouncilSuccession
from peers.councils.services import edit_council, import_directory
from tests.factories.worlds import make_council

FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "councils"
TODAY = datetime.date(2026, 11, 22)
# Published facts: 317 principal councils of England and 22 of Wales since 1 April 2023.
ENGLAND, WALES = 317, 22


def rows(name: str) -> list[dict[str, str]]:
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def directory(db):
    out = io.StringIO()
    call_command("import_councils", stdout=out)
    return out.getvalue()


def test_the_shipped_directory_holds_all_principal_councils_of_today(directory):
    principal = Council.objects.on(TODAY).principal()
    other = {"combined_authority", "strategic_authority"}
    of_file = [row for row in rows("councils.csv") if row["kind"] not in other]
    of_file = [row for row in of_file if not row["last_day"] or row["last_day"] >= TODAY.isoformat()]
    assert principal.count() == len(of_file) == ENGLAND + WALES == 339
    assert principal.filter(nation="England").count() == ENGLAND
    assert principal.filter(nation="Wales").count() == WALES


def test_everything_of_the_files_arrives(directory):
    assert Council.objects.count() == len(rows("councils.csv"))
    assert CouncilNeighbour.objects.count() == len(rows("neighbours.csv"))
    assert CouncilSuccession.objects.count() == len(rows("reorganisations.csv"))
    assert "councils: 405 new, 0 changed, 0 as before, 0 left out" in directory


def test_a_council_is_a_dated_record(directory):
    before, after = datetime.date(2023, 3, 31), datetime.date(2023, 4, 1)
    county, unitary = Council.objects.get(slug="somerset-county-to-2023"), Council.objects.get(slug="somerset")
    assert county in Council.objects.on(before)
    assert county not in Council.objects.on(after)
    assert unitary in Council.objects.on(after)
    assert (county.exists_on(before), county.exists_on(after), unitary.exists_on(before)) == (True, False, False)
    assert list(county.successions.values_list("successor__slug", "on")) == [("somerset", after)]


def test_surrey_is_followed_by_councils_without_a_code(directory):
    successions = Council.objects.get(slug="surrey").successions.all()
    assert {row.successor_name for row in successions} == {"East Surrey Council", "West Surrey Council"}
    assert {row.on for row in successions} == {datetime.date(2027, 4, 1)}


def test_every_link_of_a_county_and_authority_is_kept(directory):
    for row in rows("councils.csv"):
        council = Council.objects.select_related("parent", "combined_authority").get(gss_code=row["code"])
        parent, authority = council.parent, council.combined_authority
        assert (parent.gss_code if parent else "") == row["county_code"]
        assert (authority.gss_code if authority else "") == row["combined_authority_code"]


def test_importing_again_changes_nothing(directory):
    versions = dict(Council.objects.values_list("pk", "version"))
    out = io.StringIO()
    call_command("import_councils", stdout=out)
    assert "councils: 0 new, 0 changed, 405 as before" in out.getvalue()
    assert "neighbours: 0 new, 0 changed, 1272 as before" in out.getvalue()
    assert "reorganisations: 0 new, 0 changed, 65 as before" in out.getvalue()
    assert dict(Council.objects.values_list("pk", "version")) == versions


def test_import_needs_few_queries(db, django_assert_max_num_queries):
    files = {name: (FIXTURES / f"{name}.csv").read_bytes() for name in ("councils", "neighbours", "reorganisations")}
    with django_assert_max_num_queries(500):
        import_directory(**files)


def test_dry_run_writes_nothing(db):
    out = io.StringIO()
    call_command("import_councils", dry_run=True, stdout=out)
    assert "405 new" in out.getvalue()
    assert "nothing was written" in out.getvalue()
    assert Council.objects.count() == CouncilNeighbour.objects.count() == AuditEvent.objects.count() == 0


def test_if_empty_keeps_what_a_coordinator_corrected(directory):
    Council.objects.filter(slug="surrey").update(website="corrected.example.org")
    out = io.StringIO()
    call_command("import_councils", if_empty=True, stdout=out)
    assert "nothing was changed" in out.getvalue()
    assert Council.objects.get(slug="surrey").website == "corrected.example.org"


HEAD = "code,name,kind,population_2020\n"


def test_nothing_is_written_when_a_row_is_bad(db, tmp_path):
    file = tmp_path / "councils.csv"
    file.write_text(HEAD + "E06000001,Northmere,unitary,5\nE06000002,Southmere,parish,5\n")
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="1 problems; nothing was written"):
        call_command("import_councils", str(file), stdout=out, stderr=err)
    assert "councils, line 3, kind: “parish” is not known here." in err.getvalue()
    assert Council.objects.count() == 0


def test_skip_bad_writes_the_rest(db, tmp_path):
    file = tmp_path / "councils.csv"
    file.write_text(HEAD + "E06000001,Northmere,unitary,5\nE06000002,Southmere,parish,5\n")
    out = io.StringIO()
    call_command("import_councils", str(file), skip_bad=True, stdout=out, stderr=io.StringIO())
    assert list(Council.objects.values_list("gss_code", "slug")) == [("E06000001", "northmere")]
    assert "1 new, 0 changed, 0 as before, 1 left out" in out.getvalue()


def test_a_missing_file_is_said_plainly(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_councils", str(tmp_path / "none.csv"))


def test_a_file_changes_only_the_columns_it_has(db):
    council = make_council("Northmere", gss_code="E06000001", website="example.org", population=1)
    import_directory(councils=(HEAD + "E06000001,Northmere,unitary,7\n").encode())
    council.refresh_from_db()
    assert (council.population, council.website, council.version, council.slug[:9]) == (
        7,
        "example.org",
        2,
        "northmere",
    )


def test_a_former_code_finds_the_same_council(db):
    council = make_council("Northmere", gss_code="E08000038", former_gss_code="E08000016")
    import_directory(councils=(HEAD + "E08000016,Northmere,metropolitan_borough,7\n").encode())
    council.refresh_from_db()
    assert (Council.objects.count(), council.gss_code, council.population) == (1, "E08000038", 7)


def test_two_councils_may_swap_addresses(db):
    first = make_council("A", gss_code="E06000001", slug="a")
    second = make_council("B", gss_code="E06000002", slug="b")
    raw = b"code,name,kind,slug\nE06000001,A,unitary,b\nE06000002,B,unitary,a\n"
    report = import_directory(councils=raw)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (report.problems, first.slug, second.slug) == ([], "b", "a")


def test_a_name_that_is_taken_gets_its_own_address(db):
    import_directory(councils=(HEAD + "E06000001,Mere,unitary,1\nE10000001,Mere,county,1\n").encode())
    assert sorted(Council.objects.values_list("slug", flat=True)) == ["mere", "mere-e10000001"]


def test_the_import_is_recorded(directory):
    event = AuditEvent.objects.get(act=Act.COUNCIL_EDIT)
    assert event.detail == {"councils": [405, 0, 0], "neighbours": [1272, 0, 0], "reorganisations": [65, 0, 0]}


def test_a_person_imports_only_with_the_right(cast):
    raw = (HEAD + "E06000001,Mere,unitary,1\n").encode()
    for person in (cast.host_lead, cast.peer, cast.editor, cast.superuser, cast.stranger):
        with pytest.raises(NoSeat):
            import_directory(councils=raw, by=person)
    assert import_directory(councils=raw, by=cast.coordinator).written


# --- corrections ----------------------------------------------------------------------------------------
def values(council: Council, **changes):
    names = ("version", "official_name", "website", "population", "ends_on", "combined_authority")
    return {name: getattr(council, name) for name in names} | changes


def test_a_coordinator_corrects_facts_and_it_is_recorded(cast):
    council = cast.challenge.council
    saved = edit_council(council=council, by=cast.coordinator, **values(council, population=12345))
    assert (saved.population, saved.version) == (12345, 2)
    event = AuditEvent.objects.get(act=Act.COUNCIL_EDIT)
    assert (event.seat, event.detail) == ("coordinator", {"changed": ["population"]})


def test_nobody_else_corrects_facts(cast):
    council = cast.challenge.council
    for person in (cast.host_lead, cast.manager, cast.lead_peer, cast.editor, cast.superuser, cast.stranger):
        with pytest.raises(NoSeat):
            edit_council(council=council, by=person, **values(council, population=1))


def test_the_second_of_two_editors_is_told(cast):
    council = cast.challenge.council
    edit_council(council=council, by=cast.coordinator, **values(council, population=1))
    with pytest.raises(StaleVersion) as stale:
        edit_council(council=council, by=cast.coordinator, **values(council, population=2))
    assert stale.value.current.population == 1


def test_saving_without_a_change_is_no_event(cast):
    council = cast.challenge.council
    edit_council(council=council, by=cast.coordinator, **values(council))
    assert not AuditEvent.objects.filter(act=Act.COUNCIL_EDIT).exists()
