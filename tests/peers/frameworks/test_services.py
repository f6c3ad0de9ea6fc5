"""A file becomes a draft, a draft is published and frozen, a version is retired; each by the right seat only."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NoSeat, NotNow
from peers.acts import Act
from peers.frameworks import queries, services
from peers.frameworks.importer.checks import check
from peers.frameworks.models import CafOutcome, Framework, FrameworkVersion, Question, State, Theme
from peers.frameworks.services import BadFramework
from tests.peers.frameworks.documents import question, raw, text

EXAMPLE = Path(settings.BASE_DIR) / "fixtures" / "frameworks" / "cyber360-example-1.0.yaml"


@pytest.fixture
def caf(db):
    services.load_caf_reference()


@pytest.fixture
def draft(caf) -> FrameworkVersion:
    return services.import_version(raw=raw(), source="small.yaml").version


def without_right(cast):
    return (
        cast.coordinator,
        cast.host_lead,
        cast.manager,
        cast.lead_peer,
        cast.superuser,
        cast.administrator,
        cast.stranger,
    )


def test_the_reference_lists_are_loaded_once(db):
    assert services.load_caf_reference() == 80
    assert services.load_caf_reference() == 0
    assert {version: len(codes) for version, codes in queries.caf_codes().items()} == {"3.2": 39, "4.0": 41}
    assert (
        CafOutcome.objects.get(version="4.0", code="A2.b").title
        != CafOutcome.objects.get(version="3.2", code="A2.b").title
    )


def test_a_file_becomes_a_draft_that_comes_out_equal(draft):
    assert (draft.state, draft.source, str(draft)) == (State.DRAFT, "small.yaml", "Small set 1.0")
    document = check(raw(), caf=queries.caf_codes()).document
    assert queries.document_of(draft) == document


def test_the_shipped_set_comes_out_equal_and_its_export_too(caf):
    data = EXAMPLE.read_bytes()
    version = services.import_version(raw=data, source=EXAMPLE.name).version
    document = check(data, caf=queries.caf_codes()).document
    assert queries.document_of(version) == document
    assert version.questions.count() == document.question_count()


def test_import_takes_few_queries(caf, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        services.import_version(raw=EXAMPLE.read_bytes(), source="example")


def test_the_same_file_twice_is_one_version(draft):
    again = services.import_version(raw=raw(), source="other name.yaml")
    assert (again.version, again.how) == (draft, "same")
    assert FrameworkVersion.objects.count() == 1


def test_another_file_of_the_same_version_replaces_the_draft(draft):
    data = text(questions=question("T1.9")).encode()
    imported = services.import_version(raw=data, source="new.yaml")
    assert (imported.version.pk, imported.how) == (draft.pk, "replaced")
    assert list(Question.objects.values_list("code", flat=True)) == ["T1.9"]
    assert Theme.objects.count() == 1


def test_a_published_version_is_never_replaced(draft):
    services.publish_version(version=draft)
    with pytest.raises(BadFramework) as bad:
        services.import_version(raw=text(questions=question("T1.9")).encode(), source="new.yaml")
    assert "Version 1.0 is published" in str(bad.value.problems[0])
    assert Question.objects.count() == 2
    assert services.import_version(raw=raw(), source="same").how == "same"
    assert services.import_version(raw=raw("1.1"), source="next").how == "new"


def test_a_bad_file_leaves_nothing_behind(caf):
    with pytest.raises(BadFramework) as bad:
        services.import_version(raw=raw(title="7"), source="bad.yaml")
    assert [problem.path for problem in bad.value.problems] == ["title"]
    assert Framework.objects.count() == FrameworkVersion.objects.count() == 0


def test_publish_then_retire(draft):
    published = services.publish_version(version=draft)
    assert (published.state, published.published_at is not None) == (State.PUBLISHED, True)
    assert list(queries.published_versions()) == [draft]
    with pytest.raises(NotNow, match="already published"):
        services.publish_version(version=draft)
    retired = services.retire_version(version=draft)
    assert (retired.state, retired.retired_at is not None) == (State.RETIRED, True)
    assert list(queries.published_versions()) == []
    for again in (services.publish_version, services.retire_version):
        with pytest.raises(NotNow, match="retired"):
            again(version=draft)


def test_a_draft_cannot_be_retired_and_an_empty_one_not_published(draft):
    with pytest.raises(NotNow):
        services.retire_version(version=draft)
    draft.themes.all().delete()
    with pytest.raises(NotNow, match="no questions"):
        services.publish_version(version=draft)


def test_only_a_draft_is_deleted(draft, cast):
    services.publish_version(version=draft)
    with pytest.raises(NotNow):
        services.discard_draft(version=draft, by=cast.editor)
    other = services.import_version(raw=raw(code="other-set"), source="x").version
    services.discard_draft(version=other, by=cast.editor)
    assert not Framework.objects.filter(code="other-set").exists()


def test_each_write_needs_its_seat_and_is_recorded(draft, cast):
    data = raw("2.0")
    for person in without_right(cast):
        with pytest.raises(NoSeat):
            services.import_version(raw=data, source="x", by=person)
        for write in (services.publish_version, services.retire_version, services.discard_draft):
            with pytest.raises(NoSeat):
                write(version=draft, by=person)
    with pytest.raises(NoSeat):
        services.export_version(version=draft, by=cast.host_lead)
    version = services.import_version(raw=data, source="x", by=cast.editor).version
    services.publish_version(version=version, by=cast.editor)
    services.export_version(version=version, by=cast.coordinator)
    events = AuditEvent.objects.filter(object_id=str(version.pk)).order_by("pk")
    assert [(event.act, event.seat) for event in events] == [
        (Act.FRAMEWORK_EDIT, "framework_editor"),
        (Act.FRAMEWORK_PUBLISH, "framework_editor"),
        (Act.FRAMEWORK_READ, "coordinator"),
    ]


# --- the command ------------------------------------------------------------------------------------------
def run(*args: str) -> str:
    out = io.StringIO()
    call_command("import_framework", *args, stdout=out)
    return out.getvalue()


def test_the_command_loads_publishes_and_does_it_once(db):
    first = run(str(EXAMPLE), "--publish")
    assert "80 outcomes loaded" in first
    assert "published" in first
    assert FrameworkVersion.objects.get().state == State.PUBLISHED
    assert run(str(EXAMPLE), "--publish") == "Cyber 360 example set 1.0: is there already\n"


def test_the_command_prints_every_problem(db, tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(text(title="7", language="fr"))
    err = io.StringIO()
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_framework", str(file), stdout=io.StringIO(), stderr=err)
    assert "line 3, title: Text is wanted here" in err.getvalue()
    assert "line 5, language: Write one of" in err.getvalue()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_framework", str(tmp_path / "none.yaml"))
