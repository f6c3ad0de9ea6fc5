"""Peers from a file: nothing before the yes, the same twice, everything on the record."""

import datetime
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NoSeat
from cyber360.notify.models import OutboxMail
from peers.access import SeatName, seats_on
from peers.pool import services
from peers.pool.forms import packed
from peers.pool.models import PeerProfile
from tests.factories.worlds import make_council

HEADER = "email,full_name,council_code,kind_of_peer,skills,days_offered"


@pytest.fixture
def codes(cast):
    return [make_council(f"Mere {number}").gss_code for number in range(3)]


def people(codes, count=3, skills="T1 strong; T8 some", days=4):
    lines = [f"p{n}@example.org,Peer {n},{codes[n % len(codes)]},officer,{skills},{days}" for n in range(count)]
    return "\n".join([HEADER, *lines]).encode()


def take(cast, raw, **wanted):
    return services.import_peers(raw=raw, programme=cast.programme, by=cast.coordinator, **wanted)


def in_file():
    return PeerProfile.objects.filter(user__email__regex=r"^p\d+@")


def test_checking_writes_nothing(cast, codes):
    before = AuditEvent.objects.count()
    report = services.check_peers(raw=people(codes), by=cast.coordinator)
    assert (report.new, report.changed, report.same, report.left_out, report.written) == (3, 0, 0, 0, False)
    assert not User.objects.filter(email="p0@example.org").exists()
    assert AuditEvent.objects.count() == before


def test_people_come_in_with_seat_skills_and_home_and_without_a_mail(cast, codes):
    mails = OutboxMail.objects.count()
    assert take(cast, people(codes)).written
    profile = PeerProfile.objects.get(user__email="p0@example.org")
    assert (profile.state, profile.days_offered, profile.approved_by) == ("invited", 4, cast.coordinator)
    assert {row.theme_code: row.level for row in profile.skills.all()} == {"T1": "strong", "T8": "some"}
    assert seats_on(profile.user) == {SeatName.POOL_PEER}
    assert [row.council_id for row in profile.homes.all()] == [profile.council_id]
    assert OutboxMail.objects.count() == mails
    assert AuditEvent.objects.filter(object_id=str(profile.pk), object_type="peerprofile", act="pool.edit").exists()
    whole = AuditEvent.objects.filter(object_label="Import of peers from a file").get()
    assert whole.detail == {"new": 3, "changed": 0, "left_out": 0, "told": 0}


def test_the_same_file_twice_changes_nothing(cast, codes):
    take(cast, people(codes))
    before = list(in_file().order_by("pk").values())
    again = take(cast, people(codes))
    assert (again.new, again.changed, again.same) == (0, 0, 3)
    assert list(in_file().order_by("pk").values()) == before


def test_mail_goes_out_only_when_ticked_and_once_to_each(cast, codes):
    take(cast, people(codes))
    assert take(cast, people(codes), tell=True).told == 3
    assert OutboxMail.objects.filter(address__regex=r"^p\d+@").count() == 3
    assert take(cast, people(codes), tell=True).told == 0


def test_one_bad_line_stops_all_until_the_good_ones_are_chosen(cast, codes):
    raw = people(codes) + b"\nbad@example.org,Bad,X99999999,officer,,"
    report = take(cast, raw)
    assert (report.written, in_file().count()) == (False, 0)
    report = take(cast, raw, skip_bad=True)
    assert (report.written, report.new, report.left_out, in_file().count()) == (True, 3, 1, 3)
    assert not User.objects.filter(email="bad@example.org").exists()


def test_an_update_changes_what_the_file_says_and_nothing_else(cast, codes):
    take(cast, people(codes))
    profile = PeerProfile.objects.get(user__email="p0@example.org")
    services.edit_profile(profile=profile, by=profile.user, version=1, biography="My own words", access_needs="A loop")
    report = take(cast, f"email,days_offered,council_code\np0@example.org,9,{codes[1]}".encode())
    assert (report.new, report.changed) == (0, 1)
    old = profile.council
    profile.refresh_from_db()
    assert (profile.days_offered, profile.biography, profile.access_needs) == (9, "My own words", "A loop")
    assert profile.council.gss_code == codes[1]
    assert {row.council_id: row.ends_on is None for row in profile.homes.all()} == {
        old.pk: False, profile.council_id: True,
    }  # fmt: skip


def test_an_account_without_a_place_gets_one_and_keeps_its_name(cast, codes):
    raw = f"{HEADER}\n{cast.stranger.email},Another Name,{codes[0]},officer,,".encode()
    assert take(cast, raw).new == 1
    cast.stranger.refresh_from_db()
    assert (cast.stranger.full_name, cast.stranger.peer_profile.state) == ("Stranger", "invited")


def test_two_councils_with_one_former_code(cast):
    for name in ("Eastmere", "Westmere"):
        make_council(name, former_gss_code="X77777777")
    raw = f"{HEADER}\np0@example.org,Peer,X77777777,officer,,".encode()
    report = services.check_peers(raw=raw, by=cast.coordinator)
    assert "2 councils once had the code" in report.checked.problems[0].message


