"""Links, files or both, and what readers may take away: the host decides on one page."""

import pytest

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from peers.acts import Act
from peers.challenges.forms import ScopeForm
from peers.challenges.models import Challenge
from peers.evidence import services
from peers.stages import Stage

from .conftest import given, make_item, make_link, send, url

pytestmark = pytest.mark.django_db


def now(room) -> Challenge:
    return Challenge.objects.get(pk=room.challenge.pk)


def set_to(room, by, given="links", taken="page", **fields):
    return services.set_policy(challenge=room.challenge, by=by, evidence_policy=given, download_policy=taken, **fields)


def test_the_host_decides_and_it_is_recorded_once(room):
    for _again in range(2):
        set_to(room, room.host_lead)
    assert (now(room).evidence_policy, now(room).download_policy) == ("links", "page")
    event = AuditEvent.objects.get(act=Act.EVIDENCE_POLICY_EDIT)
    assert event.detail == {"given": "links", "taken_away": "page", "before": ["both", "marked"]}


@pytest.mark.parametrize("person", ["contributor", "manager", "coordinator", "peer", "stranger", "other_host"])
def test_nobody_else_decides(room, person):
    with pytest.raises((NoSeat, NotNow)):
        set_to(room, getattr(room, person))
    assert room.client_for(getattr(room, person)).get(url(room, "policy")).status_code == 404
    assert now(room).evidence_policy == "both"


def test_words_that_are_no_choice_and_a_version_that_is_behind(room):
    with pytest.raises(BadInput):
        set_to(room, room.host_lead, given="everything")
    set_to(room, room.host_lead, version=room.challenge.version)
    with pytest.raises(StaleVersion):
        set_to(room, room.host_lead, given="files", version=room.challenge.version)


def test_the_page_says_what_happens_with_what_is_here(room):
    make_item(room.challenge)
    make_link(room.challenge)
    client = room.client_for(room.host_lead)
    page = client.get(url(room, "policy")).content.decode()
    assert "1 file is here now. It stays" in page
    assert "1 link is here now. It stays" in page
    sent = {"evidence_policy": "links", "download_policy": "originals", "version": room.challenge.version}
    assert client.post(url(room, "policy"), sent).url == url(room)
    listed = client.get(url(room)).content.decode()
    assert "The council keeps its files and gives links." in listed
    assert "The team may take the files away as they were given." in listed
    stale = client.post(url(room, "policy"), sent | {"evidence_policy": "files"})
    assert (stale.status_code, now(room).evidence_policy) == (409, "links")
    assert room.challenge.evidence_items.filter(state="live").count() == 2


def test_the_team_is_told_where_it_reads(room):
    set_to(room, room.host_lead, given="both", taken="page")
    room.challenge = now(room)
    room.at(Stage.DESK_REVIEW)
    page = room.client_for(room.peer).get(url(room)).content.decode()
    assert "takes nothing away" in page
    assert url(room, "policy") not in page


def test_it_is_set_in_one_place():
    assert "evidence_policy" not in ScopeForm.base_fields


def test_an_old_address_of_the_form_for_files_leads_to_the_one_for_links(room):
    set_to(room, room.host_lead)
    client = room.client_for(room.host_lead)
    answer = client.get(url(room, "add"))
    assert (answer.status_code, answer.url) == (302, url(room, "add_link"))
    assert "This challenge takes links only" in client.get(answer.url).content.decode()
    assert send(room, room.host_lead, given("plan.txt", b"words")).status_code == 403
    assert not room.challenge.evidence_items.exists()
