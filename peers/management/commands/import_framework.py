"""Import a questionnaire from YAML as a draft, and publish it when asked."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from peers.frameworks.importer.loader import MAX_BYTES
from peers.frameworks.services import BadFramework, Imported, import_version, load_caf_reference, publish_version

WORDS = {"new": "imported as a draft", "same": "is there already", "replaced": "imported in place of the draft"}


class Command(BaseCommand):
    help = "Import a questionnaire (format: docs/frameworks.md). The same file twice is one version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="YAML in the format cyber360-framework/1")
        parser.add_argument("--publish", action="store_true", help="publish it as well; it never changes after that")

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_caf_reference()
        if loaded:
            self.stdout.write(f"CAF reference list: {loaded} outcomes loaded")
        imported = self.import_file(Path(options["file"]))
        version = imported.version
        self.stdout.write(f"{version}: {WORDS[imported.how]}")
        if options["publish"] and version.is_draft:
            publish_version(version=version)
            self.stdout.write(f"{version}: published")

    def import_file(self, path: Path) -> Imported:
        try:
            with path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"The file {path} cannot be read: {error.strerror}.") from error
        try:
            return import_version(raw=raw, source=path.name)
        except BadFramework as bad:
            for problem in bad.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"{path.name}: {bad.message} Nothing was imported.") from bad
