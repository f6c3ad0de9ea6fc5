"""Pages of the action plan: rights at every address, forms that lose nothing, sheets that no formula enters."""

import csv
import io

import pytest
from openpyxl import load_workbook

from cyber360.audit.models import AuditEvent
from peers.actionplans.models import Action, CheckIn
from peers.acts import Act
from peers.stages import Stage

SECRET = '=HYPERLINK("https://example.org","Rehearse quietly")'


@pytest.fixture
def planned(plan):
    plan.respond(1)
    plan.found = plan.action(title=SECRET)
    return plan


def paths(plan):
    pk = plan.found.pk
    return ["", "recommendations/1/", "recommendations/1/actions/add/", f"actions/{pk}/", f"actions/{pk}/edit/",
            f"actions/{pk}/progress/", "check-ins/", "check-ins/add/", "export.csv", "export.xlsx"]  # fmt: skip


@pytest.mark.parametrize("stage", [Stage.ACTION_PLANNING, Stage.FOLLOW_UP, Stage.CLOSED])
def test_outsiders_find_no_page_of_the_plan(planned, stage):
    planned.cast.at(stage)
    for person in [*planned.cast.outsiders.values(), planned.cast.contributor]:
        client = planned.cast.client_for(person)
        for path in paths(planned):
            assert client.get(planned.url(path)).status_code == 404, (person, path)
            assert client.post(planned.url(path), {}).status_code == 404, (person, path)


def test_who_is_not_signed_in_is_asked_to(planned):
    for path in paths(planned):
        response = planned.cast.client_for(None).get(planned.url(path))
        assert response.status_code == 302, path
        assert "login" in response.url


def test_the_team_meets_the_plan_when_it_is_approved(planned):
    client = planned.cast.client_for(planned.cast.peer)
    assert client.get(planned.url()).status_code == 403
    planned.cast.at(Stage.FOLLOW_UP)
    assert client.get(planned.url()).status_code == 200
    for path in ("recommendations/1/", f"actions/{planned.found.pk}/edit/", "check-ins/add/", "export.csv"):
        assert client.get(planned.url(path)).status_code == 404, path


@pytest.mark.parametrize("name", ["host_lead", "host_sponsor", "coordinator", "manager"])
def test_readers_of_the_plan(planned, name):
    client = planned.cast.client_for(getattr(planned.cast, name))
    for path in ("", f"actions/{planned.found.pk}/", "check-ins/", "export.csv"):
        assert client.get(planned.url(path)).status_code == 200, path
    writes = 200 if name.startswith("host") else 404
    assert client.get(planned.url("recommendations/1/")).status_code == writes
    assert client.get(planned.url(f"actions/{planned.found.pk}/edit/")).status_code == writes


def test_an_action_of_another_challenge_is_not_found(planned):
    other = planned.cast.other_challenge
    other.stage = Stage.ACTION_PLANNING
    other.save()
    client = planned.cast.client_for(planned.cast.other_host)
    for rest in ("", "edit/"):
        assert client.get(f"/challenges/{other.ref}/plan/actions/{planned.found.pk}/{rest}").status_code == 404


def test_responding_and_an_old_tab(planned):
    client = planned.cast.client_for(planned.cast.host_lead)
    url = planned.url("recommendations/2/")
    assert "Give the reason" in client.post(url, {"version": 1, "answer": "in_part"}).content.decode()
    data = {"version": 1, "answer": "in_part", "reason": "One rehearsal first."}
    assert client.post(url, data).status_code == 302
    page = client.post(url, data | {"reason": "Typed in an old tab"})
    assert page.status_code == 409
    assert "Typed in an old tab" in page.content.decode()
    assert planned.response(2).reason == "One rehearsal first."


@pytest.mark.parametrize(("answer", "next_step"), [("accept", True), ("in_part", True), ("not_accepted", False)])
def test_after_an_accepting_response_the_page_leads_to_the_action(planned, answer, next_step):
    client = planned.cast.client_for(planned.cast.host_lead)
    data = {"version": 1, "answer": answer, "reason": "" if answer == "accept" else "One rehearsal first."}
    text = client.post(planned.url("recommendations/2/"), data, follow=True).content.decode()
    link = f'<a class="govuk-notification-banner__link" href="{planned.url("recommendations/2/actions/add/")}">'
    assert "The response to recommendation 2 is saved." in text
    assert (f"{link}Next, add an action</a>" in text) is next_step
    assert "every recommendation has a response and every accepted one an action" in text


