"""There is a report with a secret in its annex: then each wrong person asks for it by every address."""

import pytest
from django.urls import reverse
from django.utils import timezone

from peers.findings.models import Finding
from peers.reports import services
from peers.reports.models import DraftPdf
from peers.stages import Stage

from .conftest import SECRET, add_finding

PAGES = ("report", "preview", "settings", "sign_off", "facts", "pdf", "issued_pdf", "issued_html", "annex", "annex_pdf")
TEAM = ("lead_peer", "peer", "second_peer", "observer")


def addresses(drafted) -> dict[str, str]:
    ref = drafted.challenge.ref
    found = {name: reverse(f"reports:{name}", args=[ref]) for name in PAGES}
    for name in ("section", "fact_add"):
        found[name] = reverse(f"reports:{name}", args=[ref, "summary"])
    found["theme"] = reverse("reports:section", args=[ref, "theme-t1"])
    found["reword"] = reverse("reports:reword", args=[ref, Finding.objects.filter(sensitive=True).first().pk])
    found["draft_pdf"] = reverse("reports:draft_pdf", args=[ref, 1])
    return found


def codes(drafted, who, names=None):
    client = drafted.cast.client_for(getattr(drafted.cast, who))
    return {
        name: client.get(url).status_code for name, url in addresses(drafted).items() if names is None or name in names
    }


def test_no_outsider_finds_anything_in_any_stage(drafted):
    for stage in (Stage.DRAFTING, Stage.FACTUAL_CHECK):
        drafted.to(stage)
        for who in [*drafted.cast.outsiders, "contributor"]:
            assert set(codes(drafted, who).values()) == {404}, (stage, who)
    drafted.to(Stage.ISSUED)
    services.freeze_report(challenge=drafted.challenge, by=drafted.cast.manager, at=timezone.now())
    for who in [*drafted.cast.outsiders, "contributor"]:
        assert set(codes(drafted, who).values()) == {404}, who


@pytest.mark.parametrize("who", ["host_lead", "host_sponsor"])
def test_the_host_reads_nothing_before_the_factual_check(drafted, who):
    drafted.section("summary")
    services.request_pdf(report=drafted.report(), by=drafted.cast.manager)
    text = drafted.section("summary").text
    client = drafted.cast.client_for(getattr(drafted.cast, who))
    for name, url in addresses(drafted).items():
        answer = client.get(url)
        assert answer.status_code in (403, 404), name
        assert text[:40] not in answer.content.decode(), name
        assert "near misses" not in answer.content.decode(), name


def test_what_each_seat_opens_in_the_factual_check(drafted):
    drafted.to(Stage.FACTUAL_CHECK)
    names = ("report", "preview", "section", "facts", "annex", "fact_add", "reword", "settings")
    expected = {
        "host_lead": [200, 200, 200, 200, 200, 200, 404, 404],
        "host_sponsor": [200, 200, 200, 200, 200, 200, 404, 404],
        "lead_peer": [200, 200, 200, 200, 200, 404, 200, 200],
        "peer": [200, 200, 200, 200, 200, 404, 200, 200],
        "observer": [200, 200, 200, 200, 200, 404, 404, 404],
        "manager": [200, 200, 200, 200, 200, 404, 200, 200],
        "coordinator": [200, 200, 200, 200, 404, 404, 404, 404],
    }
    for who, wanted in expected.items():
        found = codes(drafted, who)
        assert [found[name] for name in names] == wanted, who


def test_sensitive_findings_stand_on_no_page_but_the_annex(drafted):
    drafted.to(Stage.FACTUAL_CHECK)
    for who in ("host_lead", "lead_peer", "observer", "coordinator"):
        client = drafted.cast.client_for(getattr(drafted.cast, who))
        for name, url in addresses(drafted).items():
            if name not in ("annex", "reword"):
                assert SECRET not in client.get(url).content.decode(), (who, name)
    client = drafted.cast.client_for(drafted.cast.host_lead)
    assert SECRET in client.get(addresses(drafted)["annex"]).content.decode()


def test_the_issued_annex_is_the_hosts_alone(issued):
    for who in (*TEAM, "manager", "coordinator"):
        found = codes(issued, who, ("annex", "annex_pdf", "report"))
        assert found == {"report": 200, "annex": 404, "annex_pdf": 404}, who
    for who in ("host_lead", "host_sponsor"):
        client = issued.cast.client_for(getattr(issued.cast, who))
        assert SECRET in client.get(addresses(issued)["annex"]).content.decode()


def test_the_issued_report_reaches_everybody_with_a_seat_and_holds_no_secret(issued):
    for who in (*TEAM, "manager", "coordinator", "host_lead", "host_sponsor"):
        client = issued.cast.client_for(getattr(issued.cast, who))
        page = client.get(addresses(issued)["report"]).content.decode()
        assert "The incident plan lives on the network" in page, who
        assert SECRET not in page, who
        assert SECRET not in client.get(addresses(issued)["issued_html"]).content.decode()


def test_the_sources_of_findings_are_kinds_and_counts_never_names(drafted):
    drafted.to(Stage.FACTUAL_CHECK)
    page = drafted.cast.client_for(drafted.cast.host_lead).get(addresses(drafted)["preview"]).content.decode()
    assert "Rests on: 1 conversation." in page


def test_the_host_never_gets_a_pdf_of_an_earlier_draft(drafted):
    services.request_pdf(report=drafted.report(), by=drafted.cast.manager)
    draft = DraftPdf.objects.get()
    section = drafted.section("summary")
    services.edit_section(section=section, by=drafted.cast.peer, version=1, text="Said otherwise.")
    drafted.to(Stage.FACTUAL_CHECK)
    page = drafted.cast.client_for(drafted.cast.host_lead).get(addresses(drafted)["report"]).content.decode()
    assert f"Draft {draft.number}" not in page
    assert f"Draft {draft.number}" in (
        drafted.cast.client_for(drafted.cast.peer).get(addresses(drafted)["report"]).content.decode()
    )


def test_another_challenges_ids_are_not_there(drafted):
    """The manager of one challenge asks with the ids of another's finding and section."""
    other = drafted.cast.other_challenge
    foreign = add_finding(other, headline="Elsewhere")
    client = drafted.cast.client_for(drafted.cast.manager)
    ref = drafted.challenge.ref
    assert client.get(reverse("reports:reword", args=[ref, foreign.pk])).status_code == 404
    assert client.get(reverse("reports:fact", args=[ref, 99999])).status_code == 404
    assert client.get(reverse("reports:section", args=[ref, "no-such"])).status_code == 404
    assert client.get(reverse("reports:report", args=[other.ref])).status_code == 404


def test_the_trail_and_the_tasks_hold_no_words_of_the_report(issued):
    client = issued.cast.client_for(issued.cast.host_lead)
    page = client.get(reverse("challenges:timeline", args=[issued.challenge.ref])).content.decode()
    assert SECRET not in page
    assert "near misses" not in page
