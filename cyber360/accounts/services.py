"""Inviting people, letting them in, and ending their access."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from cyber360.accounts.models import Invitation, SignInLink, User, plain_line
from cyber360.accounts.names import valid_name
from cyber360.accounts.queries import may_sign_in_by_link, person_by_email, why_name_is_held
from cyber360.accounts.tokens import new_token, token_hash
from cyber360.audit.guard import guard
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from cyber360.notify.services import queue_mail

ACCOUNT_READ, ACCOUNT_EDIT = "account.read", "account.edit"


@transaction.atomic
def ensure_user(*, email: str, full_name: str, by: User | None, job_title: str = "") -> tuple[User, bool]:
    """The account of an address, created without a password if there is none. No mail. Gives no right.

    Whoever calls has checked that `by` may bring people in. Raises NotNow for a disabled account, BadInput for a name
    that nobody could read back.
    """
    user = person_by_email(email)
    if user is None:
        _refuse_unseen(full_name)
        try:
            with transaction.atomic():
                user = User.objects.create_user(email, full_name, job_title=job_title)
        except IntegrityError:  # somebody else created it a moment ago
            user = User.objects.get(email__iexact=email.strip())
        else:
            record(act="account.create", by=by, obj=user)
            return user, True
    if not user.is_active:
        raise NotNow(_("The account of %(name)s is disabled. An administrator can enable it.") % {"name": user})
    return user, False


@transaction.atomic
def invite(
    *, email: str, full_name: str, by: User, reason_line: str, link: str, job_title: str = ""
) -> tuple[User, bool]:
    """Bring a person in by mail: an invitation to set a password, or a plain mail to somebody who has one.

    `reason_line` is one sentence that stands in the mail ("You are host lead of ..."), `link` the path to open
    afterwards. Returns the person and whether the account is new.
    """
    _refuse_foreign(link)
    user, created = ensure_user(email=email, full_name=full_name, job_title=job_title, by=by)
    if user.has_usable_password():
        key = f"invited:{user.pk}:{link}:{timezone.localdate()}"
        queue_mail(
            to=user, kind="invited", subject=_("Cyber 360: you have been added"), body=reason_line, link=link, key=key
        )
    else:
        _send_invitation(user=user, by=by, reason_line=reason_line, link=link)
    record(act="account.invite", by=by, obj=user)
    return user, created


def _refuse_unseen(name: str) -> None:
    try:
        valid_name(name)
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def _send_invitation(*, user: User, by: User | None, reason_line: str, link: str) -> Invitation:
    now = timezone.now()
    user.invitations.filter(used_at=None, revoked_at=None).update(revoked_at=now)
    token, hashed = new_token()
    invitation = Invitation.objects.create(
        user=user, token_hash=hashed, sent_at=now, expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        reason_line=reason_line[:300], link=link, invited_by=by,
    )  # fmt: skip
    days = _("The link works once, until %(day)s.") % {"day": f"{timezone.localtime(invitation.expires_at):%-d %B %Y}"}
    body = "\n\n".join(
        part for part in [reason_line, _("Follow this link to choose a password and begin."), days] if part
    )
    subject = _("Your invitation to Cyber 360")
    key = f"invitation:{invitation.pk}"
    queue_mail(
        to=user, kind="invitation", subject=subject, body=body, link=f"/invitation/{token}/", key=key, secret=True
    )
    return invitation


@transaction.atomic
def resend_invitation(*, user: User, by: User) -> Invitation:
    """A fresh invitation in place of the last one. Raises NotNow when the person has a password or is disabled."""
    user = User.objects.select_for_update().get(pk=user.pk)
    seat = guard(by, ACCOUNT_EDIT)
    if user.has_usable_password() or not user.is_active:
        raise NotNow(_("Only somebody who can sign in and has no password yet can be invited again."))
    invitation = invite_again(user=user, by=by)
    record(act="account.invite", by=by, seat=seat, obj=user, detail={"again": True})
    return invitation


def invite_again(*, user: User, by: User) -> Invitation:
    """For services that have checked their own act: with the words and the link of the last invitation."""
    last = user.invitations.first()
    reason_line, link = (last.reason_line, last.link) if last else ("", "/")
    return _send_invitation(user=user, by=by, reason_line=reason_line, link=link)


@transaction.atomic
def revoke_invitations(*, user: User, by: User) -> int:
    """End every open invitation of the person; how many there were."""
    seat = guard(by, ACCOUNT_EDIT)
    ended = user.invitations.filter(used_at=None, revoked_at=None).update(revoked_at=timezone.now())
    record(act="account.invitation_revoke", by=by, seat=seat, obj=user, detail={"invitations": ended})
    return ended


@transaction.atomic
def accept_invitation(*, token: str, full_name: str, password: str) -> tuple[User, str]:
    """Use the invitation once: name and password are set. The person, and the path they were invited to.

    While the name is held it stays as the inviter gave it, whatever `full_name` says. Raises NotNow when it has
    expired, was used or was revoked; ValidationError for a weak password; BadInput for a name that nobody could read
    back.
    """
    invitation = Invitation.objects.select_for_update().filter(token_hash=token_hash(token)).first()
    if invitation is None or not invitation.is_open:
        raise NotNow(_("This invitation can no longer be used."))
    user = User.objects.select_for_update().get(pk=invitation.user_id)
    if not user.is_active:
        raise NotNow(_("This invitation can no longer be used."))
    if not why_name_is_held(user):
        _refuse_unseen(full_name)
        user.full_name = full_name
    user.version += 1
    validate_password(password, user)
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    invitation.used_at = timezone.now()
    invitation.save()
    user.invitations.filter(used_at=None, revoked_at=None).update(revoked_at=invitation.used_at)
    record(act="account.invitation_accept", by=user, obj=user)
    return user, invitation.link


LONGEST_LINK = timedelta(days=90)


@transaction.atomic
def make_link_session(user: User, path: str, expires_at: datetime, *, by: User | None = None) -> str:
    """The path of a link that signs a contributor in and opens `path`; put it in a `secret` mail and nowhere else."""
    _refuse_foreign(path)
    expires_at = min(expires_at, timezone.now() + LONGEST_LINK)
    token, hashed = new_token()
    link = SignInLink.objects.create(user=user, token_hash=hashed, path=path, expires_at=expires_at)
    record(act="account.link_make", by=by, obj=user, detail={"link": link.pk})
    return f"/in/{token}/"


@transaction.atomic
def revoke_links(*, user: User, by: User | None, path: str = "") -> int:
    """End the person's sign-in links, all or those to one path; how many were open."""
    links = user.sign_in_links.filter(revoked_at=None, expires_at__gt=timezone.now())
    ended = (links.filter(path=path) if path else links).update(revoked_at=timezone.now())
    if ended:
        record(act="account.link_revoke", by=by, obj=user, detail={"links": ended})
    return ended


