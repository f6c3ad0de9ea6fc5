"""Take away a person's second factor, when it is lost and no recovery code is left; all their sessions end."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cyber360.accounts.models import User
from cyber360.audit.services import record


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser) -> None:
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError("There is no account with that address.")
        removed, _by_model = Authenticator.objects.filter(user=user).delete()
        if not removed:
            raise CommandError(f"{user} has no second factor.")
        for session in UserSession.objects.filter(user=user):
            session.end()
        record(act="account.second_factor_removed", obj=user, label=user.full_name, detail={"from": "command line"})
        self.stdout.write(f"{user} sets up a new second factor at the next sign-in.")
