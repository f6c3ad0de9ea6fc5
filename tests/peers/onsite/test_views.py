"""Pages of the visit: what the host never reads, who finds which page, and forms that lose nothing."""

import pytest

from cyber360.audit.models import AuditEvent
from peers.access import PEERS
from peers.acts import Act
from peers.challenges.queries import people_in_seat
from peers.evidence.services import record_opened
from peers.onsite import services
from peers.onsite.forms import ConversationForm, parse_attendee
from peers.onsite.models import Conversation, KeyLine, Note, ReadingConfirmation
from peers.stages import Stage
from tests.peers.evidence.conftest import make_link

SECRET = "Nobody has rehearsed the plan"
LINE = "Does the board know its worst day"
SESSION = "Team session on the board"


@pytest.fixture
def written(visit):
    """A conversation with a peer's note, a team session, a line of enquiry: all that could leak."""
    theme = visit.challenge.themes.first()
    visit.talk = visit.slot("Chief executive", 9, themes=[theme])
    visit.session = visit.slot(SESSION, 17, kind="team")
    visit.noted = visit.note(visit.cast.peer, SECRET, conversation=visit.talk)
    visit.line = services.raise_key_line(challenge=visit.challenge, by=visit.cast.peer, theme=theme, text=LINE)
    return visit


def paths(visit):
    talk, session = visit.talk.pk, visit.session.pk
    return ["", "desk/", "lines/add/", f"lines/{visit.line.pk}/", "my-day/", "confirm/", "slots/add/", "notes/",
            "notes/add/", f"notes/{visit.noted.pk}/", f"notes/{visit.noted.pk}/save/", "desk/read/",
            *(f"slots/{pk}/{rest}" for pk in (talk, session) for rest in ("", "edit/", "mark/", "note/", "note/save/")),
            ]  # fmt: skip


def test_outsiders_find_no_page_of_the_visit(written):
    for person in [*written.cast.outsiders.values(), written.cast.contributor]:
        client = written.cast.client_for(person)
        for path in paths(written):
            assert client.get(written.url(path)).status_code in {404, 405}, (person, path)
            assert client.post(written.url(path), {"text": "x", "version": 0}).status_code in {404, 405}, (person, path)
    assert Note.objects.get().text == SECRET


@pytest.mark.parametrize("stage", [Stage.DESK_REVIEW, Stage.ON_SITE, Stage.MODERATION, Stage.ISSUED, Stage.CLOSED])
@pytest.mark.parametrize("name", ["host_lead", "host_sponsor"])
def test_the_host_never_reads_a_note_a_line_or_a_team_session(written, name, stage):
    written.cast.at(stage)
    client = written.cast.client_for(getattr(written.cast, name))
    for path in paths(written):
        page = client.get(written.url(path)).content.decode()
        assert SECRET not in page, path
        assert LINE not in page, path
        assert SESSION not in page, path
    assert client.get(written.url()).status_code == 200
    for path in ("desk/", "notes/", f"slots/{written.session.pk}/", f"slots/{written.session.pk}/edit/"):
        assert client.get(written.url(path)).status_code in {403, 404}, path


def test_the_coordinator_sees_the_timetable_but_no_note(written):
    client = written.cast.client_for(written.cast.coordinator)
    assert client.get(written.url()).status_code == 200
    assert client.get(written.url("notes/")).status_code == 404
    assert SECRET not in client.get(written.url(f"slots/{written.talk.pk}/")).content.decode()


@pytest.mark.parametrize("name", ["lead_peer", "second_peer", "observer", "manager"])
def test_the_team_reads_notes_and_lines(written, name):
    client = written.cast.client_for(getattr(written.cast, name))
    assert SECRET in client.get(written.url("notes/")).content.decode()
    assert LINE in client.get(written.url("desk/")).content.decode()
    assert SESSION in client.get(written.url()).content.decode()


def test_a_note_of_another_peer_opens_in_nobodys_form(written):
    client = written.cast.client_for(written.cast.second_peer)
    assert client.get(written.url(f"notes/{written.noted.pk}/")).status_code == 404
    response = client.post(written.url(f"notes/{written.noted.pk}/save/"), {"text": "mine now", "version": 1})
    assert response.status_code == 404
    assert Note.objects.get(pk=written.noted.pk).text == SECRET


# --- forms
def slot_data(visit, **changes):
    day = visit.challenge.visit_first_day
    data = {"title": "Leader", "kind": "conversation", "time": "10:30", "minutes": "45", "version": ""}
    data |= {"day_day": day.day, "day_month": day.month, "day_year": day.year, "attendees": "Leader: Cllr Jo Reed"}
    return data | changes


def test_a_slot_is_added_and_changed_through_the_page(visit):
    client = visit.cast.client_for(visit.cast.host_lead)
    assert client.post(visit.url("slots/add/"), slot_data(visit)).status_code == 302
    slot = Conversation.objects.get()
    assert (slot.starts_at, slot.attendees.get().name) == (visit.moment(10, 30), "Cllr Jo Reed")
    assert client.get(visit.url(f"slots/{slot.pk}/edit/")).status_code == 200
    stale = slot_data(visit, title="Mine", version=slot.version)
    assert client.post(visit.url(f"slots/{slot.pk}/edit/"), stale).status_code == 302
    page = client.post(visit.url(f"slots/{slot.pk}/edit/"), stale | {"title": "Typed in the old tab"})
    assert page.status_code == 409
    assert "Typed in the old tab" in page.content.decode()
    assert Conversation.objects.get().title == "Mine"


