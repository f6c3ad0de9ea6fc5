import datetime

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from peers.acts import Act
from peers.onsite import queries, services
from peers.onsite.models import Conversation, ConversationPeer, KeyLine, Note, ReadingConfirmation
from peers.stages import Stage

State = Conversation.State


def events(act):
    return AuditEvent.objects.filter(act=act).count()


# --- reading and key lines
def test_reading_is_confirmed_once(cast):
    cast.at(Stage.DESK_REVIEW)
    for _press in range(2):
        services.confirm_reading(challenge=cast.challenge, by=cast.peer)
    assert ReadingConfirmation.objects.get().owner == cast.peer
    assert events(Act.READING_CONFIRM) == 1
    waiting = [blocker.sentence for blocker in queries.unread_packs(cast.challenge)]
    assert len(waiting) == 2
    assert all("Lead Peer" in sentence or "Second Peer" in sentence for sentence in waiting)


@pytest.mark.parametrize("name", ["observer", "host_lead", "manager"])
def test_only_peers_confirm_reading(cast, name):
    cast.at(Stage.DESK_REVIEW)
    with pytest.raises(NoSeat):
        services.confirm_reading(challenge=cast.challenge, by=getattr(cast, name))


def test_a_key_line_is_of_a_theme_in_scope(visit):
    inside, outside = visit.challenge.themes.order_by("place")
    visit.challenge.themes.remove(outside)
    line = services.raise_key_line(challenge=visit.challenge, by=visit.cast.peer, theme=inside, text="Who decides?")
    assert line.raised_by == visit.cast.peer
    with pytest.raises(NoSeat):
        services.raise_key_line(challenge=visit.challenge, by=visit.cast.peer, theme=outside, text="Who decides?")
    with pytest.raises(NoSeat):
        services.edit_key_line(line=line, by=visit.cast.peer, version=1, theme=outside, text="Who?")


def test_an_old_copy_of_a_key_line_is_refused(visit):
    theme = visit.challenge.themes.first()
    line = services.raise_key_line(challenge=visit.challenge, by=visit.cast.peer, theme=theme, text="Who decides?")
    services.edit_key_line(line=line, by=visit.cast.second_peer, version=1, theme=theme, text="Who is told?")
    with pytest.raises(StaleVersion) as stale:
        services.edit_key_line(line=line, by=visit.cast.peer, version=1, theme=theme, text="Who pays?")
    assert stale.value.current.text == "Who is told?"
    assert KeyLine.objects.get().version == 2


# --- the timetable
def test_two_slots_with_one_person_clash(visit):
    asks = [(visit.cast.peer, ConversationPeer.Part.ASKS)]
    slots = [visit.slot("First", 9, peers=asks), visit.slot("Second", 9, 30, peers=asks)]
    assert queries.clashes_of(slots) == ["Peer is in “First” and in “Second” at the same time."]
    with pytest.raises(BadInput, match="at the same time"):
        services.confirm_timetable(challenge=visit.challenge, by=visit.cast.lead_peer)


@pytest.mark.parametrize(("minute", "clashing"), [(45, True), (59, True), (0, False)])
def test_a_person_needs_a_quarter_of_an_hour_between_slots(visit, minute, clashing):
    who = [{"role": "Section 151 officer", "name": "Ada Marsh"}]
    hour = 9 if minute else 10
    slots = [visit.slot("First", 9, attendees=who), visit.slot("Second", hour, minute, attendees=who)]
    assert bool(queries.clashes_of(slots)) is clashing
    if clashing:
        assert "less than 15 minutes" in queries.clashes_of(slots)[0]


def test_roles_without_a_name_never_clash_nor_does_a_cancelled_slot(visit):
    role = [{"role": "Councillor"}]
    slots = [visit.slot("First", attendees=role), visit.slot("Second", attendees=role)]
    assert queries.clashes_of(slots) == []
    asks = [(visit.cast.peer, "asks")]
    third, fourth = visit.slot("Third", 14, peers=asks), visit.slot("Fourth", 14, peers=asks)
    services.mark_conversation(conversation=third, by=visit.cast.peer, state="cancelled", reason="Ill.")
    third.refresh_from_db()
    assert queries.clashes_of([third, fourth]) == []


def test_only_peers_of_this_challenge_take_part(visit):
    with pytest.raises(BadInput, match="not on the team"):
        visit.slot(peers=[(visit.cast.pool_peer, "asks")])
    assert not Conversation.objects.exists(), "the slot must not be half made"


def test_a_change_voids_the_confirmation_and_a_moved_time_is_proposed_again(visit):
    slot = visit.slot()
    services.confirm_timetable(challenge=visit.challenge, by=visit.cast.lead_peer)
    services.confirm_timetable(challenge=visit.challenge, by=visit.cast.manager)
    assert events(Act.TIMETABLE_CONFIRM) == 1
    slot.refresh_from_db()
    assert (slot.state, queries.is_confirmed(visit.challenge)) == (State.CONFIRMED, True)
    changed = services.edit_conversation(
        conversation=slot,
        by=visit.cast.host_lead,
        version=slot.version,
        title="Chief executive",
        starts_at=visit.moment(11),
        minutes=45,
        kind="conversation",
    )
    assert (changed.state, queries.is_confirmed(visit.challenge)) == (State.PROPOSED, False)


def test_an_empty_timetable_is_not_confirmed_and_blocks_the_visit(cast):
    cast.at(Stage.DESK_REVIEW)
    with pytest.raises(BadInput, match="empty"):
        services.confirm_timetable(challenge=cast.challenge, by=cast.lead_peer)
    assert "no conversation" in queries.timetable_gaps(cast.challenge)[0].sentence


