"""Writing mails to the outbox, in the caller's transaction, and sending them after it."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import BadHeaderError, EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.tasks import async_task

from cyber360.audit.guard import guard
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from cyber360.notify.models import MailState, OutboxMail

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
LEASE = timedelta(minutes=5)
PAUSES = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)]


@transaction.atomic
def queue_mail(
    *, to: Any, kind: str, subject: str, link: str, key: str, body: str = "", secret: bool = False
) -> OutboxMail | None:
    """Queue one mail, once per key. `link` is a path of this site. Nothing sensitive in subject or body.

    None when the person's account is disabled. A person who chose one mail a day gets it with that one, unless
    it is `secret` (a link that signs somebody in): that goes at once, is shown on no page and erased once sent.
    Raises BadInput for a subject or address that would add lines to the mail's header.
    """
    if not to.is_active:
        return None
    held = to.daily_digest and not secret
    state = MailState.HELD if held else MailState.WAITING
    fields: dict[str, Any] = {
        "to": to,
        "address": to.email,
        "kind": kind,
        "subject": subject,
        "body": body,
        "link": link,
    }
    return _write(key=key, state=state, secret=secret, **fields)


@transaction.atomic
def queue_account_mail(*, to: Any, address: str, subject: str, body: str, kind: str, key: str) -> OutboxMail:
    """Queue a mail that allauth wrote (a password reset, a changed second factor): at once, shown on no page."""
    fields: dict[str, Any] = {"to": to, "address": address, "kind": kind, "subject": subject, "body": body, "link": ""}
    return _write(key=key, state=MailState.WAITING, secret=True, **fields)


def _write(*, key: str, subject: str, address: str, link: str, **fields: Any) -> OutboxMail:
    _refuse_header_lines(subject, address, link)
    wanted = {"subject": subject[:200], "address": address, "link": link, **fields}
    mail, created = OutboxMail.objects.get_or_create(key=key, defaults=wanted)
    if created and mail.state == MailState.WAITING:
        _ring_on_commit(mail.pk)
    return mail


def _refuse_header_lines(*parts: str) -> None:
    if any("\n" in part or "\r" in part for part in parts):
        raise BadInput(_("The subject and the address of a mail are one line each."))


def _ring_on_commit(mail_id: int) -> None:
    transaction.on_commit(lambda: ring(mail_id), robust=True)


def ring(mail_id: int) -> None:
    """Put the doorbell on the queue; a lost one does no harm, the sweep rings again."""
    async_task("cyber360.notify.tasks.send", mail_id, task_name=f"mail-{mail_id}")


def send_mail(*, mail_id: int) -> bool:
    """Send one waiting mail that is due, claimed by compare-and-set first. True when this call sent it.

    A process that dies between claim and answer leaves the claim's lease: the mail is tried again after it, and
    marked as possibly sent before, because nobody can know.
    """
    mail = _claim(mail_id)
    if mail is None:
        return False
    try:
        _message(mail).send()
    except (OSError, SMTPException, BadHeaderError, UnicodeError) as failure:
        logger.warning("mail %s was not sent: %s", mail.pk, type(failure).__name__)
        _not_sent(mail, failure)
        return False
    _sent(mail)
    return True


def _claim(mail_id: int) -> OutboxMail | None:
    now = timezone.now()
    due = Q(lease_until=None, not_before__lte=now) | Q(lease_until__lt=now)
    before = OutboxMail.objects.filter(due, pk=mail_id, state=MailState.WAITING).first()
    if before is None:
        return None
    died = before.lease_until is not None
    same = OutboxMail.objects.filter(pk=mail_id, state=MailState.WAITING, lease_until=before.lease_until)
    taken = same.filter(attempts=before.attempts).update(
        attempts=F("attempts") + 1,
        lease_until=now + LEASE,
        may_be_twice=before.may_be_twice or died,
        last_error=_("The worker stopped while sending: it may have been sent already.") if died else before.last_error,
    )
    return OutboxMail.objects.select_related("to").get(pk=mail_id) if taken else None


def _sent(mail: OutboxMail) -> None:
    now = timezone.now()
    with transaction.atomic():
        fields = {"state": MailState.SENT, "sent_at": now, "lease_until": None}
        if not mail.may_be_twice:
            fields["last_error"] = ""
        if mail.secret:
            fields |= {"link": "", "body": ""}
        OutboxMail.objects.filter(pk=mail.pk).update(**fields)
        mail.digested.update(state=MailState.SENT, sent_at=now)


def _not_sent(mail: OutboxMail, failure: Exception) -> None:
    finished = mail.attempts >= MAX_ATTEMPTS
    OutboxMail.objects.filter(pk=mail.pk).update(
        state=MailState.FAILED if finished else MailState.WAITING,
        lease_until=None,
        not_before=timezone.now() + PAUSES[min(mail.attempts, len(PAUSES)) - 1],
        last_error=_("The mail server did not take it (%(name)s).") % {"name": type(failure).__name__},
    )


def _message(mail: OutboxMail) -> EmailMessage:
    link = f"{settings.SITE_URL}{mail.link}" if mail.link else ""
    body = render_to_string("mail/message.txt", {"mail": mail, "link": link, "site": settings.SITE_URL})
    # One Message-ID for all attempts, so that a mail program can drop a second copy.
    headers = {"Message-ID": f"<{mail.pk}.{mail.created_at:%Y%m%d%H%M%S}@cyber360>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(mail.subject, body, to=[mail.address], headers=headers)


def ring_waiting() -> int:
    """Ring for every waiting mail that is due and whose doorbell was lost or whose sender died; the number rung."""
    now = timezone.now()
    due = Q(lease_until=None, not_before__lte=now, created_at__lt=now - timedelta(seconds=20)) | Q(lease_until__lt=now)
    waiting = (
        OutboxMail.objects.filter(due, state=MailState.WAITING).order_by("not_before").values_list("pk", flat=True)
    )
    for mail_id in (found := list(waiting[:500])):
        ring(mail_id)
    return len(found)


def queue_digests(*, now: datetime | None = None) -> int:
    """Once a day, from the digest hour on (UK time), gather each person's held mails into one; digests written."""
    local = timezone.localtime(now)
    if local.hour < settings.MAIL_DIGEST_HOUR:
        return 0
    held = OutboxMail.objects.filter(state=MailState.HELD, digest=None).exclude(to=None)
    people = list(held.order_by().values_list("to_id", flat=True).distinct())
    return sum(_queue_digest(person, f"digest:{person}:{local:%Y-%m-%d}") for person in people)


