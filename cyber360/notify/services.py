"""Writing mails to the outbox, in the caller's transaction."""

from django.contrib.auth.models import AbstractBaseUser as User

from cyber360.notify.models import OutboxMail


def queue_mail(
    *, to: User, kind: str, subject: str, link: str, key: str, body: str = "", secret: bool = False
) -> OutboxMail | None:
    """Queue one mail, once per key. `link` is a path of this site. Nothing sensitive in subject or body.

    None when the person's account is disabled. `secret` is for links that sign somebody in.
    """
    raise NotImplementedError
