"""Issued, signed, replaced, returned, made into a PDF; templates and their versions."""

import hashlib

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from cyber360.files.services import open_for_reading
from cyber360.notify.models import OutboxMail
from peers.agreements import services, templates
from peers.agreements.models import Agreement, DocumentTemplate
from peers.agreements.queries import tasks_for, unreturned_agreements
from peers.planning.models import Placement
from peers.stages import Stage

EXPECTATIONS, CONFIDENTIALITY = "statement_of_expectations", "confidentiality"


def accepted(cast, profile):
    now = timezone.now()
    return Placement.objects.create(
        challenge=cast.challenge,
        profile=profile,
        state="accepted",
        invited_at=now,
        answer_by=now.date(),
        answered_at=now,
    )


# --- issuing ----------------------------------------------------------------------------------------
def test_issuing_freezes_the_filled_text(setup):
    setup.issue()
    row = setup.of(EXPECTATIONS)
    assert row.state == "issued"
    assert "Northmere Council" in row.body
    assert "{{" not in row.body
    assert row.body_sha256 == hashlib.sha256(row.body.encode()).hexdigest()
    assert OutboxMail.objects.filter(to=setup.cast.host_sponsor, kind="agreement").count() == 1


def test_issuing_twice_adds_nothing(setup):
    setup.issue()
    setup.issue()
    assert Agreement.objects.filter(for_user=None).count() == 4
    assert OutboxMail.objects.filter(to=setup.cast.host_lead, kind="agreement").count() == 1


@pytest.mark.parametrize("who", ["host_lead", "host_sponsor", "lead_peer", "superuser", "other_host", "stranger"])
def test_only_the_programme_issues(setup, who):
    with pytest.raises(NoSeat):
        services.issue_agreements(challenge=setup.cast.challenge, by=getattr(setup.cast, who))


def test_not_before_set_up(setup):
    setup.cast.at(Stage.SCOPING)
    with pytest.raises(NotNow):
        setup.issue()


def test_a_new_text_leaves_issued_documents_alone_until_issued_anew(setup):
    setup.issue()
    old = setup.sign(EXPECTATIONS)
    draft = templates.start_draft(kind=EXPECTATIONS, by=setup.cast.coordinator)
    draft = templates.edit_template(
        template=draft, by=setup.cast.coordinator, version=1, title="Expectations", body="New for {{council}}."
    )
    templates.put_in_use(template=draft, by=setup.cast.coordinator, version=draft.version)
    assert setup.of(EXPECTATIONS) == old
    new = services.reissue_agreement(agreement=old, by=setup.cast.coordinator)
    assert (new.body, new.state) == ("New for Northmere.\n", "issued")
    old.refresh_from_db()
    assert (old.state, old.signed_name) == ("superseded", "Sam Sponsor")
    with pytest.raises(NotNow):
        services.reissue_agreement(agreement=old, by=setup.cast.coordinator)


# --- signing ----------------------------------------------------------------------------------------
def test_signing_keeps_who_as_what_when_and_which_text(setup):
    row = setup.issue().sign(EXPECTATIONS)
    assert (row.state, row.signed_by, row.signed_name) == ("returned", setup.cast.host_sponsor, "Sam Sponsor")
    event = AuditEvent.objects.get(act="agreement.sign")
    assert event.detail["sha256"] == row.body_sha256
    assert event.seat == "host_sponsor"
    assert OutboxMail.objects.filter(to=setup.cast.coordinator, kind="agreement").count() == 1


def test_signing_twice_is_one_signature(setup):
    first = setup.issue().sign(EXPECTATIONS)
    second = setup.sign(EXPECTATIONS, by=setup.cast.host_lead, name="Somebody Else")
    assert (second.signed_name, second.signed_at) == (first.signed_name, first.signed_at)
    assert AuditEvent.objects.filter(act="agreement.sign").count() == 1


@pytest.mark.parametrize("who", ["coordinator", "manager", "lead_peer", "contributor", "other_host", "superuser"])
def test_only_the_host_signs(setup, who):
    setup.issue()
    with pytest.raises(NoSeat):
        setup.sign(EXPECTATIONS, by=getattr(setup.cast, who))


def test_a_text_that_was_replaced_cannot_be_signed(setup):
    row = setup.issue().of(EXPECTATIONS)
    with pytest.raises(StaleVersion):
        setup.sign(EXPECTATIONS, body_sha256="0" * 64)
    services.reissue_agreement(agreement=row, by=setup.cast.manager)
    with pytest.raises(StaleVersion):
        services.sign_agreement(
            agreement=row, by=setup.cast.host_lead, name="A", job_title="B", body_sha256=row.body_sha256
        )


def test_a_briefing_needs_no_signature_and_a_name_is_needed(setup):
    setup.issue()
    with pytest.raises(NotNow):
        setup.sign("senior_briefing")
    with pytest.raises(BadInput):
        setup.sign(EXPECTATIONS, name=" ")


def test_not_after_preparation(setup):
    setup.issue()
    setup.cast.at(Stage.DESK_REVIEW)
    with pytest.raises(NotNow):
        setup.sign(EXPECTATIONS)


