"""Load the demo programme: invented councils with a challenge in every stage. Running it again changes nothing."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from peers.overview.demo.load import load


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo is only for an installation started with DEMO=1. Nothing was loaded.")
        begun = time.monotonic()
        made = load(say=self.stdout.write)
        if made:
            self.stdout.write(f"{made} demo challenges made in {time.monotonic() - begun:.0f} s.")
        else:
            self.stdout.write("The demo is there already; nothing was changed.")
