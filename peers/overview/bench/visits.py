"""Which pages are measured, by whom, in which stage; and the sessions of those people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse
from django.utils import timezone

from cyber360.accounts.models import User
from peers.access import SeatName
from peers.answers.models import Answer
from peers.challenges.models import Challenge, Programme
from peers.councils.models import Council
from peers.stages import Stage


@dataclass(frozen=True)
class Page:
    """One page as one person opens it while the measured challenge stands in `stage`."""

    name: str
    path: str
    seat: SeatName
    stage: Stage
    saves: Answer | None = None


def measured_challenge() -> Challenge:
    """A challenge that holds the content of every room: the first in follow-up, which every size has."""
    return Challenge.objects.filter(ref__startswith="GEN-", visit_last_day__isnull=False).order_by("pk")[0]


def pages(challenge: Challenge) -> list[Page]:
    ref, S = challenge.ref, SeatName
    answer = Answer.objects.filter(challenge=challenge).select_related("question").order_by("pk")[1]
    question = reverse("answers:question", args=[ref, answer.question.code])
    word = Council.objects.order_by("pk")[0].name[:4].lower()
    return [
        Page("my_tasks", reverse("overview:home"), S.COORDINATOR, Stage.PREPARATION),
        Page("pipeline", reverse("overview:pipeline"), S.COORDINATOR, Stage.PREPARATION),
        Page("challenge", challenge.get_absolute_url(), S.COORDINATOR, Stage.PREPARATION),
        Page("questionnaire", reverse("answers:overview", args=[ref]), S.HOST_LEAD, Stage.PREPARATION),
        Page("question", question, S.HOST_LEAD, Stage.PREPARATION),
        Page("question_save", question, S.HOST_LEAD, Stage.PREPARATION, answer),
        Page("evidence", reverse("evidence:list", args=[ref]), S.HOST_LEAD, Stage.PREPARATION),
        Page("directory", f"{reverse('councils:list')}?q={word}", S.COORDINATOR, Stage.PREPARATION),
        Page("moderation", reverse("scoring:board", args=[ref]), S.LEAD_PEER, Stage.MODERATION),
        Page("findings", reverse("findings:board", args=[ref]), S.LEAD_PEER, Stage.MODERATION),
        Page("action_plan", reverse("actionplans:plan", args=[ref]), S.HOST_LEAD, Stage.ACTION_PLANNING),
    ]


@contextmanager
def standing(challenge: Challenge, stage: Stage) -> Iterator[None]:
    """The challenge in another stage for a while. Rows are set as they are: this is the bench's own data."""
    before = {"stage": challenge.stage, "pack_locked_at": challenge.pack_locked_at}
    locked = timezone.now() if stage.place >= Stage.DESK_REVIEW.place else None
    Challenge.objects.filter(pk=challenge.pk).update(stage=stage, pack_locked_at=locked)
    try:
        yield
    finally:
        Challenge.objects.filter(pk=challenge.pk).update(**before)


def cookie_of(challenge: Challenge, name: SeatName) -> str:
    """The Cookie header of a signed-in person in that seat, who has a second factor as production asks."""
    user = _person(challenge, name)
    data = {"secret": "generated", "last_used": 0}
    Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": data})
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


TOKEN = "b" * 32  # the secret of the form's token, of the length that Django asks for


def _person(challenge: Challenge, name: SeatName) -> User:
    if name == SeatName.COORDINATOR:
        return Programme.objects.order_by("pk")[0].seats.filter(permission__codename=name)[0].user
    return challenge.seats.filter(permission__codename=name).select_related("user")[0].user
