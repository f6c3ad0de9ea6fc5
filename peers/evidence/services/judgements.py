"""The team's view of the evidence of a theme."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.evidence.models import QUALITIES, Judgement, Sufficiency
from peers.frameworks.models import Theme

from .base import clean

# Autosaves of one person within this time are one event in the audit trail.
ONE_RUN = timedelta(minutes=10)
NOTHING_SAID = gettext_lazy("Choose a word for at least one of the four, or write what is there and what is missing.")
FIELDS = tuple(name for quality in QUALITIES for name in (quality, f"{quality}_why"))


@transaction.atomic
def save_judgement(
    *, challenge: Challenge, theme: Theme, by: User, version: int, words: dict[str, str], autosave: bool = False
) -> Judgement:
    """`words`: for each of QUALITIES its word (or "") and `<quality>_why`; `version` 0 for the first.

    The same words twice change nothing. Raises StaleVersion with the row as it stands, BadInput when nothing is said,
    NoSeat for a theme that is not in scope.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.EVIDENCE_JUDGE, row)
    if not row.themes.filter(pk=theme.pk).exists():
        raise NoSeat
    given = {name: words.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
    if not {given[quality] for quality in QUALITIES} <= {"", *Sufficiency.values}:
        raise BadInput(_("Choose one of the words that are offered."))
    if not any(given.values()):
        raise BadInput(str(NOTHING_SAID))
    judgement, now = _standing(row, theme, version, given), timezone.now()
    if judgement.pk and given == {name: getattr(judgement, name) for name in FIELDS}:
        return judgement
    goes_on = judgement.updated_by_id == by.pk and now - judgement.updated_at < ONE_RUN
    for name, value in given.items():
        setattr(judgement, name, value)
    judgement.updated_by, judgement.updated_at, judgement.version = by, now, version + 1
    clean(judgement)
    _save_first(judgement)
    if not (autosave and goes_on):
        record(
            act=Act.EVIDENCE_JUDGE, by=by, seat=seat, obj=judgement, scope=row.scope, label=str(theme),
            detail={"theme": theme.code, "version": judgement.version},
        )  # fmt: skip
    return judgement


def _standing(challenge: Challenge, theme: Theme, version: int, given: dict[str, str]) -> Judgement:
    """The row to write upon. One that somebody changed meanwhile is let through only with the very same words."""
    rows = Judgement.objects.select_for_update(of=("self",)).select_related("updated_by", "theme")
    found = rows.filter(challenge=challenge, theme=theme).first()
    if found is None and version == 0:
        return Judgement(challenge=challenge, theme=theme, version=0)
    if found is None or (found.version != version and given != {name: getattr(found, name) for name in FIELDS}):
        raise StaleVersion(_("Somebody of the team saved another view meanwhile."), found)
    return found


def _save_first(judgement: Judgement) -> None:
    try:
        with transaction.atomic():
            judgement.save()
    except IntegrityError as error:
        rows = Judgement.objects.select_related("updated_by", "theme")
        found = rows.get(challenge_id=judgement.challenge_id, theme_id=judgement.theme_id)
        raise StaleVersion(_("Somebody of the team saved another view meanwhile."), found) from error
