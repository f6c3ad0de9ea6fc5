"""Plain builders of the rows that most tests stand on. They write rows directly: rights are the tests' subject."""

import datetime
import itertools

from django.contrib.auth import get_user_model
from django.utils import timezone
from guardian.shortcuts import assign_perm

from peers.access import SeatName
from peers.challenges.models import Challenge, Programme
from peers.councils.models import Council
from peers.frameworks.models import (
    CafOutcome,
    EvidencePrompt,
    Framework,
    FrameworkVersion,
    LevelDescriptor,
    Question,
    QuestionCaf,
    QuestionRole,
    ScaleLevel,
    Theme,
)
from peers.pool.models import PeerProfile, PeerSkill
from peers.stages import Stage

_number = itertools.count(1)
WORDS = ["Not evidenced", "Starting", "Developing", "Established", "Leading"]


def make_user(full_name: str = "", **fields):
    number = next(_number)
    name = full_name or f"Person {number}"
    email = fields.pop("email", f"{name.lower().replace(' ', '.')}.{number}@example.org")
    return get_user_model().objects.create_user(email, name, fields.pop("password", "long-enough-words-here"), **fields)


def make_programme() -> Programme:
    return Programme.objects.get_or_create(title="Cyber 360")[0]


def make_council(name: str = "", **fields) -> Council:
    number = next(_number)
    name = name or f"Council {number}"
    defaults = {
        "gss_code": f"X{number:08d}",
        "official_name": f"{name} Council",
        "slug": f"{name.lower().replace(' ', '-')}-{number}",
        "kind": "unitary",
        "is_principal": True,
        "nation": "England",
        "region": "North West",
        "invented": True,
    }
    return Council.objects.create(name=name, **(defaults | fields))


def make_framework(themes: int = 2, questions: int = 2) -> FrameworkVersion:
    """A small published questionnaire: codes T1.1 and so on, one evidence prompt and one CAF link a question."""
    framework = Framework.objects.create(code=f"small-{next(_number)}", title="Small set")
    version = FrameworkVersion.objects.create(framework=framework, version="1.0", about="For tests.")
    for level, word in enumerate(WORDS):
        ScaleLevel.objects.create(framework_version=version, level=level, word=word, meaning=f"Meaning of {word}.")
    outcome = CafOutcome.objects.get_or_create(
        version="4.0", code="B6.a", defaults={"objective": "B", "principle": "B6", "title": "Cyber security culture"}
    )[0]
    for t in range(1, themes + 1):
        theme = Theme.objects.create(
            framework_version=version, code=f"T{t}", title=f"Theme {t}", purpose=f"Purpose {t}.", place=t
        )
        for q in range(1, questions + 1):
            _make_question(theme, f"T{t}.{q}", q, outcome)
    version.state = "published"
    version.published_at = timezone.now()
    version.save()
    return version


def _make_question(theme: Theme, code: str, place: int, outcome: CafOutcome) -> Question:
    question = Question(
        theme=theme, code=code, title=f"Title of {code}", wording=f"What happens in {code}?", place=place
    )
    question.why, question.guidance, question.required = f"Why {code}.", f"Guidance for {code}.", True
    question.save()
    for level, word in enumerate(WORDS):
        LevelDescriptor.objects.create(question=question, level=level, text=f"{word} in {code}.")
    QuestionRole.objects.create(question=question, role="Chief executive")
    EvidencePrompt.objects.create(
        question=question, prompt=f"Paper on {code}", good=f"Dated paper on {code}.", kind="document"
    )
    QuestionCaf.objects.create(question=question, outcome=outcome)
    return question


def make_challenge(
    council: Council | None = None, framework_version: FrameworkVersion | None = None, stage: Stage = Stage.PREPARATION
) -> Challenge:
    """A challenge with its scope and visit set, in `stage`, without running the moves."""
    number = next(_number)
    today = timezone.localdate()
    challenge = Challenge.objects.create(
        programme=make_programme(),
        ref=f"C360-2027-{number:03d}",
        council=council or make_council(),
        stage=stage,
        focus="How culture holds when systems fail.",
        framework_version=framework_version or make_framework(),
        window_first=today + datetime.timedelta(days=20),
        window_last=today + datetime.timedelta(days=60),
        visit_first_day=today + datetime.timedelta(days=30),
        visit_last_day=today + datetime.timedelta(days=32),
    )
    challenge.themes.set(challenge.framework_version.themes.all())
    return challenge


def sit(user, name: SeatName, target, **dates):
    """Give a seat without asking for a right."""
    seat = assign_perm(f"peers.{name.value}", user, target)
    for key, value in dates.items():
        setattr(seat, key, value)
    seat.save()
    return seat


def make_peer(user=None, council: Council | None = None, role: str = "officer", **fields) -> PeerProfile:
    """A pool profile, active, with the pool seat."""
    user = user or make_user()
    sit(user, SeatName.POOL_PEER, make_programme())
    profile = PeerProfile.objects.create(
        user=user, council=council or make_council(), role=role, state="active", days_offered=6, **fields
    )
    PeerSkill.objects.create(profile=profile, theme_code="T1", level="strong")
    return profile