@transaction.atomic
def use_link(*, token: str) -> SignInLink:
    """Count one use of a link. Raises NotNow when it is not open, or the person now has to sign in themselves."""
    link = SignInLink.objects.select_for_update().select_related("user").filter(token_hash=token_hash(token)).first()
    if link is None or not link.is_open or not link.user.is_active or not may_sign_in_by_link(link.user):
        raise NotNow(_("This link can no longer be used to sign in."))
    SignInLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, last_used_at=timezone.now())
    return link


def _refuse_foreign(path: str) -> None:
    if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        raise BadInput(_("A link in a mail leads to a page of this site."))


@transaction.atomic
def disable_account(*, user: User, reason: str, by: User) -> User:
    """End a person's access at once: sessions, invitations and links. Raises NotNow for one's own account."""
    user = User.objects.select_for_update().get(pk=user.pk)
    seat = guard(by, ACCOUNT_EDIT)
    if user.pk == by.pk:
        raise NotNow(_("You cannot disable your own account. Ask another administrator."))
    if user.is_active:
        _disable(user)
        record(act="account.disable", by=by, seat=seat, obj=user, detail={"reason": reason})
    return user


def _disable(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user=user)
    now = timezone.now()
    user.invitations.filter(used_at=None, revoked_at=None).update(revoked_at=now)
    user.sign_in_links.filter(revoked_at=None).update(revoked_at=now)


@transaction.atomic
def enable_account(*, user: User, reason: str, by: User) -> User:
    """Let a person sign in again; the seats they hold work again as far as their dates allow.

    Raises NotNow for an account whose person was erased.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    seat = guard(by, ACCOUNT_EDIT)
    if user.erased_at is not None:
        raise NotNow(_("The person of this account was erased. Invite them as a new person."))
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        record(act="account.enable", by=by, seat=seat, obj=user, detail={"reason": reason})
    return user


@transaction.atomic
def end_sessions(*, user: User) -> int:
    """Sign the person out everywhere; how many sessions there were. (A disabled account's sessions are dead anyway.)"""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def save_own_details(*, by: User, full_name: str, job_title: str, daily_digest: bool) -> User:
    """A person's own name, job title and choice of mail. Raises NotNow for another name while the name is held."""
    user = User.objects.select_for_update().get(pk=by.pk)
    if plain_line(full_name) != user.full_name:
        _refuse_unseen(full_name)
        if held := why_name_is_held(user):
            raise NotNow(held)
    user.full_name, user.job_title, user.daily_digest = full_name, job_title, daily_digest
    user.version += 1
    user.full_clean(exclude=["password"])
    user.save(update_fields=["full_name", "job_title", "daily_digest", "version"])
    record(act="account.own_details", by=user, obj=user)
    return user


@transaction.atomic
def disable_idle_accounts(*, now: datetime | None = None, dry_run: bool = False) -> list[User]:
    """Disable the accounts nobody signed in to for `IDLE_ACCOUNT_DAYS`; those it concerns."""
    limit = (now or timezone.now()) - timedelta(days=settings.IDLE_ACCOUNT_DAYS)
    idle = User.objects.annotate(seen=Coalesce("last_login", "date_joined")).filter(Q(is_active=True), seen__lt=limit)
    users: list[User] = [*idle.select_for_update()]
    for user in [] if dry_run else users:
        _disable(user)
        record(act="account.disable", obj=user, detail={"reason": "idle", "days": settings.IDLE_ACCOUNT_DAYS})
    return users
