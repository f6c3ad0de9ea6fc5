"""What a form may send that no page of ours sends: the text is kept and said, never a 500."""

from peers.onsite.models import Conversation, Note
from peers.stages import Stage


def test_a_note_that_is_gone_keeps_its_text_in_the_form(cast):
    """A version without a note: somebody's tab outlived the row."""
    cast.at(Stage.ON_SITE)
    url = f"/challenges/{cast.challenge.ref}/visit/notes/add/"
    answer = cast.client_for(cast.peer).post(url, {"version": 5, "text": "They keep the plan in a drawer."})
    assert answer.status_code == 200
    assert "They keep the plan in a drawer." in answer.content.decode()
    assert not Note.objects.exists()
    again = cast.client_for(cast.peer).post(url, {"version": 0, "text": "They keep the plan in a drawer."})
    assert again.status_code == 302
    assert Note.objects.get().text == "They keep the plan in a drawer."


def test_a_slot_at_the_end_of_the_calendar_is_refused(cast):
    cast.at(Stage.PREPARATION)
    url = f"/challenges/{cast.challenge.ref}/visit/slots/add/"
    body = {"title": "Finance", "kind": "conversation", "day": "9999-12-31", "time": "23:45", "minutes": "120"}
    answer = cast.client_for(cast.host_lead).post(url, body)
    assert answer.status_code == 200
    assert "between 1800 and 2100" in answer.content.decode()
    assert not Conversation.objects.exists()
