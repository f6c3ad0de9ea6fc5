"""Findings: drafted with their sources, decided once, their history kept; the feedback presentation."""

import datetime

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from peers.acts import Act
from peers.findings import queries, services
from peers.findings.models import Feedback, Finding
from peers.stages import Stage

from .conftest import SECRET, add_item, add_slot, draft

NOT_WRITERS = (
    "host_lead",
    "host_sponsor",
    "contributor",
    "observer",
    "coordinator",
    "stranger",
    "other_host",
    "superuser",
)
NOT_DECIDERS = ("peer", "second_peer", *NOT_WRITERS)


class TestDraft:
    def test_by_peer_and_manager(self, board):
        assert board.finding.state == "captured"
        assert draft(board.cast, by=board.cast.manager).author == board.cast.manager

    @pytest.mark.parametrize("who", NOT_WRITERS)
    def test_by_nobody_else(self, board, who):
        with pytest.raises(NoSeat):
            draft(board.cast, by=getattr(board.cast, who))

    def test_the_trail_holds_no_words(self, board):
        event = AuditEvent.objects.get(act=Act.FINDING_WRITE)
        assert SECRET not in f"{event.object_label}{event.detail}"

    def test_only_sources_of_this_challenge_that_the_author_may_read(self, board):
        cast, other = board.cast, board.cast.other_challenge
        mine, foreign = add_slot(board.challenge), add_slot(other)
        released = add_item(board.challenge, cast.host_lead)
        withdrawn = add_item(
            board.challenge, cast.host_lead, title="Old", state="withdrawn", withdrawn_reason="Wrong",
            withdrawn_at=timezone.now(),
        )  # fmt: skip
        elsewhere = add_item(other, cast.other_host)
        row = draft(cast, evidence=[released, withdrawn, elsewhere], conversations=[mine, foreign])
        assert list(row.evidence.all()) == [released]
        assert list(row.conversations.all()) == [mine]

    def test_a_theme_out_of_scope_is_refused(self, board):
        theme = board.challenge.themes.last()
        board.challenge.themes.remove(theme)
        with pytest.raises(BadInput, match="in scope"):
            draft(board.cast, theme=theme)

    def test_not_after_moderation(self, board):
        board.cast.at(Stage.FEEDBACK)
        with pytest.raises(NotNow):
            draft(board.cast)


class TestEdit:
    def edit(self, board, version=1, **fields):
        return services.edit_finding(finding=board.finding, by=board.cast.second_peer, version=version, **fields)

    def test_what_it_said_before_is_kept(self, board):
        row = self.edit(board, headline="Said better", state="worded")
        assert (row.headline, row.state, row.version) == ("Said better", "worded", 2)
        assert [old.headline for old in row.history.all()] == [SECRET]

    def test_two_tabs(self, board):
        self.edit(board, headline="First")
        with pytest.raises(StaleVersion) as stale:
            self.edit(board, headline="Second")
        assert stale.value.current.headline == "First"

    def test_a_decided_one_stays(self, board):
        row = services.decide_finding(finding=board.finding, by=board.cast.lead_peer, version=1, state="agreed")
        with pytest.raises(NotNow):
            self.edit(board, version=row.version, headline="Too late")

    def test_a_finding_of_somebody_whose_account_is_gone_can_be_saved(self, board):
        Finding.objects.update(author=None)
        board.finding.refresh_from_db()
        assert self.edit(board, headline="Still here").headline == "Still here"


