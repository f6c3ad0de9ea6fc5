"""What the parts of the journey hand on to each other."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace

from cyber360.accounts.models import User
from tests.journeys.house import House
from tests.journeys.person import Person


@dataclass
class Story:
    house: House
    world: SimpleNamespace
    today: date
    ref: str = ""
    codes: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Person:
        """`story.host_lead` is the browser of that person."""
        names = {
            "coordinator": "Cora Ordway", "manager": "Mona Guise", "host_lead": "Hanna Leith",
            "sponsor": "Spencer Hold", "contributor": "Connie Tribe", "lead_peer": "Lena Marsh",
            "peer": "Piotr Vale", "second_peer": "Sunita Rao", "observer": "Olu Bright",
        }  # fmt: skip
        if name not in names:
            raise AttributeError(name)
        return self.house.person(names[name])

    @property
    def home(self) -> str:
        return f"/challenges/{self.ref}/"

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    @staticmethod
    def user(name: str) -> User:
        return User.objects.get(full_name=name)

    def move(self, person: Person, name: str, stage: str) -> None:
        """The one primary button of the challenge's page, and the page that asks once."""
        person.open(self.home)
        person.follow(name)
        person.press(name)
        person.is_done(f"is now in “{stage}”")
