"""Measure speed on generated data: a table, and var/bench.json. ONLY=pages for a part (pages, planning, ...)"""

import argparse
import json
import os
import subprocess

from django.core.management.base import BaseCommand, CommandError, CommandParser

from peers.overview.bench.run import INSIDE, run


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", default=os.environ.get("ONLY", ""), help="parts, with commas between")
        # How the command calls itself, in the environment of the data that it measures.
        parser.add_argument("--inside", choices=sorted(INSIDE), help=argparse.SUPPRESS)

    def handle(self, *args, **options) -> None:
        if options["inside"]:
            self.stdout.write(json.dumps(INSIDE[options["inside"]]()))
            return
        try:
            run(options["only"], self.stdout.write)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from wrong
        except subprocess.CalledProcessError as failed:
            raise CommandError(f"{failed}\n{failed.stdout or ''}") from failed