@pytest.mark.parametrize(
    ("day", "time", "good"),
    [((28, 3, 2027), "01:30", False), ((28, 3, 2027), "02:30", True), ((31, 10, 2027), "01:30", True)],
)
def test_the_hour_that_the_spring_change_skips_does_not_exist(visit, day, time, good):
    data = slot_data(visit, time=time) | dict(zip(("day_day", "day_month", "day_year"), day, strict=True))
    themes = visit.challenge.themes.all()
    form = ConversationForm(data, team=people_in_seat(visit.challenge, PEERS), themes=themes)
    assert form.is_valid() is good
    if not good:
        assert "does not exist" in str(form.errors["time"])


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Leader", ("Leader", "", "")),
        ("Leader: Jo Reed", ("Leader", "Jo Reed", "")),
        (
            " S151:  Ada   Marsh , Director of Finance, Resources",
            ("S151", "Ada Marsh", "Director of Finance, Resources"),
        ),
    ],
)
def test_attendees_are_lines_of_role_name_and_job(line, parts):
    assert tuple(parse_attendee(line).values()) == parts


def test_a_note_is_saved_and_an_old_tab_shows_both_texts(written):
    client = written.cast.client_for(written.cast.peer)
    url = written.url(f"slots/{written.talk.pk}/note/")
    assert client.post(url, {"text": "Second thoughts", "version": 1}).status_code == 302
    page = client.post(url, {"text": "Typed elsewhere", "version": 1})
    text = page.content.decode()
    assert page.status_code == 409
    assert "Second thoughts" in text
    assert "Typed elsewhere" in text
    assert Note.objects.get().text == "Second thoughts"


def test_autosave_gives_the_next_version_and_refuses_an_old_one(written):
    client = written.cast.client_for(written.cast.peer)
    url = written.url(f"slots/{written.talk.pk}/note/save/")
    saved = client.post(url, {"text": "typed on", "version": 1})
    assert (saved.status_code, saved.json()["version"]) == (200, 2)
    clash = client.post(url, {"text": "typed elsewhere", "version": 1})
    assert clash.status_code == 409
    assert "typed on" in clash.content.decode()
    assert client.post(url, {"text": "x"}).status_code == 400
    assert client.get(url).status_code == 405


def test_the_first_autosave_begins_a_note(visit):
    slot = visit.slot()
    client = visit.cast.client_for(visit.cast.peer)
    url = visit.url(f"slots/{slot.pk}/note/save/")
    assert client.post(url, {"text": "one", "version": 0}).json()["version"] == 1
    assert client.post(url, {"text": "two", "version": 1}).json()["version"] == 2
    assert client.post(url, {"text": "another tab", "version": 0}).status_code == 409
    assert Note.objects.get().text == "two"


def test_marking_and_confirming_through_the_pages(visit):
    slot = visit.slot()
    client = visit.cast.client_for(visit.cast.lead_peer)
    assert client.post(visit.url("confirm/")).status_code == 302
    assert client.post(visit.url(f"slots/{slot.pk}/mark/"), {"state": "moved", "reason": ""}).status_code == 200
    assert client.post(visit.url(f"slots/{slot.pk}/mark/"), {"state": "held"}).status_code == 302
    slot.refresh_from_db()
    assert slot.state == "held"


def test_lines_and_reading_through_the_desk(cast):
    cast.at(Stage.DESK_REVIEW)
    client = cast.client_for(cast.peer)
    stem = f"/challenges/{cast.challenge.ref}/visit/"
    theme = cast.challenge.themes.first().pk
    assert client.post(f"{stem}lines/add/", {"theme": theme, "text": LINE}).status_code == 302
    line = KeyLine.objects.get()
    data = {"theme": theme, "text": "Anew", "state": "answered", "version": 1}
    assert client.post(f"{stem}lines/{line.pk}/", data).status_code == 302
    assert client.post(f"{stem}lines/{line.pk}/", data).status_code == 409
    assert client.post(f"{stem}desk/read/").status_code == 302
    assert "Peer" in client.get(f"{stem}desk/").content.decode()


def test_a_peer_sees_how_much_they_opened_and_takes_it_back(cast):
    paper = make_link(cast.challenge)
    make_link(cast.challenge, title="Another page")
    cast.at(Stage.DESK_REVIEW)
    record_opened(item=paper, by=cast.peer)
    client, desk = cast.client_for(cast.peer), f"/challenges/{cast.challenge.ref}/visit/desk/"
    assert "You have opened 1 of 2 items" in client.get(desk).content.decode()
    assert "You have opened" not in cast.client_for(cast.observer).get(desk).content.decode()
    client.post(f"{desk}read/")
    cast.client_for(cast.second_peer).post(f"{desk}read/", {"back": "1"})  # takes back nobody else's
    assert "Take back that I have read it" in client.get(desk).content.decode()
    for _again in range(2):
        assert client.post(f"{desk}read/", {"back": "1"}).status_code == 302
    assert not ReadingConfirmation.objects.exists()
    assert AuditEvent.objects.filter(act=Act.READING_CONFIRM, detail__taken_back=True).count() == 1
    assert "I have read this" in client.get(desk).content.decode()


@pytest.mark.parametrize("path", ["", "my-day/", "notes/"])
def test_a_full_timetable_costs_no_more_queries_than_a_short_one(visit, path, django_assert_max_num_queries):
    client = visit.cast.client_for(visit.cast.peer)
    counts = []
    for wanted in (1, 20):
        while (n := Conversation.objects.count()) < wanted:
            slot = visit.slot(f"Slot {n}", hour=n, minutes=30, attendees=[{"role": "Officer", "name": f"N {n}"}],
                              peers=[(visit.cast.peer, "asks")], themes=visit.challenge.themes.all())  # fmt: skip
            visit.note(visit.cast.peer, f"Note {n}", conversation=slot)
        client.get(visit.url(path))
        with django_assert_max_num_queries(30) as asked:
            assert client.get(visit.url(path)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1], counts