def test_who_has_an_action_already_is_not_told_to_add_one(planned):
    client = planned.cast.client_for(planned.cast.host_lead)
    data = {"version": planned.response(1).version, "answer": "accept"}
    text = client.post(planned.url("recommendations/1/"), data, follow=True).content.decode()
    assert "The response to recommendation 1 is saved." in text
    assert "Next, add an action" not in text


def action_data(plan, **changes):
    data = {"title": "Train the board", "lead_officer": "Monitoring officer", "success_measure": "All trained",
            "due_on": str(plan.found.due_on), "priority": "high", "resources_secured": "yes", "budget_approved": "no",
            "version": ""}  # fmt: skip
    return data | changes


def test_actions_through_the_pages(planned):
    client = planned.cast.client_for(planned.cast.host_lead)
    assert client.post(planned.url("recommendations/1/actions/add/"), action_data(planned)).status_code == 302
    action = Action.objects.get(title="Train the board")
    url = planned.url(f"actions/{action.pk}/edit/")
    early = action_data(planned, version=1, starts_on="2090-01-01")
    assert "due before it starts" in client.post(url, early).content.decode()
    assert client.post(url, action_data(planned, version=1, title="Train twice")).status_code == 302
    assert client.post(url, action_data(planned, version=1, title="Old tab")).status_code == 409
    planned.cast.at(Stage.FOLLOW_UP)
    url = planned.url(f"actions/{action.pk}/progress/")
    data = {"version": 2, "status": "complete", "text": "Done."}
    assert client.post(url, data).status_code == 200
    assert client.post(url, data | {"completion_evidence": "Register"}).status_code == 302
    assert client.post(url, data | {"completion_evidence": "Register"}).status_code == 409


def test_the_list_is_filtered_by_status_and_lateness(planned):
    client = planned.cast.client_for(planned.cast.host_lead)
    assert "Rehearse quietly" in client.get(planned.url()).content.decode()
    for query in ("?status=complete", "?late=1"):
        assert "Rehearse quietly" not in client.get(planned.url(query)).content.decode()
    assert client.get(planned.url("?status=nonsense")).status_code == 200


def test_a_check_in_through_the_page(planned):
    planned.cast.at(Stage.FOLLOW_UP)
    client = planned.cast.client_for(planned.cast.lead_peer)
    question = planned.cast.questions[0]
    data = {"kind": "review", "held_on": str(planned.today), "attendee_roles": "Leader", "summary": "Heard.",
            f"level_{question.pk}": "4"}  # fmt: skip
    assert client.post(planned.url("check-ins/add/"), data).status_code == 302
    assert "already recorded" in client.post(planned.url("check-ins/add/"), data).content.decode()
    assert CheckIn.objects.get().scores.get().level == 4
    assert client.get(planned.url("check-ins/")).status_code == 200


# --- exports
def test_no_cell_of_an_export_is_a_formula(planned):
    client = planned.cast.client_for(planned.cast.host_lead)
    response = client.get(planned.url("export.csv"))
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0]["action"] == f"'{SECRET}"
    sheet = load_workbook(io.BytesIO(client.get(planned.url("export.xlsx")).content)).active
    cells = {cell.value: cell for row in sheet.iter_rows() for cell in row}
    assert cells[f"'{SECRET}"].data_type == "s"
    assert all(cell.data_type != "f" for cell in cells.values())
    assert "attachment" in response["Content-Disposition"]
    assert AuditEvent.objects.filter(act=Act.PLAN_EXPORT).count() == 2
    assert client.get(planned.url("export.pdf")).status_code == 404


def test_overdue_actions_are_the_coordinators(planned):
    Action.objects.update(due_on="2020-01-01")
    assert (
        "Rehearse quietly"
        in planned.cast.client_for(planned.cast.coordinator).get("/actions/overdue/").content.decode()
    )
    for name in ("host_lead", "manager", "lead_peer", "stranger", "superuser"):
        assert planned.cast.client_for(getattr(planned.cast, name)).get("/actions/overdue/").status_code == 404, name


@pytest.mark.parametrize("path", ["", "export.csv"])
def test_forty_actions_cost_no_more_queries_than_one(planned, path, django_assert_max_num_queries):
    client = planned.cast.client_for(planned.cast.host_lead)
    counts = []
    for wanted in (1, 40):
        while Action.objects.count() < wanted:
            planned.action(days=Action.objects.count() + 1)
        client.get(planned.url(path))
        with django_assert_max_num_queries(45) as asked:
            assert client.get(planned.url(path)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1], counts
