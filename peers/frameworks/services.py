"""Writing questionnaires: a file becomes a draft, a draft is published and then never changes, a version is retired."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from peers.access import require
from peers.acts import Act
from peers.frameworks import queries
from peers.frameworks.importer.caf import read_caf
from peers.frameworks.importer.checks import Checked, check
from peers.frameworks.importer.problems import Problem
from peers.frameworks.importer.schema import Document
from peers.frameworks.importer.schema import Question as QuestionText
from peers.frameworks.importer.writer import to_yaml
from peers.frameworks.models import (
    CafOutcome,
    DigitalOutcome,
    EvidencePrompt,
    Framework,
    FrameworkVersion,
    LevelDescriptor,
    Question,
    QuestionCaf,
    QuestionOutcome,
    QuestionRole,
    ScaleLevel,
    State,
    Theme,
)

CAF_FILE = Path(settings.BASE_DIR) / "fixtures" / "caf" / "caf.csv"


class BadFramework(BadInput):
    """A file that cannot become a version; `problems` say where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(_("The file has %(count)s problems.") % {"count": len(problems)})
        self.problems = problems


@dataclass(frozen=True)
class Imported:
    """`how`: new; same, when this very file is there already; replaced, when it took the place of a draft."""

    version: FrameworkVersion
    how: Literal["new", "same", "replaced"]


def load_caf_reference() -> int:
    """Load CAF ids and titles from the shipped list where absent; how many were new."""
    rows = read_caf(CAF_FILE.read_text(encoding="utf-8"))
    known = queries.caf_codes()
    new = [CafOutcome(**row._asdict()) for row in rows if row.code not in known.get(row.version, ())]
    CafOutcome.objects.bulk_create(new)
    return len(new)


def check_file(*, raw: bytes) -> Checked:
    """All that is wrong with the file, and with its place among the stored versions. Writes nothing."""
    checked = check(raw, caf=queries.caf_codes())
    if checked.document is None:
        return checked
    stored = queries.find_stored(checked.document.code, checked.document.version)
    if stored is None or stored.is_draft or stored.sha256 == hashlib.sha256(raw).hexdigest():
        return checked
    words = _("Version %(version)s is published and no longer changes. Give the file a new version.")
    return Checked(None, [Problem(0, "version", words % {"version": stored.version})])


@transaction.atomic
def import_version(*, raw: bytes, source: str, by: User | None = None) -> Imported:
    """Make a draft of the file, or replace the draft of that version. The same file twice is one version.

    `by` None is the operator at the command line. Raises BadFramework.
    """
    seat = require(by, Act.FRAMEWORK_EDIT) if by is not None else ""
    sha256 = hashlib.sha256(raw).hexdigest()
    same = queries.find_same_file(sha256)
    if same is not None:
        return Imported(same, "same")
    checked = check_file(raw=raw)
    if checked.document is None:
        raise BadFramework(checked.problems)
    document = checked.document
    version, how = _draft_for(document)
    version.title, version.language = document.title, document.language
    version.about, version.credit = document.about or "", document.credit or ""
    version.source, version.sha256 = source[:200], sha256
    version.full_clean()
    version.save()
    _add_parts(version, document)
    detail = {"file": sha256, "how": how, "questions": document.question_count()}
    record(act=Act.FRAMEWORK_EDIT, by=by, seat=seat, obj=version, detail=detail)
    return Imported(version, how)


def _draft_for(document: Document) -> tuple[FrameworkVersion, Literal["new", "replaced"]]:
    framework, _made = Framework.objects.get_or_create(code=document.code, defaults={"title": document.title})
    stored = FrameworkVersion.objects.select_for_update().filter(framework=framework, version=document.version).first()
    if stored is None:
        return FrameworkVersion(framework=framework, version=document.version), "new"
    stored.scale.all().delete()
    stored.themes.all().delete()
    stored.outcomes.all().delete()
    return stored, "replaced"


def _add_parts(version: FrameworkVersion, document: Document) -> None:
    ScaleLevel.objects.bulk_create(
        ScaleLevel(framework_version=version, level=row.level, word=row.word, meaning=row.meaning)
        for row in document.scale
    )
    outcomes = DigitalOutcome.objects.bulk_create(
        DigitalOutcome(framework_version=version, code=row.code, title=row.title) for row in document.outcomes
    )
    themes = Theme.objects.bulk_create(
        Theme(framework_version=version, code=row.code, title=row.title, purpose=row.purpose, place=place)
        for place, row in enumerate(document.themes, start=1)
    )
    texts = [
        (theme, place, text)
        for theme, row in zip(themes, document.themes, strict=True)
        for place, text in enumerate(row.questions, start=1)
    ]
    questions = Question.objects.bulk_create(
        Question(
            framework_version=version,
            theme=theme,
            code=text.code,
            title=text.title,
            wording=text.question,
            why=text.why or "",
            guidance=text.guidance or "",
            required=text.required,
            place=place,
        )
        for theme, place, text in texts
    )
    _add_question_parts(list(zip(questions, (text for _theme, _place, text in texts), strict=True)), outcomes)


