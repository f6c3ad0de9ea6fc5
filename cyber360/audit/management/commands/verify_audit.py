from django.core.management.base import BaseCommand, CommandError

from cyber360.audit.queries import scopes
from cyber360.audit.services import verify_scope


class Command(BaseCommand):
    help = "Verify the hash chain of every scope. Names the first broken event of each; exit code 1 if there is one."

    def add_arguments(self, parser) -> None:
        parser.add_argument("scopes", nargs="*", help='For example "platform" or "challenge:12"; all when left out.')

    def handle(self, *args, **options) -> None:
        wanted = options["scopes"] or scopes()
        broken = [sentence for scope in wanted if (sentence := verify_scope(scope))]
        for sentence in broken:
            self.stderr.write(sentence)
        if broken:
            raise CommandError(f"{len(broken)} of {len(wanted)} chains are broken.", returncode=1)
        self.stdout.write(f"{len(wanted)} chains are whole.")
