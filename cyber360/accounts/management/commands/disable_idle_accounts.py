from django.core.management.base import BaseCommand

from cyber360.accounts.services import disable_idle_accounts


class Command(BaseCommand):
    help = "Disable the accounts that nobody signed in to for IDLE_ACCOUNT_DAYS (365 by default). Run it daily."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say which accounts it would be.")

    def handle(self, *args, dry_run: bool, **options) -> None:
        users = disable_idle_accounts(dry_run=dry_run)
        for user in users:
            self.stdout.write(f"{user.email}")
        self.stdout.write(f"{len(users)} accounts {'would be ' if dry_run else ''}disabled.")
