"""A published version with all its parts never changes; the database keeps codes and levels in order."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cyber360.exceptions import NotNow
from peers.frameworks.models import (
    CafOutcome,
    DigitalOutcome,
    FrameworkVersion,
    LevelDescriptor,
    Question,
    ScaleLevel,
    State,
    Theme,
)
from tests.factories.worlds import make_framework


@pytest.fixture
def published(db) -> FrameworkVersion:
    return make_framework()


@pytest.fixture
def draft(db) -> FrameworkVersion:
    version = make_framework()
    FrameworkVersion.objects.filter(pk=version.pk).update(state=State.DRAFT, published_at=None)
    version.refresh_from_db()
    return version


def parts(version: FrameworkVersion) -> dict[str, object]:
    question = version.questions.first()
    return {
        "scale": version.scale.first(),
        "theme": version.themes.first(),
        "question": question,
        "level": question.levels.first(),
        "role": question.roles.first(),
        "prompt": question.evidence_prompts.first(),
        "caf": question.caf_links.first(),
    }


PARTS = ("scale", "theme", "question", "level", "role", "prompt", "caf")


@pytest.mark.parametrize("name", PARTS)
def test_no_part_of_a_published_version_is_saved_or_deleted(published, name):
    part = parts(published)[name]
    kin = type(part)._default_manager.filter(pk=part.pk)
    for write in (
        part.save,
        part.delete,
        kin.delete,
        lambda: kin.update(pk=part.pk),
        lambda: kin.bulk_create(
            [type(part)(**{f.attname: getattr(part, f.attname) for f in part._meta.concrete_fields})]
        ),
    ):
        with pytest.raises(NotNow, match="published"):
            write()
    assert kin.exists()


@pytest.mark.parametrize("name", PARTS)
def test_parts_of_a_draft_are_saved_and_deleted(draft, name):
    part = parts(draft)[name]
    part.save()
    part.delete()


def test_bulk_update_of_a_published_version_is_refused(published):
    theme = published.themes.first()
    theme.title = "Other"
    with pytest.raises(NotNow):
        Theme.objects.bulk_update([theme], ["title"])


def test_links_of_a_published_version_stay(published):
    question = published.questions.first()
    outcome = CafOutcome.objects.create(version="4.0", code="A1.a", title="T", objective="A", principle="A1")
    for write in (lambda: question.caf.add(outcome), question.caf.clear, lambda: question.caf.set([outcome])):
        with pytest.raises(NotNow), transaction.atomic():
            write()
    assert question.caf.count() == 1


def test_words_of_a_published_version_stay_and_its_state_moves_on(published):
    for name, value in {"about": "Other", "version": "9", "sha256": "0", "state": State.DRAFT}.items():
        row = FrameworkVersion.objects.get(pk=published.pk)
        setattr(row, name, value)
        with pytest.raises(NotNow):
            row.save()
    with pytest.raises(NotNow):
        published.delete()
    published.state = State.RETIRED
    published.save()
    with pytest.raises(NotNow):
        published.themes.first().save()


def test_a_draft_is_deleted_with_all_its_parts(draft):
    draft.delete()
    assert [model.objects.count() for model in (Theme, Question, LevelDescriptor, ScaleLevel)] == [0, 0, 0, 0]


def refused(make) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_the_database_keeps_codes_and_levels_in_order(draft):
    first, second = draft.themes.all()
    question = first.questions.first()
    refused(lambda: Theme.objects.create(framework_version=draft, code="T1", title="x", purpose="x"))
    refused(lambda: Question.objects.create(theme=second, code="T1.1", title="x", wording="x"))
    refused(lambda: LevelDescriptor.objects.create(question=question, level=3, text="x"))
    refused(lambda: LevelDescriptor.objects.filter(question=question, level=4).update(level=5))
    refused(lambda: ScaleLevel.objects.create(framework_version=draft, level=3, word="x", meaning="x"))
    DigitalOutcome.objects.create(framework_version=draft, code="value", title="Value")
    refused(lambda: DigitalOutcome.objects.create(framework_version=draft, code="value", title="Value"))
    refused(lambda: FrameworkVersion.objects.create(framework=draft.framework, version="1.0"))


def test_a_question_and_its_theme_share_a_version(draft, published):
    question = draft.questions.first()
    question.theme = published.themes.first()
    with pytest.raises(ValidationError):
        question.full_clean()