def test_a_held_conversation_no_longer_changes(visit):
    slot = services.mark_conversation(conversation=visit.slot(), by=visit.cast.peer, state="held")
    with pytest.raises(BadInput, match="held"):
        services.edit_conversation(
            conversation=slot, by=visit.cast.manager, version=slot.version, title="x", starts_at=slot.starts_at,
            minutes=45, kind="conversation",
        )  # fmt: skip


@pytest.mark.parametrize(("state", "reason", "good"), [
    ("held", "", True), ("moved", "", False), ("moved", "Flood.", True), ("cancelled", " ", False),
    ("cancelled", "Ill.", True), ("proposed", "x", False), ("nonsense", "x", False),
])  # fmt: skip
def test_marking_needs_a_reason_unless_held(visit, state, reason, good):
    slot = visit.slot()
    if not good:
        with pytest.raises(BadInput):
            services.mark_conversation(conversation=slot, by=visit.cast.peer, state=state, reason=reason)
        return
    assert services.mark_conversation(conversation=slot, by=visit.cast.peer, state=state, reason=reason).state == state
    assert queries.unsettled_conversations(visit.challenge) == []


def test_hosts_do_not_mark_and_nobody_marks_before_the_visit(visit):
    slot = visit.slot()
    with pytest.raises(NoSeat):
        services.mark_conversation(conversation=slot, by=visit.cast.host_lead, state="held")
    visit.cast.at(Stage.DESK_REVIEW)
    slot.refresh_from_db()
    with pytest.raises(NotNow):
        services.mark_conversation(conversation=slot, by=visit.cast.peer, state="held")


def test_counts_for_the_report_count_a_named_person_once(visit):
    who = [{"role": "Section 151 officer", "name": "Ada Marsh"}, {"role": "Councillor"}]
    for hour in (9, 11):
        slot = visit.slot(hour=hour, attendees=who)
        services.mark_conversation(conversation=slot, by=visit.cast.peer, state="held")
    visit.slot(hour=14, attendees=who)
    assert queries.counts_for_report(visit.challenge) == {"conversations": 2, "people": 3}


def test_slots_stand_under_their_uk_day(visit):
    summer = datetime.datetime(2027, 6, 30, 23, 30, tzinfo=datetime.UTC)
    slot = services.add_conversation(
        challenge=visit.challenge, by=visit.cast.manager, title="Late", starts_at=summer, minutes=45
    )
    assert queries.days_of([slot])[0].date == datetime.date(2027, 7, 1)


# --- notes
def test_a_peer_has_one_note_on_a_conversation(visit):
    slot = visit.slot()
    first = visit.note(visit.cast.peer, "One", conversation=slot)
    again = visit.note(visit.cast.peer, "Two", conversation=slot, version=first.version)
    assert (again.pk, again.version, Note.objects.count()) == (first.pk, 2, 1)
    visit.note(visit.cast.second_peer, "Mine", conversation=slot)
    assert Note.objects.count() == 2


def test_two_tabs_on_a_note_lose_nothing(visit):
    slot = visit.slot()
    visit.note(visit.cast.peer, "From the first tab", conversation=slot)
    with pytest.raises(StaleVersion) as stale:
        visit.note(visit.cast.peer, "From the second tab", conversation=slot, version=0)
    assert stale.value.current.text == "From the first tab"
    assert Note.objects.get().text == "From the first tab"


def test_nobody_writes_in_anothers_note(visit):
    note = visit.note(visit.cast.peer, "Mine")
    with pytest.raises(NoSeat):
        visit.note(visit.cast.second_peer, "Theirs", note=note, version=1)
    with pytest.raises(NoSeat):
        visit.note(visit.cast.lead_peer, "Theirs", note=note, version=0)


def test_a_note_stays_in_its_challenge(visit):
    slot = visit.slot()
    slot.challenge = visit.cast.other_challenge
    slot.save()
    with pytest.raises(NoSeat):
        visit.note(visit.cast.peer, "x", conversation=slot)


def test_a_note_too_long_is_refused_whole(visit):
    with pytest.raises(BadInput):
        visit.note(visit.cast.peer, "x" * 20001)
    assert not Note.objects.exists()


def test_a_note_does_not_reach_the_audit_trail(visit):
    visit.note(visit.cast.peer, "The plan is a secret of the finance team")
    assert "secret" not in str(list(AuditEvent.objects.filter(act=Act.NOTE_WRITE).values()))


# --- tasks
def test_tasks_of_the_visit_are_three_queries_for_any_number(cast, django_assert_max_num_queries):
    cast.at(Stage.ON_SITE)
    slot = services.add_conversation(
        challenge=cast.challenge, by=cast.manager, title="Past", minutes=45,
        starts_at=timezone.now() - datetime.timedelta(hours=3), peers=[(cast.peer, "asks")],
    )  # fmt: skip
    assert [task.kind for task in queries.tasks_for(cast.peer, [cast.challenge])] == ["visit"]
    services.mark_conversation(conversation=slot, by=cast.peer, state="held")
    assert queries.tasks_for(cast.peer, [cast.challenge]) == []
    cast.at(Stage.DESK_REVIEW)
    cast.lead_peer.seat_cache = {}
    rows = list(type(cast.challenge).objects.filter(pk=cast.challenge.pk).prefetch_related("key_dates", "council"))
    queries.tasks_for(cast.lead_peer, rows)
    with django_assert_max_num_queries(3):
        assert len(queries.tasks_for(cast.lead_peer, rows * 20)) == 40
