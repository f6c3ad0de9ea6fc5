"""The steps of a file's check, each with a state and a sentence that people see while the job goes."""

from collections.abc import Iterable
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.files.models import CheckStep, Concern, ConcernKind, Step, StepState, StoredFile, Verdict
from cyber360.files.scanner import Scan, signatures_day

_PACKED = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp"})
_OPEN = (StepState.WAITING, StepState.UNKNOWN)


def steps_for(files: Iterable[StoredFile]) -> dict[UUID, list[CheckStep]]:
    """The steps of each file in their order, in one query. A file that was kept before steps were has none."""
    ids = [stored.pk for stored in files]
    found: dict[UUID, list[CheckStep]] = {pk: [] for pk in ids}
    for row in CheckStep.objects.filter(stored_file_id__in=ids) if ids else ():
        found[row.stored_file_id].append(row)
    return {pk: sorted(rows, key=lambda row: row.place) for pk, rows in found.items()}


def set_step(stored: StoredFile, step: Step, state: StepState, sentence: str = "") -> None:
    CheckStep.objects.update_or_create(
        stored_file=stored,
        step=step,
        defaults={"state": state, "sentence": sentence[:400], "at": timezone.now()},
    )


def first_steps(stored: StoredFile) -> None:
    """Write every step that has no row yet: what was proved while the file came in is told, the rest waits."""
    known = set(CheckStep.objects.filter(stored_file=stored).values_list("step", flat=True))
    told = {Step.SIZE: _size(stored), Step.NAME: _name(stored)}
    if stored.media_type:
        told |= content_told(stored)
    now = timezone.now()
    CheckStep.objects.bulk_create(
        CheckStep(
            stored_file=stored,
            step=step,
            state=told.get(step, (StepState.WAITING, ""))[0],
            sentence=told.get(step, (StepState.WAITING, ""))[1],
            at=now,
        )
        for step in Step
        if step not in known
    )


def content_told(stored: StoredFile) -> dict[Step, tuple[StepState, str]]:
    """What to say of content and packed parts that were accepted."""
    notes = ", ".join(str(note) for note in stored.notes)[:300]
    if notes:
        content = StepState.NOTED, _("It is what its name says, and it %(notes)s.") % {"notes": notes}
        if stored.extension in {"eml", "msg"}:
            content = StepState.NOTED, _("It is what its name says, with %(notes)s.") % {"notes": notes}
    else:
        content = StepState.PASSED, _("It is what its name says, without active parts.")
    packed = _("Nothing is packed in it.")
    if stored.extension in _PACKED:
        packed = _("What is packed in it is within all limits.")
    return {Step.CONTENT: content, Step.ARCHIVE: (StepState.PASSED, packed)}


def _size(stored: StoredFile) -> tuple[StepState, str]:
    return StepState.PASSED, _("%(size)s, all of which arrived.") % {"size": filesizeformat(stored.size)}


def _name(stored: StoredFile) -> tuple[StepState, str]:
    return StepState.PASSED, _("The name is of an accepted type and carries no marking.")


def wait_again(stored: StoredFile, *steps: Step) -> None:
    CheckStep.objects.filter(stored_file=stored, step__in=steps).update(
        state=StepState.WAITING, sentence="", at=timezone.now()
    )


def skip_the_rest(stored: StoredFile) -> None:
    """After a refusal the steps that had not been taken are not taken any more."""
    CheckStep.objects.filter(stored_file=stored, state=StepState.WAITING).update(
        state=StepState.UNKNOWN, sentence=_("Not checked, because the file was refused before."), at=timezone.now()
    )


def is_open(stored: StoredFile, step: Step) -> bool:
    """The step has to be taken (again)."""
    return not CheckStep.objects.filter(stored_file=stored, step=step).exclude(state__in=_OPEN).exists()


def scan_told(scan: Scan) -> tuple[StepState, str]:
    day = signatures_day(scan.version)
    if scan.verdict == Verdict.CLEAN:
        if day is None:
            return StepState.PASSED, _("No virus found.")
        return StepState.PASSED, _("No virus found, with signatures of %(day)s.") % {"day": day.isoformat()}
    told = {
        Verdict.INFECTED: (StepState.REFUSED, _("A virus was found.")),
        Verdict.TOO_BIG: (StepState.UNKNOWN, _("It is larger than the scanner takes.")),
        Verdict.NOT_SCANNED: (StepState.UNKNOWN, _("Not scanned: no scanner is connected.")),
    }
    return told.get(scan.verdict, (StepState.UNKNOWN, _("The scanner could not judge it.")))


def kinds_in_words(kinds: Iterable[str]) -> str:
    """The kinds of concern in the middle of a sentence: "a private key and passwords"."""
    names = [str(ConcernKind(kind).label) for kind in kinds]
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def held_words(kinds: Iterable[str]) -> str:
    """The sentence of a file that is held back."""
    return _("It looks as if it holds %(kinds)s.") % {"kinds": kinds_in_words(kinds)}


def place_words(concern: Concern) -> str:
    """Where it was found, without what was found: "on pages 1, 3 and 7" or how often."""
    pages = [str(page) for page in concern.pages]
    if not pages or pages == ["1"]:
        return _("found %(count)s times") % {"count": concern.count} if concern.count > 1 else _("found once")
    listed = pages[0] if len(pages) == 1 else _("%(first)s and %(last)s") % {
        "first": ", ".join(pages[:-1]), "last": pages[-1],
    }  # fmt: skip
    return _("on page %(pages)s") % {"pages": listed}
