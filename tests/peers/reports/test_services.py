"""Writing a report: begun, written, signed, checked, frozen; each refusal with its reason."""

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from cyber360.jobs.models import Job
from peers.acts import Act
from peers.findings.models import Finding
from peers.lifecycle import advance
from peers.reports import queries, services, templates
from peers.reports.document import body_of, sha256_of
from peers.reports.models import FactComment, IssuedReport, Report, ReportTemplate, SectionVersion, SignOff
from peers.stages import Stage

from .conftest import MET, SECRET, add_conversation, add_finding


def edit(drafted, text="Our own words.", code="summary", by=None, version=None):
    section = drafted.section(code)
    version = section.version if version is None else version
    return services.edit_section(section=section, by=by or drafted.cast.peer, version=version, text=text)


def sign(drafted, person):
    report = drafted.report()
    return services.sign_off(report=report, by=person, text_sha256=report.text_sha256)


class TestStart:
    def test_every_section_begins_with_text(self, drafted):
        codes = list(drafted.report().sections.values_list("code", flat=True))
        assert codes == [
            "summary", "key-recommendations", "background", "team", "process", "themes", "theme-t1", "theme-t2",
            "good-practice", "next-steps", "annex-recommendations", "annex-conversations", "annex-documents",
            "annex-words",
        ]  # fmt: skip
        assert queries.unfinished_sections(drafted.challenge) == []

    def test_the_summary_quotes_what_was_agreed_and_nothing_sensitive(self, drafted):
        text = drafted.section("summary").text
        assert "Leaders tell their own near misses" in text
        assert "recommendation 1" in text
        assert "Northmere is a unitary council in the North West." in text
        assert SECRET not in text
        assert "{{" not in "".join(drafted.report().sections.values_list("text", flat=True))

    def test_again_changes_nothing_that_was_written(self, drafted):
        edit(drafted)
        services.start_report(challenge=drafted.challenge, by=drafted.cast.manager, at=timezone.now())
        assert drafted.section("summary").text == "Our own words."
        assert drafted.report().sections.count() == 14

    def test_a_finding_that_came_later_voids_sign_offs_on_coming_again(self, drafted):
        sign(drafted, drafted.cast.peer)
        add_finding(drafted.challenge, headline="One more")
        services.start_report(challenge=drafted.challenge, by=drafted.cast.manager, at=timezone.now())
        assert len(queries.missing_sign_offs(drafted.challenge)) == 3


class TestEdit:
    def test_keeps_what_it_said_before_and_records_no_content(self, drafted):
        before = drafted.section("summary").text
        row = edit(drafted)
        assert (row.text, row.version, row.updated_by) == ("Our own words.", 2, drafted.cast.peer)
        assert [old.text for old in row.history.all()] == [before]
        event = AuditEvent.objects.get(act=Act.REPORT_EDIT)
        assert (event.object_label, event.detail) == ("Summary", {})

    def test_typing_on_is_kept_once(self, drafted):
        for words in ("One.", "One two.", "One two three."):
            edit(drafted, words)
        assert SectionVersion.objects.count() == 1
        edit(drafted, "Another hand.", by=drafted.cast.lead_peer)
        assert SectionVersion.objects.count() == 2
        assert drafted.section("summary").history.first().text == "One two three."

    def test_two_tabs_lose_nothing(self, drafted):
        edit(drafted, "First tab.")
        with pytest.raises(StaleVersion) as stale:
            edit(drafted, "Second tab.", version=1)
        assert stale.value.current.text == "First tab."
        assert drafted.section("summary").text == "First tab."

    def test_the_same_text_again_changes_nothing(self, drafted):
        edit(drafted)
        sign(drafted, drafted.cast.peer)
        edit(drafted)
        assert SignOff.objects.get().text_sha256 == drafted.report().text_sha256

    @pytest.mark.parametrize("who", ["host_lead", "host_sponsor", "coordinator", "observer", "stranger", "superuser"])
    def test_only_peers_and_manager_write(self, drafted, who):
        with pytest.raises(NoSeat):
            edit(drafted, by=getattr(drafted.cast, who))

    def test_not_after_the_issue(self, issued):
        with pytest.raises(NotNow):
            edit(issued)

    def test_a_draft_that_was_frozen_in_the_same_instant_is_not_changed(self, drafted):
        section = drafted.section("summary")
        Report.objects.update(state="issued")
        with pytest.raises(NotNow, match="issued"):
            services.edit_section(section=section, by=drafted.cast.peer, version=1, text="Too late.")


