"""What a page says after something was done."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.ui.templatetags.ui import nice_time

from .models import Answer, Assignment, PositionStatement


def saved_words(saved: Answer | PositionStatement) -> str:
    words = _missing_words(saved) or _("Saved %(time)s.") % {"time": nice_time(saved.updated_at or timezone.now())}
    if saved.voided_sign_off:
        words += " " + _("The sponsor had signed off the self-assessment and now has to sign it again.")
    return words


def _missing_words(saved: Answer | PositionStatement) -> str:
    """What an answer still lacks before it counts; "" for one that counts or holds nothing."""
    if not isinstance(saved, Answer) or saved.is_answered or not saved.is_started:
        return ""
    if saved.text:
        return _("Saved. A level is still missing before this counts as answered.")
    return _("Saved. A reason is still missing before this counts as answered.")


def done_words(row: Assignment) -> str:
    words = _("Thank you. “%(question)s” is marked as done.") if row.is_done else _("“%(question)s” is open again.")
    return words % {"question": row.question.title}


def handed_words(rows: list, name: str) -> str:
    if not rows:
        return _("%(name)s has these questions already. Nothing was sent again.") % {"name": name}
    words = ngettext(
        "%(number)s question is with %(name)s. One mail with a link is on its way.",
        "%(number)s questions are with %(name)s. One mail with a link is on its way.",
        len(rows),
    )
    return words % {"number": len(rows), "name": rows[0].person.full_name}