@transaction.atomic
def _queue_digest(person_id: int, key: str) -> bool:
    if OutboxMail.objects.filter(key=key).exists():  # today's has gone; what came later waits for tomorrow's
        return False
    held = OutboxMail.objects.select_for_update().filter(state=MailState.HELD, digest=None, to_id=person_id)
    mails = list(held.select_related("to").order_by("created_at"))
    to = mails[0].to if mails else None
    if to is None or not to.is_active:
        return False
    count = len(mails)
    subject = ngettext("Cyber 360: %(count)s message", "Cyber 360: %(count)s messages", count) % {"count": count}
    body = render_to_string("mail/digest.txt", {"mails": mails, "site": settings.SITE_URL})
    digest = _write(
        to=to, address=to.email, kind="digest", key=key, subject=subject, body=body, link="", state=MailState.WAITING
    )
    OutboxMail.objects.filter(pk__in=[mail.pk for mail in mails]).update(digest=digest)
    return True


@transaction.atomic
def retry_mail(*, mail: OutboxMail, by: AbstractBaseUser) -> OutboxMail:
    """Send a mail now that was given up or waits for its next try. Raises NotNow when there is nothing to send."""
    mail = OutboxMail.objects.select_for_update().get(pk=mail.pk)
    seat = guard(by, "outbox.retry")
    if mail.state not in (MailState.FAILED, MailState.WAITING):
        raise NotNow(_("This mail is not waiting to be sent."))
    mail.state, mail.attempts, mail.not_before = MailState.WAITING, 0, timezone.now()
    mail.save()
    record(act="outbox.retry", by=by, seat=seat, obj=mail, label=mail.kind)
    _ring_on_commit(mail.pk)
    return mail