class TestReword:
    def words(self, **more):
        return {"headline": "Said better", "narrative": "What we saw, said better."} | more

    def finding(self):
        return Finding.objects.get(headline="Print the phone list")

    def test_changes_the_words_and_keeps_the_old(self, drafted):
        services.change_finding(finding=self.finding(), by=drafted.cast.peer, version=1, **self.words())
        row = Finding.objects.get(headline="Said better")
        assert (row.state, row.version, row.history.get().headline) == ("agreed", 2, "Print the phone list")

    def test_voids_sign_offs(self, drafted):
        sign(drafted, drafted.cast.peer)
        services.change_finding(finding=self.finding(), by=drafted.cast.peer, version=1, **self.words())
        assert len(queries.missing_sign_offs(drafted.challenge)) == 3

    def test_second_tab_is_told(self, drafted):
        services.change_finding(finding=self.finding(), by=drafted.cast.peer, version=1, **self.words())
        with pytest.raises(StaleVersion):
            services.change_finding(
                finding=Finding.objects.get(headline="Said better"), by=drafted.cast.peer, version=1, **self.words()
            )

    @pytest.mark.parametrize("who", ["host_lead", "coordinator", "observer", "stranger"])
    def test_only_those_who_write_the_report(self, drafted, who):
        with pytest.raises(NoSeat):
            services.change_finding(finding=self.finding(), by=getattr(drafted.cast, who), version=1, **self.words())

    def test_only_agreed_ones(self, drafted):
        row = add_finding(drafted.challenge, headline="Dropped", state="dropped", drop_reason="Not so.")
        with pytest.raises(NotNow):
            services.change_finding(finding=row, by=drafted.cast.peer, version=1, **self.words())


class TestSignOff:
    def test_every_peer_signs_the_words_as_they_stand(self, drafted):
        cast = drafted.cast
        assert len(queries.missing_sign_offs(drafted.challenge)) == 3
        for person in (cast.lead_peer, cast.peer, cast.second_peer):
            sign(drafted, person)
        assert queries.missing_sign_offs(drafted.challenge) == []
        edit(drafted)
        assert len(queries.missing_sign_offs(drafted.challenge)) == 3

    def test_twice_is_once(self, drafted):
        sign(drafted, drafted.cast.peer)
        sign(drafted, drafted.cast.peer)
        assert SignOff.objects.count() == 1
        assert AuditEvent.objects.filter(act=Act.REPORT_SIGN_OFF).count() == 1

    def test_words_that_changed_meanwhile_cannot_be_signed(self, drafted):
        old = drafted.report().text_sha256
        edit(drafted)
        with pytest.raises(StaleVersion):
            services.sign_off(report=drafted.report(), by=drafted.cast.peer, text_sha256=old)

    @pytest.mark.parametrize("who", ["manager", "coordinator", "observer", "host_lead", "stranger"])
    def test_only_peers(self, drafted, who):
        with pytest.raises(NoSeat):
            sign(drafted, getattr(drafted.cast, who))

    def test_marking_and_levels_are_words_too(self, drafted):
        sign(drafted, drafted.cast.peer)
        services.set_report(
            report=drafted.report(), by=drafted.cast.manager, version=1, marking="OFFICIAL", show_levels=False
        )
        assert len(queries.missing_sign_offs(drafted.challenge)) == 3


