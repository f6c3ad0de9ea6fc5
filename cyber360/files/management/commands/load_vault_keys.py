from django.core.management.base import BaseCommand, CommandError

from cyber360.exceptions import BadInput
from cyber360.files.key_copies import load_keys


class Command(BaseCommand):
    help = "Make the key table equal to the copy that dump_vault_keys wrote. All or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *args, **options):
        try:
            loaded, removed = load_keys(options["file"])
        except BadInput as wrong:
            raise CommandError(wrong.message) from wrong
        self.stdout.write(f"{loaded} keys are loaded; {removed} that the copy does not have are removed.")
