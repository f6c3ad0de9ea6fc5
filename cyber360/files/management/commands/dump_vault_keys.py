from django.core.management.base import BaseCommand

from cyber360.files.key_copies import dump_keys


class Command(BaseCommand):
    help = "Write the wrapped keys to a file of their own, over the one before, and the newest copy is the only one."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *args, **options):
        count = dump_keys(options["file"])
        self.stdout.write(f"{count} wrapped keys are written. Remove every older copy.")
