"""Say whom to sign in as in the demo, and where."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from peers.overview.demo import people


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There are no demo people without DEMO=1.")
        for heading, found in people():
            self.stdout.write(f"\n{heading}")
            for user, sentence in found:
                self.stdout.write(f"  {user.full_name:<20} {sentence}")
        self.stdout.write(f"\nSign in as any of them with one click at {settings.SITE_URL}{reverse('demo:people')}")
