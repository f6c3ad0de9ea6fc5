"""Taking out of an account who its person is. Whoever calls has checked the right and what stands against it."""

import re
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import ERASED_DOMAIN, FormerPerson, Invitation, User
from cyber360.accounts.services import end_sessions
from cyber360.notify.models import MailState, OutboxMail
from cyber360.notify.services import queue_account_mail

LAST_MAIL = "account.erased"
KEPT_FAILED = timedelta(days=7)  # so long an operator may still send the last mail by hand


@transaction.atomic
def erase_account(*, user: User) -> User:
    """Disable the account and name it "Former person 7"; every way in, and the mails kept for it, go.

    One last mail waits for the old address. The same again changes nothing.
    """
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.erased_at is not None:
        return row
    former = FormerPerson.objects.create(user=row)
    name, job_title, email = row.full_name, row.job_title, row.email
    _end_ways_in(row)
    _forget_own_mails(row, email)
    _forget_name_in_mails(name, job_title, email, former)
    _blank(row, former)
    _tell(email)
    return row


def _end_ways_in(row: User) -> None:
    """Sessions, invitations, links by mail, second factors and passkeys, and the address that a reset is sent to."""
    end_sessions(user=row)
    row.invitations.all().delete()
    row.sign_in_links.all().delete()
    Authenticator.objects.filter(user=row).delete()
    EmailAddress.objects.filter(user=row).delete()


def _forget_own_mails(row: User, email: str) -> None:
    """What waits is never sent; what was sent keeps its day and kind."""
    mails = OutboxMail.objects.filter(Q(to=row) | Q(address__iexact=email))
    mails.filter(sent_at=None).delete()
    mails.update(address=_nowhere(), subject=_("Mail to a former person"), body="", link="", last_error="")


def _forget_name_in_mails(name: str, job_title: str, email: str, former: FormerPerson) -> None:
    """In mails to others, with the job title after it. A name that somebody else has too is left: nobody can tell whom
    it means."""
    shared = User.objects.filter(full_name__iexact=name).exclude(pk=former.user_id).exists()
    titled = rf"{re.escape(name)}(, {re.escape(job_title)})?" if job_title else re.escape(name)
    known = [re.escape(email)] if shared else [re.escape(email), titled]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(known)})(?!\w)", re.IGNORECASE)
    found = Q(subject__icontains=name) | Q(body__icontains=name)
    found |= Q(subject__icontains=email) | Q(body__icontains=email)
    for mail in OutboxMail.objects.filter(found).iterator(chunk_size=500):
        subject, body = pattern.sub(former.name, mail.subject)[:200], pattern.sub(former.name, mail.body)
        OutboxMail.objects.filter(pk=mail.pk).update(subject=subject, body=body)
    for line in Invitation.objects.filter(reason_line__icontains=name):
        Invitation.objects.filter(pk=line.pk).update(reason_line=pattern.sub(former.name, line.reason_line)[:300])


def _blank(row: User, former: FormerPerson) -> None:
    row.full_name, row.job_title, row.email = former.name, "", former.address
    row.is_active = row.is_staff = row.is_superuser = row.daily_digest = False
    row.last_login, row.erased_at = None, timezone.now()
    row.version += 1
    row.set_unusable_password()
    row.save()
    row.user_permissions.clear()
    row.groups.clear()


def _tell(email: str) -> None:
    """Bound to no account, so that nothing leads from it to the former person."""
    queue_account_mail(
        to=None,
        address=email,
        kind=LAST_MAIL,
        key=f"erased:{secrets.token_hex(12)}",
        subject=_("What Cyber 360 held about you was erased"),
        body=_(
            "Your account is closed, and your name, address, job title and profile were taken out of it. This is the "
            "last mail to this address; it is deleted here once this mail is sent. If you did not ask for this, tell "
            "the coordinator of the programme."
        ),
    )


def forget_last_addresses() -> int:
    """Take the address out of last mails that were sent, or that no server took for a week; how many."""
    gave_up = Q(state=MailState.FAILED, created_at__lt=timezone.now() - KEPT_FAILED)
    mails = OutboxMail.objects.filter(Q(state=MailState.SENT) | gave_up, kind=LAST_MAIL)
    return mails.exclude(address=_nowhere()).update(address=_nowhere(), body="", last_error="")


def _nowhere() -> str:
    return f"nobody@{ERASED_DOMAIN}"
