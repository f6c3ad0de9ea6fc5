"""The pages of agreements: rights of every path, signing, returning a scan, templates, the real PDF."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from cyber360.files.models import Verdict
from peers.agreements import services
from peers.agreements.models import Agreement, DocumentTemplate
from peers.agreements.queries import unreturned_agreements
from peers.planning.models import Placement
from peers.stages import Stage

OUTSIDE = ["stranger", "other_host", "superuser", "administrator", "editor", "contributor", "pool_peer"]
EXPECTATIONS = "statement_of_expectations"
TINY_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n"
    b"startxref\n164\n%%EOF\n"
)


def path(row, name="agreement"):
    return reverse(f"agreements:{name}", args=[row.challenge.ref, row.pk])


def get(cast, who, address):
    return cast.client_for(getattr(cast, who)).get(address).status_code


def test_rights_of_every_page(setup):
    cast, row = setup.cast, setup.issue().of(EXPECTATIONS)
    pages = ["agreement", "sign", "return", "reissue", "pdf"]
    expected = {who: [404] * 5 for who in [*OUTSIDE, "lead_peer", "peer", "observer"]}
    expected |= {who: [200, 200, 200, 404, 200] for who in ("host_lead", "host_sponsor")}
    expected |= {who: [200, 404, 404, 200, 200] for who in ("coordinator", "manager")}
    for who, codes in expected.items():
        assert [get(cast, who, path(row, name)) for name in pages] == codes, who
        assert get(cast, who, path(row, "copy")) == 404  # nothing was uploaded
        assert get(cast, who, path(row, "pdf_file")) == 404


def test_the_list_shows_each_seat_its_own(setup):
    cast = setup.cast
    now = timezone.now()
    for profile in (cast.peer_profile, cast.second_peer_profile):
        Placement.objects.create(
            challenge=cast.challenge, profile=profile, state="accepted", invited_at=now, answer_by=now.date(),
            answered_at=now,
        )  # fmt: skip
    setup.issue()
    address = reverse("agreements:list", args=[cast.challenge.ref])
    seen = {}
    for who in ("coordinator", "host_lead", "peer", "observer"):
        rows = cast.client_for(getattr(cast, who)).get(address).context["rows"]
        seen[who] = [(row.kind, row.for_user and row.for_user.full_name) for row in rows]
    council = [(kind, None) for kind in (EXPECTATIONS, "confidentiality", "senior_briefing", "draft_schedule")]
    assert seen["host_lead"] == council
    assert seen["coordinator"] == [*council, ("peer_terms", "Peer"), ("peer_terms", "Second Peer")]
    assert seen["peer"] == [("peer_terms", "Peer")]
    assert seen["observer"] == []
    for who in OUTSIDE:
        assert get(cast, who, address) == 404
    other = Agreement.objects.get(for_user=cast.second_peer)
    assert get(cast, "peer", path(other)) == 404
    assert get(cast, "host_lead", path(other)) == 404
    assert get(cast, "second_peer", path(other, "accept")) == 200


def test_nothing_is_there_before_set_up(setup):
    row = setup.issue().of(EXPECTATIONS)
    setup.cast.at(Stage.SCOPING)
    assert get(setup.cast, "host_lead", path(row)) == 404


def test_signing_through_the_page(setup):
    cast, row = setup.cast, setup.issue().of(EXPECTATIONS)
    client = cast.client_for(cast.host_sponsor)
    form = {"name": "Sam Sponsor", "job_title": "Chief executive", "body_sha256": row.body_sha256}
    assert "Tick the box to sign" in client.post(path(row, "sign"), form).content.decode()
    assert client.post(path(row, "sign"), form | {"confirm": "on"}).status_code == 302
    assert client.post(path(row, "sign"), form | {"confirm": "on"}).status_code == 302  # the second click
    page = client.get(path(row)).content.decode()
    assert "Chief executive" in page
    assert row.body_sha256 in page


def test_a_forged_hash_is_refused(setup):
    row = setup.issue().of(EXPECTATIONS)
    form = {"name": "A", "job_title": "B", "body_sha256": "f" * 64, "confirm": "on"}
    response = setup.cast.client_for(setup.cast.host_lead).post(path(row, "sign"), form)
    assert response.status_code == 409
    assert not setup.of(EXPECTATIONS).is_returned


def test_in_another_stage_the_reason_is_given(setup):
    row = setup.issue().of(EXPECTATIONS)
    setup.cast.at(Stage.DESK_REVIEW)
    response = setup.cast.client_for(setup.cast.host_lead).get(path(row, "sign"))
    assert response.status_code == 403
    assert "is closed" in response.content.decode()


# --- a signed copy ----------------------------------------------------------------------------------
def give_back(setup, content=TINY_PDF, name="signed.pdf", who="host_lead"):
    row = setup.issue().of(EXPECTATIONS)
    form = {"name": "Sam Sponsor", "job_title": "Chief executive", "body_sha256": row.body_sha256}
    form["upload"] = SimpleUploadedFile(name, content)
    return setup.cast.client_for(getattr(setup.cast, who)).post(path(row, "return"), form)


def test_returning_a_scan_and_fetching_it(setup):
    assert give_back(setup).status_code == 302
    row = setup.of(EXPECTATIONS)
    assert (row.state, row.returned_file.name) == ("returned", "signed.pdf")
    response = setup.cast.client_for(setup.cast.coordinator).get(path(row, "copy"))
    assert b"".join(response.streaming_content) == TINY_PDF
    assert response["Content-Disposition"].startswith("attachment")
    for who in [*OUTSIDE, "lead_peer"]:
        assert get(setup.cast, who, path(row, "copy")) == 404


@pytest.mark.parametrize(("content", "name"), [(b"", "signed.pdf"), (b"MZ not a pdf", "signed.pdf"), (b"x", "a.exe")])
def test_a_wrong_file_is_said_on_the_page(setup, content, name):
    response = give_back(setup, content, name)
    assert response.status_code == 200
    assert "govuk-error-summary" in response.content.decode()
    assert not setup.of(EXPECTATIONS).is_returned


@pytest.mark.parametrize("who", ["coordinator", "lead_peer", "other_host", "superuser"])
def test_nobody_else_returns_a_copy(setup, who):
    assert give_back(setup, who=who).status_code == 404


def test_an_infected_copy_does_not_count(setup):
    give_back(setup)
    row = setup.of(EXPECTATIONS)
    row.returned_file.verdict, row.returned_file.scanned_at = Verdict.INFECTED, timezone.now()
    row.returned_file.save()
    assert "cannot be opened" in unreturned_agreements(setup.cast.challenge)[0].sentence
    assert setup.sign(EXPECTATIONS).returned_file is None
    assert "expectations" not in unreturned_agreements(setup.cast.challenge)[0].sentence


# --- the PDF ----------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_pdf_is_real_and_fetched_from_its_page(setup):
    cast, row = setup.cast, setup.issue().of(EXPECTATIONS)
    client = cast.client_for(cast.host_lead)
    assert client.post(path(row, "pdf")).status_code == 302
    assert "c360-job" in client.get(path(row, "pdf")).content.decode()
    services.make_pdf(agreement_id=row.pk, show=lambda *words: None)
    response = client.get(path(row, "pdf_file"))
    assert b"".join(response.streaming_content).startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"


# --- templates --------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", [*OUTSIDE, "manager", "host_lead", "lead_peer"])
def test_templates_are_the_coordinators(setup, who):
    services.load_default_templates()
    template = DocumentTemplate.objects.first()
    for name in ("template", "template_edit"):
        assert get(setup.cast, who, reverse(f"agreements:{name}", args=[template.pk])) == 404
    assert get(setup.cast, who, reverse("agreements:templates")) == 404
    client = setup.cast.client_for(getattr(setup.cast, who))
    assert client.post(reverse("agreements:template_new", args=[EXPECTATIONS])).status_code == 404
    assert client.post(reverse("agreements:template_use", args=[template.pk])).status_code == 404


def test_writing_a_new_version_through_the_pages(setup):
    services.load_default_templates()
    client = setup.cast.client_for(setup.cast.coordinator)
    assert client.get(reverse("agreements:templates")).status_code == 200
    edit = client.post(reverse("agreements:template_new", args=[EXPECTATIONS])).url
    form = {"title": "Expectations", "body": "## For {{council}}\n\n**Bold**", "version": 1}
    preview = client.post(edit, form | {"preview": "1"}).content.decode()
    assert "<strong>Bold</strong>" in preview
    assert "are not known: moon" in client.post(edit, form | {"body": "{{moon}}"}).content.decode()
    assert client.post(edit, form).status_code == 302
    stale = client.post(edit, form | {"body": "My other text"})
    assert stale.status_code == 409
    assert "My other text" in stale.content.decode()
    draft = DocumentTemplate.objects.get(state="draft")
    client.post(reverse("agreements:template_use", args=[draft.pk]), {"version": draft.version})
    draft.refresh_from_db()
    assert draft.state == "current"
    assert client.get(draft.get_absolute_url()).status_code == 200
    assert client.post(edit, form | {"version": draft.version}).status_code == 403


def test_query_count_does_not_grow(setup, django_assert_max_num_queries):
    cast = setup.cast
    setup.issue()
    client, address = cast.client_for(cast.coordinator), reverse("agreements:list", args=[cast.challenge.ref])
    client.get(address)
    with django_assert_max_num_queries(30) as few:
        client.get(address)
    now = timezone.now()
    for profile in (cast.peer_profile, cast.second_peer_profile, cast.lead_peer_profile):
        Placement.objects.create(
            challenge=cast.challenge, profile=profile, state="accepted", invited_at=now, answer_by=now.date(),
            answered_at=now,
        )  # fmt: skip
    setup.issue()
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(address)
