"""Writing report templates: a draft, put in use, retired. A report keeps the version it began with."""

from pathlib import Path

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from peers.access import require
from peers.acts import Act

from .models import ReportTemplate, TemplateSection, TemplateState
from .prefill import unknown_names

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "reports" / "default.yaml"
STEP = 10


@transaction.atomic
def load_default_template() -> ReportTemplate:
    """The sections that ship with the product, when there is no template yet. May run any number of times."""
    there = ReportTemplate.objects.filter(state=TemplateState.CURRENT).first()
    if there is not None:
        return there
    shipped = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    number = (ReportTemplate.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    template = ReportTemplate(title=shipped["title"], number=number, state=TemplateState.CURRENT)
    template.full_clean()
    template.save()
    for place, row in enumerate(shipped["sections"], start=1):
        section = TemplateSection(template=template, place=place * STEP, **row)
        section.full_clean()
        section.save()
    return template


def _draft(template: ReportTemplate) -> ReportTemplate:
    row = ReportTemplate.objects.select_for_update().get(pk=template.pk)
    if row.state != TemplateState.DRAFT:
        raise NotNow(_("A version that was in use never changes. Start a new one."))
    return row


def _touch(template: ReportTemplate, by, seat: str, **detail: str) -> None:
    template.edited_by, template.edited_at = by, timezone.now()
    template.save(update_fields=["edited_by", "edited_at"])
    detail_of = {"number": template.number, **detail}
    record(act=Act.TEMPLATE_EDIT, by=by, seat=seat, obj=template, detail=detail_of)


@transaction.atomic
def start_draft(*, by) -> ReportTemplate:
    """A new version that begins as the one in use; the draft that is there, when there is one."""
    seat = require(by, Act.TEMPLATE_EDIT)
    rows = ReportTemplate.objects.select_for_update()
    draft = rows.filter(state=TemplateState.DRAFT).first()
    if draft is not None:
        return draft
    current = load_default_template()
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = ReportTemplate.objects.create(title=current.title, number=number, edited_by=by)
    columns = ("code", "title", "source", "guidance", "boilerplate", "place")
    TemplateSection.objects.bulk_create(
        [TemplateSection(template=draft, **row) for row in current.sections.values(*columns)]
    )
    _touch(draft, by, seat)
    return draft


@transaction.atomic
def save_template_section(
    *, template: ReportTemplate, by, section: TemplateSection | None = None, version: int = 0, **fields
) -> TemplateSection:
    """Change a section of the draft, or add one. `fields`: code, title, source, guidance, boilerplate, place.

    Raises StaleVersion, NotNow for a version in use, BadInput for names that mean nothing.
    """
    seat = require(by, Act.TEMPLATE_EDIT)
    draft = _draft(template)
    row = TemplateSection(template=draft, version=0)
    if section is not None:
        row = TemplateSection.objects.select_for_update().get(pk=section.pk, template=draft)
        if row.version != version:
            raise StaleVersion(_("Somebody else saved this section while you were writing."), row)
    if unknown := unknown_names(fields.get("boilerplate", "")):
        raise BadInput(_("These names in double braces are not known: %(names)s.") % {"names": ", ".join(unknown)})
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong
    row.save()
    _touch(draft, by, seat, section=row.code)
    return row


@transaction.atomic
def remove_template_section(*, section: TemplateSection, by) -> None:
    """Take a section out of the draft. Twice is once."""
    seat = require(by, Act.TEMPLATE_EDIT)
    draft = _draft(section.template)
    if TemplateSection.objects.filter(pk=section.pk, template=draft).delete()[0]:
        _touch(draft, by, seat, removed=section.code)


@transaction.atomic
def put_in_use(*, template: ReportTemplate, by) -> ReportTemplate:
    """From now on reports begin with this version; those begun keep theirs. Twice is once."""
    seat = require(by, Act.TEMPLATE_EDIT)
    row = ReportTemplate.objects.select_for_update().get(pk=template.pk)
    if row.state == TemplateState.CURRENT:
        return row
    row = _draft(row)
    if not row.sections.exists():
        raise BadInput(_("A template needs at least one section."))
    ReportTemplate.objects.filter(state=TemplateState.CURRENT).update(state=TemplateState.RETIRED)
    row.state = TemplateState.CURRENT
    row.save(update_fields=["state"])
    _touch(row, by, seat, state="in use")
    return row
