"""Make what a new installation begins with: programme, deadline profiles, team shape, document templates."""

from django.core.management.base import BaseCommand
from django.db import transaction

from peers.agreements.services import load_default_templates
from peers.challenges.defaults import load_defaults
from peers.planning.defaults import load_shape_defaults
from peers.reports.services import load_default_template


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        programme = load_defaults()
        load_shape_defaults(programme)
        load_default_templates()
        load_default_template()
        self.stdout.write(f"Programme “{programme}” is ready.")