def _add_question_parts(pairs: list[tuple[Question, QuestionText]], outcomes: list[DigitalOutcome]) -> None:
    served = {row.code: row for row in outcomes}
    caf = {(row.version, row.code): row for row in CafOutcome.objects.all()}
    LevelDescriptor.objects.bulk_create(
        LevelDescriptor(question=row, level=level, text=words)
        for row, text in pairs
        for level, words in text.levels.by_level().items()
    )
    QuestionRole.objects.bulk_create(
        QuestionRole(question=row, role=role, place=place)
        for row, text in pairs
        for place, role in enumerate(text.who, start=1)
    )
    EvidencePrompt.objects.bulk_create(
        EvidencePrompt(question=row, prompt=item.prompt, good=item.good or "", kind=item.kind, place=place)
        for row, text in pairs
        for place, item in enumerate(text.evidence, start=1)
    )
    QuestionCaf.objects.bulk_create(
        QuestionCaf(question=row, outcome=caf[version, code])
        for row, text in pairs
        for version, codes in text.caf.items()
        for code in codes
    )
    QuestionOutcome.objects.bulk_create(
        QuestionOutcome(question=row, outcome=served[code]) for row, text in pairs for code in text.outcomes
    )


@transaction.atomic
def publish_version(*, version: FrameworkVersion, by: User | None = None) -> FrameworkVersion:
    """Freeze a draft for use by challenges. Raises NotNow for anything else."""
    seat = require(by, Act.FRAMEWORK_PUBLISH) if by is not None else ""
    row = _locked(version)
    if not row.is_draft:
        raise NotNow(_("Only a draft can be published. This version is already %(state)s.") % _state(row))
    if not row.questions.exists():
        raise NotNow(_("This draft has no questions, so there is nothing to publish."))
    row.state, row.published_at = State.PUBLISHED, timezone.now()
    row.full_clean()
    row.save()
    record(act=Act.FRAMEWORK_PUBLISH, by=by, seat=seat, obj=row, detail={"state": row.state, "file": row.sha256})
    return row


@transaction.atomic
def retire_version(*, version: FrameworkVersion, by: User | None = None) -> FrameworkVersion:
    """No new challenge may pin it; those that did keep it. Raises NotNow unless it is published."""
    seat = require(by, Act.FRAMEWORK_PUBLISH) if by is not None else ""
    row = _locked(version)
    if not row.is_published:
        raise NotNow(_("Only a published version can be retired. This one is %(state)s.") % _state(row))
    row.state, row.retired_at = State.RETIRED, timezone.now()
    row.full_clean()
    row.save()
    record(act=Act.FRAMEWORK_PUBLISH, by=by, seat=seat, obj=row, detail={"state": row.state})
    return row


@transaction.atomic
def discard_draft(*, version: FrameworkVersion, by: User) -> None:
    """Delete a draft with all its parts. Raises NotNow for a published or retired version."""
    seat = require(by, Act.FRAMEWORK_EDIT)
    row = _locked(version)
    record(act=Act.FRAMEWORK_EDIT, by=by, seat=seat, obj=row, detail={"how": "discarded", "file": row.sha256})
    framework = row.framework
    row.delete()
    if not framework.versions.exists():
        framework.delete()


@transaction.atomic
def export_version(*, version: FrameworkVersion, by: User) -> str:
    """The version as YAML that can be imported again. Recorded, as every export is."""
    seat = require(by, Act.FRAMEWORK_READ)
    text = to_yaml(queries.document_of(version))
    record(act=Act.FRAMEWORK_READ, by=by, seat=seat, obj=version, detail={"export": "yaml"})
    return text


def _locked(version: FrameworkVersion) -> FrameworkVersion:
    return FrameworkVersion.objects.select_for_update().select_related("framework").get(pk=version.pk)


def _state(version: FrameworkVersion) -> dict[str, str]:
    return {"state": str(version.get_state_display()).lower()}
