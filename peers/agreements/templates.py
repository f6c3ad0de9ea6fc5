"""Writing document templates: a draft, put in use, retired. Called by views and by `services`."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from peers.access import require
from peers.acts import Act

from .models import DocumentKind, DocumentTemplate, TemplateState
from .rendering import unknown_placeholders


@transaction.atomic
def load_default_templates() -> list[DocumentTemplate]:
    """The texts that ship with the product, for each kind that has none yet. May run any number of times."""
    there = set(DocumentTemplate.objects.values_list("kind", flat=True))
    made = []
    for kind in DocumentKind:
        if kind in there:
            continue
        title, body = _read(Path(settings.BASE_DIR) / "fixtures" / "agreements" / f"{kind.value}.md")
        template = DocumentTemplate(kind=kind, title=title, body=body, number=1, state=TemplateState.CURRENT)
        template.full_clean()
        template.save()
        made.append(template)
    return made


def _read(path: Path) -> tuple[str, str]:
    """The title (the first line, "# ...") and the rest."""
    first, _line, rest = path.read_text(encoding="utf-8").partition("\n")
    return first.removeprefix("# ").strip(), rest.strip() + "\n"


def _lock(template: DocumentTemplate, version: int | None = None) -> DocumentTemplate:
    row = DocumentTemplate.objects.select_for_update().get(pk=template.pk)
    if version is not None and row.version != version:
        raise StaleVersion(_("Somebody else saved this text while you were writing."), row)
    return row


@transaction.atomic
def start_draft(*, kind: str, by: User) -> DocumentTemplate:
    """A new version that begins with the text in use; the draft that is there, when there is one."""
    seat = require(by, Act.TEMPLATE_EDIT)
    rows = DocumentTemplate.objects.select_for_update().filter(kind=kind)
    found = {row.state: row for row in rows}
    if TemplateState.DRAFT in found:
        return found[TemplateState.DRAFT]
    last = rows.aggregate(last=Max("number"))["last"] or 0
    current = found.get(TemplateState.CURRENT)
    if current is None:
        raise BadInput(_("There is no text in use to begin with."))
    draft = DocumentTemplate(kind=kind, title=current.title, body=current.body, number=last + 1, edited_by=by)
    draft.full_clean()
    draft.save()
    record(act=Act.TEMPLATE_EDIT, by=by, seat=seat, obj=draft, detail={"number": draft.number})
    return draft


@transaction.atomic
def edit_template(*, template: DocumentTemplate, by: User, version: int, title: str, body: str) -> DocumentTemplate:
    """Change a draft. Raises StaleVersion, NotNow for a version in use, BadInput for names that mean nothing."""
    seat = require(by, Act.TEMPLATE_EDIT)
    row = _lock(template, version)
    if row.state != TemplateState.DRAFT:
        raise NotNow(_("A version that was in use never changes. Start a new one."))
    _refuse_unknown(body)
    row.title, row.body, row.edited_by, row.edited_at = title, body, by, timezone.now()
    row.version += 1
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong
    row.save()
    record(act=Act.TEMPLATE_EDIT, by=by, seat=seat, obj=row, detail={"number": row.number})
    return row


def _refuse_unknown(body: str) -> None:
    unknown = unknown_placeholders(body)
    if unknown:
        raise BadInput(_("These names in double braces are not known: %(names)s.") % {"names": ", ".join(unknown)})


@transaction.atomic
def put_in_use(*, template: DocumentTemplate, by: User, version: int) -> DocumentTemplate:
    """From now on documents are issued with this text; those issued keep theirs. Twice is once."""
    seat = require(by, Act.TEMPLATE_EDIT)
    row = _lock(template)
    if row.state == TemplateState.CURRENT:
        return row
    row = _lock(template, version)
    if row.state != TemplateState.DRAFT:
        raise NotNow(_("Only a draft can be put in use."))
    DocumentTemplate.objects.filter(kind=row.kind, state=TemplateState.CURRENT).update(state=TemplateState.RETIRED)
    row.state = TemplateState.CURRENT
    row.version += 1
    row.save()
    record(act=Act.TEMPLATE_EDIT, by=by, seat=seat, obj=row, detail={"number": row.number, "in_use": True})
    return row
