"""Load or refresh the directory of councils from CSV files."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from peers.councils.models import Council
from peers.councils.services import ImportReport, import_directory

FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "councils"


class Command(BaseCommand):
    help = (
        "Load councils, their neighbours and reorganisations. Without FILE, the files that ship with the product. "
        "Running it twice changes nothing. Nothing is written when a row is bad, unless --skip-bad."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", metavar="FILE", help="CSV of councils (columns: fixtures/councils/README.md)"
        )
        parser.add_argument("--neighbours", metavar="FILE", help="CSV of pairs of neighbours")
        parser.add_argument("--reorganisations", metavar="FILE", help="CSV of who follows whom")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        parser.add_argument("--skip-bad", action="store_true", help="leave bad rows out and write the rest")

        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when councils are there: corrections stay"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Council.objects.filter(invented=False).exists():
            self.stdout.write("The directory is filled already; nothing was changed.")
            return
        shipped = not (options["file"] or options["neighbours"] or options["reorganisations"])
        report = import_directory(
            councils=read(options["file"], shipped, "councils.csv"),
            neighbours=read(options["neighbours"], shipped, "neighbours.csv"),
            reorganisations=read(options["reorganisations"], shipped, "reorganisations.csv"),
            dry_run=options["dry_run"],
            skip_bad=options["skip_bad"],
        )
        self.show(report)
        if report.problems and not (report.written or options["dry_run"]):
            raise CommandError(f"{len(report.problems)} problems; nothing was written. Mend them, or use --skip-bad.")
        if not report.written:
            self.stdout.write("Dry run: nothing was written.")

    def show(self, report: ImportReport) -> None:
        for problem in report.problems:
            self.stderr.write(str(problem))
        for note in report.notes:
            self.stderr.write(note)
        for name, tally in report.tallies.items():
            self.stdout.write(
                f"{name}: {tally.new} new, {tally.changed} changed, {tally.same} as before, {tally.left_out} left out"
            )


def read(path: str | None, shipped: bool, name: str) -> bytes:
    """The file that was named, else the shipped one when none was named at all, else nothing."""
    chosen = Path(path) if path else FIXTURES / name
    if not (path or shipped):
        return b""
    try:
        return chosen.read_bytes()
    except OSError as error:
        raise CommandError(f"The file {chosen} cannot be read: {error.strerror}.") from error
