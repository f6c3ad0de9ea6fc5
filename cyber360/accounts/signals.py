"""Sign-in, sign-out, and changes of password or second factor become audit events, whichever package does them."""

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.db import transaction
from django.dispatch import receiver

from cyber360.accounts.models import User
from cyber360.accounts.queries import person_by_email
from cyber360.audit.services import record


@transaction.atomic
def _note(act: str, user: User | None, **detail: object) -> None:
    record(act=act, by=user, obj=user, detail=detail)


@receiver(auth.user_logged_in, dispatch_uid="accounts.signed_in")
def signed_in(sender, request, user: User, **kwargs) -> None:
    how = [entry["method"] for entry in get_authentication_records(request, user)] if request is not None else []
    _note("account.sign_in", user, how=how)


@receiver(auth.user_logged_out, dispatch_uid="accounts.signed_out")
def signed_out(sender, request, user: User | None, **kwargs) -> None:
    if user is not None:
        _note("account.sign_out", user)


@receiver(auth.user_login_failed, dispatch_uid="accounts.sign_in_failed")
@transaction.atomic
def sign_in_failed(sender, credentials: dict, request=None, **kwargs) -> None:
    """The person it was tried for, if there is one; never what was typed, which is at times a password."""
    typed = credentials.get("email") or credentials.get("username") or ""
    person = person_by_email(str(typed)) if typed else None
    record(act="account.sign_in_failed", obj=person, label="" if person else "unknown address")


@receiver(mfa.authentication_failed, dispatch_uid="accounts.second_factor_failed")
@transaction.atomic
def second_factor_failed(sender, user: User, **kwargs) -> None:
    record(act="account.sign_in_failed", obj=user, detail={"at": "second factor"})


@receiver(account.password_changed, dispatch_uid="accounts.password_changed")
@receiver(account.password_set, dispatch_uid="accounts.password_set")
@receiver(account.password_reset, dispatch_uid="accounts.password_reset")
def password_changed(sender, user: User, **kwargs) -> None:
    _note("account.password_change", user)


@receiver(mfa.authenticator_added, dispatch_uid="accounts.factor_added")
def factor_added(sender, user: User, authenticator, **kwargs) -> None:
    _note("account.second_factor_add", user, kind=authenticator.type)


@receiver(mfa.authenticator_removed, dispatch_uid="accounts.factor_removed")
def factor_removed(sender, user: User, authenticator, **kwargs) -> None:
    _note("account.second_factor_remove", user, kind=authenticator.type)


@receiver(mfa.authenticator_reset, dispatch_uid="accounts.factor_reset")
def factor_reset(sender, user: User, authenticator, **kwargs) -> None:
    _note("account.second_factor_reset", user, kind=authenticator.type)
