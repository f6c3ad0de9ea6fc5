"""Fill the database with a generated programme of ten-year size, for measuring. Nobody can sign in to it."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from peers.overview.bench.programme import YEARLY, CannotMake, Size, make


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--years", type=int, default=10)
        parser.add_argument("--challenges", type=int, help=f"how many; {YEARLY} a year unless told")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same programme")
        parser.add_argument("--force", action="store_true", help="although there are other challenges")

    def handle(self, *args, **options) -> None:
        size = Size(options["challenges"] or YEARLY * options["years"], options["years"])
        say = self.stdout.write if options["verbosity"] > 1 else lambda line: None
        try:
            made = make(size, seed=options["seed"], force=options["force"], say=say)
        except CannotMake as reason:
            raise CommandError(str(reason)) from reason
        for name, number in made.items():
            self.stdout.write(f"{name:>16} {number:>10,}")