@pytest.mark.parametrize("who", ["pool_peer", "host_lead", "manager", "administrator", "superuser", "stranger"])
def test_only_a_coordinator_imports(cast, codes, who):
    with pytest.raises(NoSeat):
        services.import_peers(raw=people(codes), programme=cast.programme, by=getattr(cast, who))
    with pytest.raises(NoSeat):
        services.check_peers(raw=people(codes), by=getattr(cast, who))
    client = cast.client_for(getattr(cast, who))
    for name in ("import", "import_empty", "export"):
        assert client.get(reverse(f"pool:{name}")).status_code == 404
    assert client.post(reverse("pool:import_take"), {"packed": packed(people(codes))}).status_code == 404
    assert in_file().count() == 0


@pytest.mark.slow
def test_three_hundred_people_take_seconds(cast, codes):
    started = time.perf_counter()
    assert take(cast, people(codes, 300)).new == 300
    assert time.perf_counter() - started < 20  # about 3 s on a quiet machine


def test_checking_costs_the_same_for_three_and_three_hundred(cast, codes, django_assert_max_num_queries):
    take(cast, people(codes))
    with django_assert_max_num_queries(15) as few:
        services.check_peers(raw=people(codes), by=cast.coordinator)
    with django_assert_max_num_queries(len(few.captured_queries)):
        services.check_peers(raw=people(codes, 300), by=cast.coordinator)


# --- the pages ------------------------------------------------------------------------------------
def upload(cast, raw):
    file = SimpleUploadedFile("peers.csv", raw, content_type="text/csv")
    return cast.client_for(cast.coordinator).post(reverse("pool:import"), {"file": file})


def test_check_then_take_through_the_pages(cast, codes):
    page = upload(cast, people(codes))
    assert "3 new, 0 changed, 0 the same" in page.content.decode()
    assert in_file().count() == 0
    client = cast.client_for(cast.coordinator)
    answer = client.post(reverse("pool:import_take"), {"packed": packed(people(codes))})
    assert (answer.status_code, answer.url) == (302, reverse("pool:list"))
    assert in_file().count() == 3


def test_a_file_with_problems_shows_them_and_is_not_taken_by_a_plain_press(cast, codes):
    raw = people(codes) + b"\nbad@example.org,Bad,X99999999,officer,,"
    text = upload(cast, raw).content.decode()
    assert "Take the good lines" in text
    assert "X99999999" in text
    client = cast.client_for(cast.coordinator)
    assert client.post(reverse("pool:import_take"), {"packed": packed(raw)}).status_code == 200
    assert in_file().count() == 0
    assert client.post(reverse("pool:import_take"), {"packed": packed(raw), "skip": "1"}).status_code == 302
    assert in_file().count() == 3


@pytest.mark.parametrize("raw", [b"", b"\x00" * 100, b"x" * (3 * 1024 * 1024)])
def test_files_that_are_no_lists_of_people_get_a_page(cast, raw):
    page = upload(cast, raw)
    assert page.status_code in {200, 413}
    assert in_file().count() == 0


def test_ten_megabytes_get_a_page(cast):
    assert upload(cast, b"a@example.org\n" * 750_000).status_code in {200, 413}


@pytest.mark.parametrize("text", ["", "?", "eJwrSS0uUShJrSgBABQtA+k=x", packed(b"")[:-6]])
def test_a_checked_file_that_was_tampered_with_is_asked_for_again(cast, text):
    answer = cast.client_for(cast.coordinator).post(reverse("pool:import_take"), {"packed": text})
    assert (answer.status_code, answer.url) == (302, reverse("pool:import"))


def test_the_columns_stand_on_the_page(cast):
    text = cast.client_for(cast.coordinator).get(reverse("pool:import")).content.decode()
    assert "training_expires_on" in text


def test_the_empty_file_holds_the_columns_and_nobody(cast):
    raw = cast.client_for(cast.coordinator).get(reverse("pool:import_empty")).content
    report = services.check_peers(raw=raw, by=cast.coordinator)
    assert [str(row.message) for row in report.checked.problems] == [
        "The file names its columns and nobody below them."
    ]


def test_the_export_reads_back_as_no_change(cast, codes):
    raw = people(codes)
    take(cast, raw)
    profile = PeerProfile.objects.get(user__email="p1@example.org")
    services.edit_profile(
        profile=profile, by=cast.coordinator, version=1, biography="=HYPERLINK(1)\nSecond line", can_lead=True,
        known=[("unitary", "small")], training_done_on=datetime.date(2026, 1, 2), access_needs="Secret needs",
    )  # fmt: skip
    answer = cast.client_for(cast.coordinator).get(reverse("pool:export"))
    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Disposition"] == 'attachment; filename="peers.csv"'
    assert "\"'=HYPERLINK(1)" in text
    assert "Secret needs" not in text
    report = services.check_peers(raw=answer.content, by=cast.coordinator)
    assert (report.new, report.changed, report.checked.problems) == (0, 0, [])
    assert report.same == PeerProfile.objects.count()
    assert AuditEvent.objects.filter(act="pool.read", object_label="peers.csv").count() == 1


def test_the_export_keeps_the_filters_and_a_fixed_number_of_queries(cast, codes, django_assert_max_num_queries):
    take(cast, people(codes))
    client = cast.client_for(cast.coordinator)
    path = reverse("pool:export")
    assert client.get(path, {"q": "Peer 1"}).content.decode().count("@example.org") == 1
    with django_assert_max_num_queries(20) as few:
        client.get(path)
    take(cast, people(codes, 40))
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(path)
