"""How allauth behaves here: nobody signs up by themselves, and its mails go through the outbox."""

import secrets

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.models import User
from cyber360.accounts.queries import person_by_email
from cyber360.notify.services import queue_account_mail


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Check your e-mail address and password. One of them is not right."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """To the outbox: a slow mail server neither holds up a page nor tells by its time who exists."""
        message = self.render_mail(template_prefix, email, {"request": self.request, "email": email} | context)
        kind = template_prefix.rpartition("/")[2]
        queue_account_mail(
            to=person_by_email(email),
            address=email,
            subject=message.subject,
            body=message.body,
            kind=f"account.{kind}",
            key=f"account:{kind}:{secrets.token_hex(12)}",
        )

    def send_password_reset_mail(self, user: User, email: str, context: dict) -> None:
        """Only to people who have a password: an invitation that ran out or was revoked is not renewed this way."""
        if user.has_usable_password():
            super().send_password_reset_mail(user, email, context)
