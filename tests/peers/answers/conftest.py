import datetime

import pytest
from django.utils import timezone

from peers.answers.models import Answer, Assignment
from peers.answers.services import open_answers, save_answer, save_position
from tests.people import Cast


@pytest.fixture
def opened(cast) -> Cast:
    """The cast in preparation with its questions open, here and on the other council's challenge."""
    for challenge, by in ((cast.challenge, cast.coordinator), (cast.other_challenge, cast.coordinator)):
        open_answers(challenge=challenge, by=by, at=timezone.now())
    return cast


@pytest.fixture
def answer(opened) -> Answer:
    return answer_to(opened, "T1.1")


def answer_to(cast, code: str) -> Answer:
    return Answer.objects.select_related("challenge", "question").get(challenge=cast.challenge, question__code=code)


def hand(cast, code: str, person=None, **fields) -> Assignment:
    """A hand-over without its mail, to the cast's contributor."""
    due = timezone.localdate() + datetime.timedelta(days=7)
    return Assignment.objects.create(
        challenge=cast.challenge,
        question=answer_to(cast, code).question,
        person=person or cast.contributor,
        handed_by=cast.host_lead,
        **({"due_on": due} | fields),
    )


def written(cast) -> None:
    """Every question answered by nobody in particular, without a mail or an event."""
    Answer.objects.filter(challenge=cast.challenge).update(level=2, text="Why.")


def fill(cast) -> None:
    """Every question answered and the position statement written."""
    for row in Answer.objects.filter(challenge=cast.challenge):
        save_answer(answer=row, by=cast.host_lead, version=row.version, level=2, text=f"Text {row.question.code}.")
    save_position(challenge=cast.challenge, by=cast.host_lead, version=1, text="Where we stand.")
