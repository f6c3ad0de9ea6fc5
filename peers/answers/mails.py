"""The mails of this room, each queued in the transaction of the act that causes it. None holds an answer."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from cyber360.accounts.queries import may_sign_in_by_link
from cyber360.accounts.services import make_link_session
from cyber360.notify.services import queue_mail
from peers.access import HOST, HOST_LEAD, SPONSOR
from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat

from .models import Assignment, SelfAssessmentSignOff
from .queries import missing_position, unanswered

# A contributor's link works this long after the day the answer is due.
LINK_DAYS_AFTER_DUE = 14


# --- hand-over -------------------------------------------------------------------------------------
def tell_handed(challenge: Challenge, person: User, assignments: list[Assignment], due_on: date, by: User) -> None:
    """One mail with a link; the link signs in those who have no password and are contributors alone."""
    number, day = len(assignments), date_format(due_on, "l j F")
    subject = ngettext(
        "Please answer %(number)s question for %(council)s's Cyber 360 by %(day)s",
        "Please answer %(number)s questions for %(council)s's Cyber 360 by %(day)s",
        number,
    ) % {"number": number, "council": challenge.council.name, "day": day}
    link, by_link = reverse("answers:mine"), may_sign_in_by_link(person)
    if by_link:
        end = timezone.now() + timedelta(days=max((due_on - timezone.localdate()).days, 0) + LINK_DAYS_AFTER_DUE)
        link = make_link_session(person, link, end, by=by)
    stamp = max(row.handed_at for row in assignments).isoformat()
    key = f"hand-over:{challenge.pk}:{person.pk}:{min(row.pk for row in assignments)}:{stamp}"
    body = _handed_body(challenge.council.name, number, day, by, by_link)
    queue_mail(to=person, kind="answers.hand_over", subject=subject, body=body, link=link, key=key, secret=by_link)


def _handed_body(council: str, number: int, day: str, by: User, by_link: bool) -> str:
    """Who asks, for what, by when, how to open it, and how to make sure that it is genuine."""
    asks = ngettext(
        "%(who)s asks you to answer %(number)s question for %(council)s's Cyber 360 by %(day)s. "
        "A Cyber 360 is a peer challenge: people from other councils come as critical friends.",
        "%(who)s asks you to answer %(number)s questions for %(council)s's Cyber 360 by %(day)s. "
        "A Cyber 360 is a peer challenge: people from other councils come as critical friends.",
        number,
    ) % {"who": _named(by), "number": number, "council": council, "day": day}
    if by_link:
        how = _("You need no account and no password. The link below opens the questions.")
    else:
        how = _("The link below opens the questions. Sign in as you usually do.")
    genuine = _("If you are not sure that this is genuine, ring %(name)s on a number you already know.")
    return "\n\n".join([asks, how, genuine % {"name": _line(by.full_name)}])


def _named(person: User) -> str:
    return _line(f"{person.full_name}, {person.job_title}," if person.job_title else person.full_name)


def _line(words: str) -> str:
    """One line: a name goes into subjects, which may hold no line end."""
    return " ".join(words.split())


def tell_finished(assignment: Assignment) -> None:
    """The host lead learns that a contributor has finished; one mail a contributor and day."""
    challenge, person = assignment.challenge, assignment.person
    words = {"name": _line(person.full_name), "council": challenge.council.name}
    for lead in people_in_seat(challenge, HOST_LEAD).exclude(pk=person.pk):
        queue_mail(
            to=lead,
            kind="answers.finished",
            subject=_("%(name)s has finished a question for %(council)s's Cyber 360") % words,
            link=reverse("answers:overview", args=[challenge.ref]) + "?show=handed",
            key=f"answers-finished:{challenge.pk}:{person.pk}:{lead.pk}:{timezone.localdate()}",
        )


# --- sign-off --------------------------------------------------------------------------------------
def tell_if_ready(challenge: Challenge, by: User) -> None:
    """The sponsor's turn has come: ask only after something missing was written, with the challenge locked.

    One query while answers are missing. Once for each sign-off to come: emptying and filling an answer again
    sends nothing, and neither does the last word when the sponsor wrote it.
    """
    if unanswered(challenge) or missing_position(challenge):
        return
    signed_before = SelfAssessmentSignOff.objects.filter(challenge=challenge).count()
    for sponsor in people_in_seat(challenge, SPONSOR).exclude(pk=by.pk):
        queue_mail(
            to=sponsor,
            kind="answers.ready_to_sign",
            subject=_("The self-assessment of %(council)s is ready for your sign-off")
            % {"council": challenge.council.name},
            link=reverse("answers:sign_off", args=[challenge.ref]),
            key=f"ready-to-sign:{challenge.pk}:{signed_before}:{sponsor.pk}",
        )


def tell_signed(challenge: Challenge, signed: SelfAssessmentSignOff) -> None:
    for lead in people_in_seat(challenge, HOST_LEAD):
        queue_mail(
            to=lead,
            kind="answers.signed_off",
            subject=_("The self-assessment of %(council)s is signed off") % {"council": challenge.council.name},
            link=reverse("answers:sign_off", args=[challenge.ref]),
            key=f"signed-off:{signed.pk}:{lead.pk}",
        )


def tell_voided(challenge: Challenge, voided: SelfAssessmentSignOff) -> None:
    subject = _("%(council)s's Cyber 360 answers changed after the sign-off. The sponsor signs again.")
    for person in people_in_seat(challenge, HOST):
        queue_mail(
            to=person,
            kind="answers.sign_off_voided",
            subject=subject % {"council": challenge.council.name},
            link=reverse("answers:sign_off", args=[challenge.ref]),
            key=f"sign-off-voided:{voided.pk}:{person.pk}",
        )