class TestNames:
    def test_a_name_of_somebody_met_blocks_the_factual_check(self, drafted):
        edit(drafted, f"As {MET.upper()} told us.")
        sentences = [blocker.sentence for blocker in queries.unfinished_sections(drafted.challenge)]
        assert len(sentences) == 1
        assert "“Summary” names a person" in sentences[0]
        assert MET not in sentences[0]

    def test_a_name_in_a_finding_too_and_the_sentence_holds_no_content(self, drafted):
        add_finding(drafted.challenge, headline=f"{MET} keeps {SECRET}", sensitive=True)
        (blocker,) = queries.unfinished_sections(drafted.challenge)
        assert MET not in blocker.sentence
        assert SECRET not in blocker.sentence

    def test_single_names_match_nothing(self, drafted):
        add_conversation(drafted.challenge, name="May")
        edit(drafted, "You may begin in May.")
        assert queries.unfinished_sections(drafted.challenge) == []

    def test_an_empty_section_blocks(self, drafted):
        edit(drafted, "  ")
        (blocker,) = queries.unfinished_sections(drafted.challenge)
        assert "“Summary” has no text yet" in blocker.sentence


class TestFacts:
    def comment(self, drafted, by=None, **words):
        drafted.to(Stage.FACTUAL_CHECK)
        words = {"passage": "in March", "comment": "It was in May."} | words
        return services.comment_fact(section=drafted.section("summary"), by=by or drafted.cast.host_lead, **words)

    def test_comment_and_answer(self, drafted):
        row = self.comment(drafted)
        (blocker,) = queries.unanswered_comments(drafted.challenge)
        assert "1 factual comment has no answer yet (on “Summary”)" in blocker.sentence
        services.answer_fact(
            comment=row, by=drafted.cast.lead_peer, version=1, outcome="changed", answer="You are right."
        )
        assert queries.unanswered_comments(drafted.challenge) == []

    def test_sent_twice_is_one(self, drafted):
        assert self.comment(drafted) == self.comment(drafted)
        assert FactComment.objects.count() == 1

    @pytest.mark.parametrize("who", ["lead_peer", "manager", "coordinator", "contributor", "stranger", "other_host"])
    def test_only_the_host_comments(self, drafted, who):
        with pytest.raises(NoSeat):
            self.comment(drafted, by=getattr(drafted.cast, who))

    def test_not_in_drafting(self, drafted):
        with pytest.raises(NotNow):
            services.comment_fact(
                section=drafted.section("summary"), by=drafted.cast.host_lead, passage="a", comment="b"
            )

    @pytest.mark.parametrize(("outcome", "answer"), [("", "Because."), ("changed", " "), ("perhaps", "Because.")])
    def test_an_answer_says_what_and_why(self, drafted, outcome, answer):
        row = self.comment(drafted)
        with pytest.raises(BadInput):
            services.answer_fact(comment=row, by=drafted.cast.manager, version=1, outcome=outcome, answer=answer)

    def test_two_answers_at_once(self, drafted):
        row = self.comment(drafted)
        services.answer_fact(comment=row, by=drafted.cast.manager, version=1, outcome="changed", answer="Yes.")
        with pytest.raises(StaleVersion):
            services.answer_fact(comment=row, by=drafted.cast.lead_peer, version=1, outcome="not_changed", answer="No.")

    @pytest.mark.parametrize("who", ["peer", "observer", "host_lead", "coordinator", "stranger"])
    def test_only_lead_peer_and_manager_answer(self, drafted, who):
        row = self.comment(drafted)
        with pytest.raises(NoSeat):
            services.answer_fact(comment=row, by=getattr(drafted.cast, who), version=1, outcome="changed", answer="A")


