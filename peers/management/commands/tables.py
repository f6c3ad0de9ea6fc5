"""Print the two tables of the house into docs/, or check that they are up to date."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from peers.access import ACCESS, ANY_STAGE, LGA, Row, SeatName
from peers.acts import Act
from peers.lifecycle import MOVES
from peers.stages import Stage

HEAD_ACCESS = """# Who may do what, in which stage

Made by `manage.py tables` from `peers/access/table.py`: a change of policy is a change of this table. No row, no right.

| Act | Seats | Stages | Only if | On the timeline of |
|---|---|---|---|---|
"""
HEAD_LIFECYCLE = """# Which stage may follow which

Made by `manage.py tables` from `peers/lifecycle.py`. Every blocker is a plain sentence on the challenge's page.

| From | To | Act | Blockers | On arrival | Reason needed |
|---|---|---|---|---|---|
"""


def _seats(seats) -> str:
    if seats == frozenset(SeatName):
        return "everyone with a seat"
    return ", ".join(str(name.label) for name in SeatName if name in seats)


def _stages(stages) -> str:
    if stages == ANY_STAGE:
        return "any"
    order = [stage for stage in Stage if stage in stages]
    first, last = order[0], order[-1]
    run = [stage for stage in Stage if first.place <= stage.place <= last.place]
    if len(order) > 2 and run == order:
        return f"{first.label} to {last.label}"
    return ", ".join(str(stage.label) for stage in order)


def _row(act: Act, row: Row) -> str:
    conditions = ", ".join(condition.name.replace("_", " ") for condition in row.conditions)
    seen_by = row.seats | LGA if row.timeline is None else row.timeline
    seen = _seats(seen_by) or "nobody else"
    return f"| `{act.value}` {act.label} | {_seats(row.seats)} | {_stages(row.stages)} | {conditions} | {seen} |\n"


def access_table() -> str:
    return HEAD_ACCESS + "".join(_row(act, row) for act in Act for row in ACCESS.get(act, ()))


def _names(functions) -> str:
    return ", ".join(f"{function.__module__.split('.')[1]}.{function.__name__}" for function in functions)


def lifecycle_table() -> str:
    rows = [
        f"| {move.start.label} | {move.to.label} | `{move.act.value}` | {_names(move.blockers)} "
        f"| {_names(move.arrivals)} | {'yes' if move.needs_reason else ''} |\n"
        for move in MOVES.values()
    ]
    return HEAD_LIFECYCLE + "".join(rows)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a table is out of date")

    def handle(self, *args, **options) -> None:
        folder = Path(settings.BASE_DIR) / "docs"
        for name, text in (("access.md", access_table()), ("lifecycle.md", lifecycle_table())):
            path = folder / name
            if not options["check"]:
                path.write_text(text)
            elif not path.exists() or path.read_text() != text:
                raise CommandError(f"docs/{name} is out of date: run `make tables` and read the difference.")
