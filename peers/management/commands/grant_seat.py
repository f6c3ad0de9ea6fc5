"""Give a person a programme seat from the command line: how a new installation gets its first administrator."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from peers.access import PROGRAMME_SEATS, SeatName
from peers.challenges.queries import the_programme
from peers.challenges.services import seat_on_programme


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser) -> None:
        parser.add_argument("email")
        parser.add_argument("seat", choices=sorted(name.value for name in PROGRAMME_SEATS))
        parser.add_argument("--name", default="", help="full name, when the account does not exist yet")

    def handle(self, *args, **options) -> None:
        people = get_user_model().objects
        user = people.filter(email__iexact=options["email"]).first()
        if user is None:
            if not options["name"]:
                raise CommandError("There is no account with that address. Give --name to make one.")
            user = people.create_user(options["email"], options["name"])
            self.stdout.write(
                "Account made. Set a password with `manage.py changepassword`, or use “forgotten password”."
            )
        seat_on_programme(programme=the_programme(), user=user, name=SeatName(options["seat"]))
        self.stdout.write(f"{user} is {SeatName(options['seat']).label}.")