# --- peer terms -------------------------------------------------------------------------------------
def test_peers_accept_their_own_terms_only(setup):
    cast = setup.cast
    accepted(cast, cast.peer_profile)
    setup.issue()
    terms = Agreement.objects.get(for_user=cast.peer)
    words = {"name": "Peer", "job_title": "Head of IT", "body_sha256": terms.body_sha256}
    for who in ("second_peer", "lead_peer", "coordinator", "host_lead", "superuser"):
        with pytest.raises(NoSeat):
            services.accept_peer_terms(agreement=terms, by=getattr(cast, who), **words)
    row = services.accept_peer_terms(agreement=terms, by=cast.peer, **words)
    assert row.is_returned
    with pytest.raises(NoSeat):
        services.sign_agreement(agreement=terms, by=cast.peer, **words)


# --- blockers and tasks -----------------------------------------------------------------------------
def sentences(cast):
    return [blocker.sentence for blocker in unreturned_agreements(cast.challenge)]


def test_blockers_from_nothing_to_all_returned(setup, django_assert_num_queries):
    cast = setup.cast
    assert sentences(cast) == [
        "The statement of expectations has not been issued. The coordinator or challenge manager can issue it.",
        "The information confidentiality agreement has not been issued. "
        "The coordinator or challenge manager can issue it.",
        "The briefing for senior colleagues has not been sent. The coordinator or challenge manager can.",
    ]
    accepted(cast, cast.peer_profile)
    setup.issue().sign(EXPECTATIONS)
    with django_assert_num_queries(2):
        unreturned_agreements(cast.challenge)
    assert sentences(cast) == [
        "The information confidentiality agreement has not been returned. The host sponsor or host lead can sign it.",
        "Peer has not accepted the peer terms. Only they can.",
    ]
    setup.sign(CONFIDENTIALITY)
    terms = Agreement.objects.get(for_user=cast.peer)
    services.accept_peer_terms(
        agreement=terms, by=cast.peer, name="Peer", job_title="Head", body_sha256=terms.body_sha256
    )
    assert sentences(cast) == []


def test_tasks(setup, django_assert_max_num_queries):
    cast = setup.cast
    assert [task.what for task in tasks_for(cast.coordinator, [cast.challenge])] == ["Issue the agreements"]
    accepted(cast, cast.peer_profile)
    setup.issue()
    with django_assert_max_num_queries(3):
        host = tasks_for(cast.host_lead, [cast.challenge])
    assert [task.what for task in host] == [
        "Sign the statement of expectations", "Sign the information confidentiality agreement",
    ]  # fmt: skip
    assert [task.what for task in tasks_for(cast.peer, [cast.challenge])] == ["Read and accept the peer terms"]
    assert tasks_for(cast.second_peer, [cast.challenge]) == []
    assert tasks_for(cast.coordinator, [cast.challenge]) == []


# --- templates --------------------------------------------------------------------------------------
def test_loading_defaults_twice_is_once(db):
    assert len(templates.load_default_templates()) == 5
    assert templates.load_default_templates() == []


def test_a_version_in_use_never_changes(setup):
    templates.load_default_templates()
    current = DocumentTemplate.objects.get(kind=EXPECTATIONS)
    with pytest.raises(NotNow):
        templates.edit_template(template=current, by=setup.cast.coordinator, version=1, title="X", body="Y")
    current.body = "Y"
    with pytest.raises(NotNow):
        current.save()


def test_drafts_have_versions_and_known_names(setup):
    templates.load_default_templates()
    by = setup.cast.coordinator
    draft = templates.start_draft(kind=CONFIDENTIALITY, by=by)
    assert templates.start_draft(kind=CONFIDENTIALITY, by=by) == draft
    templates.edit_template(template=draft, by=by, version=1, title="T", body="One {{council}}")
    with pytest.raises(StaleVersion):
        templates.edit_template(template=draft, by=by, version=1, title="T", body="Two")
    with pytest.raises(BadInput, match=r"moon\.phase"):
        templates.edit_template(template=draft, by=by, version=2, title="T", body="{{ moon.phase }}")
    for who in ("manager", "host_lead", "editor", "superuser"):
        with pytest.raises(NoSeat):
            templates.put_in_use(template=draft, by=getattr(setup.cast, who), version=2)
    templates.put_in_use(template=draft, by=by, version=2)
    templates.put_in_use(template=draft, by=by, version=2)
    states = DocumentTemplate.objects.filter(kind=CONFIDENTIALITY).order_by("number").values_list("state", flat=True)
    assert list(states) == ["retired", "current"]


# --- the PDF ----------------------------------------------------------------------------------------
def test_the_pdf_is_made_once_and_anew_after_the_signature(setup, monkeypatch):
    monkeypatch.setattr("peers.agreements.printing.render_pdf", lambda html, **words: b"%PDF-1.7 " + html.encode())
    row = setup.issue().of(EXPECTATIONS)
    first = services.ask_for_pdf(agreement=row, by=setup.cast.host_lead)
    assert services.ask_for_pdf(agreement=row, by=setup.cast.host_sponsor) == first
    services.make_pdf(agreement_id=row.pk, show=lambda *words: None)
    row.refresh_from_db()
    file = row.pdf_file
    assert services.make_pdf(agreement_id=row.pk, show=lambda *words: None) == {"file": str(file.pk)}
    plain = b"".join(open_for_reading(file))
    assert hashlib.sha256(plain).hexdigest() == file.sha256
    assert row.body_sha256.encode() in plain
    signed = setup.sign(EXPECTATIONS)
    assert signed.pdf_file is None
    assert services.pdf_key(signed) != first.key
    services.make_pdf(agreement_id=row.pk, show=lambda *words: None)
    row.refresh_from_db()
    assert b"Sam Sponsor" in b"".join(open_for_reading(row.pdf_file))