class TestDecide:
    def decide(self, board, state="agreed", by=None, version=1, finding=None, reason=""):
        by = by or board.cast.lead_peer
        return services.decide_finding(
            finding=finding or board.finding, by=by, version=version, state=state, reason=reason
        )

    @pytest.mark.parametrize("who", NOT_DECIDERS)
    def test_only_lead_peer_and_manager(self, board, who):
        with pytest.raises(NoSeat):
            self.decide(board, by=getattr(board.cast, who))

    def test_dropping_needs_a_reason(self, board):
        with pytest.raises(BadInput):
            self.decide(board, "dropped", reason="  ")
        assert self.decide(board, "dropped", reason="Not so.").drop_reason == "Not so."

    def test_agreeing_needs_words(self, board):
        with pytest.raises(BadInput):
            self.decide(board, finding=draft(board.cast, narrative=""))

    def test_recommendations_are_numbered_in_the_order_of_agreement(self, board):
        rows = [
            draft(
                board.cast, kind="recommendation", headline=f"Do {n}", owner_suggestion="Chief executive", urgency="now"
            )
            for n in range(3)
        ]
        numbers = [self.decide(board, finding=row).number for row in reversed(rows)]
        assert numbers == [1, 2, 3]
        assert [row.headline for row in queries.recommendations_of(board.challenge)] == ["Do 2", "Do 1", "Do 0"]

    def test_double_click_and_two_deciders(self, board):
        self.decide(board)
        with pytest.raises(StaleVersion):
            self.decide(board, "dropped", by=board.cast.manager, reason="No.")

    def test_reopening_takes_number_and_reason_away(self, board):
        row = self.decide(board, "dropped", reason="Not so.")
        row = self.decide(board, "worded", version=row.version)
        assert (row.state, row.drop_reason, row.number) == ("worded", "", None)


class TestFeedback:
    def record(self, cast, by=None, **fields):
        cast.at(Stage.FEEDBACK)
        words = {"held_on": timezone.localdate(), "attendee_roles": "Chief executive"} | fields
        return services.record_feedback(challenge=cast.challenge, by=by or cast.manager, **words)

    def test_twice_is_one_row(self, cast):
        self.record(cast)
        self.record(cast, attendee_roles="Leader", by=cast.lead_peer)
        assert Feedback.objects.get().attendee_roles == "Leader"
        assert queries.missing_feedback(cast.challenge) == []

    def test_not_in_the_future(self, cast):
        with pytest.raises(BadInput):
            self.record(cast, held_on=timezone.localdate() + datetime.timedelta(days=1))

    @pytest.mark.parametrize("who", ["host_lead", "peer", "observer", "stranger"])
    def test_only_lead_peer_and_lga(self, cast, who):
        with pytest.raises(NoSeat):
            self.record(cast, by=getattr(cast, who))


class TestWarnings:
    def warnings(self, board, **fields):
        row = draft(board.cast, **fields)
        return queries.source_kinds(row), queries.warnings_of(row)

    def test_no_source_one_kind_two_kinds(self, board):
        slot, item = add_slot(board.challenge), add_item(board.challenge, board.cast.host_lead)
        assert "Rests on no source yet" in self.warnings(board)[1][0]
        kinds, warnings = self.warnings(board, conversations=[slot])
        assert kinds == ["1 conversation"]
        assert "one kind of source only (1 conversation)" in warnings[0]
        assert self.warnings(board, conversations=[slot], evidence=[item]) == (["1 document", "1 conversation"], [])

    def test_few_people_can_be_traced(self, board):
        slot, item = add_slot(board.challenge, people=2), add_item(board.challenge, board.cast.host_lead)
        (warning,) = self.warnings(board, conversations=[slot], evidence=[item])[1]
        assert "fewer than 3 people" in warning

    def test_too_many_words(self, board):
        words = self.warnings(board, headline="word " * 21, narrative="word " * 151)[1]
        assert any("more than 20 words" in one for one in words)
        assert any("more than 150 words" in one for one in words)


class TestBlockers:
    def test_nothing_agreed_then_undecided_then_clear(self, board):
        (blocker,) = queries.undecided_findings(board.challenge)
        assert blocker.sentence.startswith("1 finding")
        services.decide_finding(
            finding=board.finding, by=board.cast.lead_peer, version=1, state="dropped", reason="No."
        )
        (blocker,) = queries.undecided_findings(board.challenge)
        assert "No finding is agreed yet" in blocker.sentence
        row = draft(board.cast)
        services.decide_finding(finding=row, by=board.cast.lead_peer, version=1, state="agreed")
        assert queries.undecided_findings(board.challenge) == []

    def test_the_sentence_that_a_host_may_read_holds_no_finding(self, board):
        """The blockers stand on the challenge's own page, which the host opens."""
        (blocker,) = queries.undecided_findings(board.challenge)
        assert SECRET not in blocker.sentence
