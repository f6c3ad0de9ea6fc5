"""Changing what an account says of a person. Whoever calls has checked the right, and that the address may move."""

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import Invitation, User
from cyber360.accounts.names import valid_name
from cyber360.accounts.queries import person_by_email
from cyber360.accounts.services import end_sessions, invite_again
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from cyber360.notify.models import OutboxMail
from cyber360.notify.services import queue_account_mail

FIELDS = ("full_name", "job_title", "email")


@transaction.atomic
def correct_account(*, user: User, by: User, version: int, full_name: str, job_title: str, email: str) -> list[str]:
    """The names of what changed; the person is told, at the address they had before as well.

    A new address ends sessions, links, resets and invitations, since whoever reads its mail can sign in; somebody
    who has no password yet is invited anew. Raises StaleVersion, BadInput, NotNow for an erased account.
    """
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.erased_at is not None:
        raise NotNow(_("This person was erased. There is nothing left to correct."))
    said = {"full_name": full_name.strip(), "job_title": job_title.strip(), "email": email.strip()}
    changed = [name for name in FIELDS if getattr(row, name) != said[name]]
    if not changed:
        return []
    if row.version != version:
        raise StaleVersion(_("Somebody else has changed this account while you were writing."), row)
    _refuse_taken(row, said["email"])
    before = row.email
    for name in changed:
        setattr(row, name, said[name])
    row.version += 1
    _clean(row, changed)
    row.save(update_fields=[*changed, "version"])
    if "email" in changed:
        _move(row, by)
    _tell(row, before)
    return changed


def _refuse_taken(row: User, email: str) -> None:
    other = person_by_email(email)
    if other is not None and other.pk != row.pk:
        raise BadInput(_("Another account has this address. Ask an administrator which of the two is used."))


def _clean(row: User, changed: list[str]) -> None:
    try:
        if "full_name" in changed:
            valid_name(row.full_name)
        row.full_clean(exclude=["password"])
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def _move(row: User, by: User) -> None:
    end_sessions(user=row)
    row.sign_in_links.filter(revoked_at=None).update(revoked_at=timezone.now())
    EmailAddress.objects.filter(user=row).delete()  # a reset is mailed to it; signing in makes it anew
    waiting = OutboxMail.objects.filter(to=row, sent_at=None)
    waiting.filter(secret=True).delete()
    waiting.update(address=row.email)
    last: Invitation | None = row.invitations.filter(used_at=None, revoked_at=None).first()
    if last is not None:
        invite_again(user=row, by=by)


def _tell(row: User, before: str) -> None:
    if row.email == before:
        addresses = {row.email: _("Sign in and open “Your account” to see what it says now.")}
    else:
        addresses = {
            before: _("Your address was changed: mails of Cyber 360 no longer come here."),
            row.email: _("From now on mails of Cyber 360 come to this address, and you sign in with it."),
        }
    for number, (address, words) in enumerate(addresses.items()):
        wrong = _("If this is wrong, tell the coordinator of the programme at once.")
        queue_account_mail(
            to=row,
            address=address,
            kind="account.corrected",
            key=f"corrected:{row.pk}:{row.version}:{number}",
            subject=_("Your account was corrected by a coordinator"),
            body="\n\n".join([_("What your account says about you was corrected."), words, wrong]),
        )
