from django.core.management.base import BaseCommand, CommandError

from cyber360.files.cipher import DamagedFile
from cyber360.files.key_copies import keep_copy
from cyber360.files.keys import masters, rotate_masters


class Command(BaseCommand):
    help = "Wrap every scope's key under the first master of VAULT_MASTER_KEYS. No file is touched."

    def handle(self, *args, **options):
        try:
            count = rotate_masters()
            keep_copy()
        except DamagedFile as error:
            raise CommandError(f"Nothing was changed. {error.message}") from error
        current = next(iter(masters()))
        self.stdout.write(f"{count} keys are now wrapped by master {current}. Older masters are no longer needed.")