class TestFreeze:
    def test_number_hash_and_jobs(self, issued):
        row = issued.issued
        assert row.number == f"{issued.challenge.ref}-R1"
        assert row.html_sha256 == sha256_of(row.html)
        assert row.annex_html_sha256 == sha256_of(row.annex_html)
        assert issued.report().is_issued
        assert sorted(Job.objects.values_list("payload__what", flat=True)) == ["annex", "issued"]

    def test_sensitive_findings_stand_in_the_annex_alone(self, issued):
        row = issued.issued
        assert SECRET not in row.html
        assert row.annex_html.count(f">{SECRET}<") == 1
        assert f"Recommendation 2: Move it: {SECRET}" in row.annex_html
        assert "Numbers that are missing here" in body_of(row.html)

    def test_no_annex_without_sensitive_findings(self, drafted):
        Finding.objects.filter(sensitive=True).delete()
        drafted.to(Stage.ISSUED)
        services.freeze_report(challenge=drafted.challenge, by=drafted.cast.manager, at=timezone.now())
        assert IssuedReport.objects.get().annex_html == ""
        assert Job.objects.count() == 1

    def test_nobody_met_is_named(self, issued):
        assert MET not in issued.issued.html
        assert "Service manager" in issued.issued.html

    def test_issuing_twice_through_the_move_gives_one_report(self, drafted):
        drafted.to(Stage.FACTUAL_CHECK)
        manager = drafted.cast.manager
        advance(challenge=drafted.challenge, to=Stage.ISSUED, by=manager, since=Stage.FACTUAL_CHECK)
        with pytest.raises(NotNow):
            advance(challenge=drafted.challenge, to=Stage.ISSUED, by=manager, since=Stage.FACTUAL_CHECK)
        assert IssuedReport.objects.count() == 1

    def test_levels_can_be_left_out(self, drafted):
        services.set_report(
            report=drafted.report(), by=drafted.cast.manager, version=1, marking="OFFICIAL", show_levels=False
        )
        drafted.to(Stage.ISSUED)
        services.freeze_report(challenge=drafted.challenge, by=drafted.cast.manager, at=timezone.now())
        html = IssuedReport.objects.get().html
        assert "Levels by theme" not in html
        assert "2 Developing" not in html
        assert "<svg" not in html

    def test_levels_stand_as_words_beside_their_numbers(self, issued):
        assert "3 Established" in issued.issued.html
        assert "2 Developing" in issued.issued.html


class TestTemplates:
    def test_what_ships_is_loaded_once(self, db):
        assert templates.load_default_template() == templates.load_default_template()
        assert ReportTemplate.objects.get().sections.count() == 12

    def test_a_new_version_is_edited_and_put_in_use(self, cast):
        draft = templates.start_draft(by=cast.coordinator)
        assert templates.start_draft(by=cast.coordinator) == draft
        section = draft.sections.get(code="background")
        fields = {"title": "Where you stand", "code": "background", "source": "text", "place": 3, "guidance": ""}
        templates.save_template_section(
            template=draft, section=section, by=cast.coordinator, version=1, boilerplate="For {{council}}.", **fields
        )
        templates.put_in_use(template=draft, by=cast.coordinator)
        assert queries.current_template() == draft
        with pytest.raises(NotNow):
            templates.save_template_section(template=draft, by=cast.coordinator, boilerplate="", **fields)

    def test_unknown_names_and_stale_forms_are_refused(self, cast):
        draft = templates.start_draft(by=cast.coordinator)
        section = draft.sections.get(code="background")
        fields = {"title": "A", "code": "background", "source": "text", "place": 3, "guidance": ""}
        with pytest.raises(BadInput, match="weather"):
            templates.save_template_section(
                template=draft, section=section, by=cast.coordinator, version=1, boilerplate="{{weather}}", **fields
            )
        with pytest.raises(StaleVersion):
            templates.save_template_section(
                template=draft, section=section, by=cast.coordinator, version=7, boilerplate="", **fields
            )

    def test_only_coordinators(self, cast):
        for who in ("manager", "editor", "administrator", "lead_peer", "stranger", "superuser"):
            with pytest.raises(NoSeat):
                templates.start_draft(by=getattr(cast, who))
