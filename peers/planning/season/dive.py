"""A good plan from the relaxed one: fix the columns it takes nearly whole, solve again with new teams, and so on."""

from collections.abc import Callable

from .columns import Column, Columns
from .data import Data
from .master import Master
from .pricing import Pricing
from .problem import Plan

WHOLE = 0.999
SURE = 0.6  # columns that the relaxed plan takes to this share may be fixed several at a time
STEPS = 16  # about as many for a whole plan
MISFITS = 300  # columns that do not fit may come up before it is given up
RENEW = 4  # steps from one renewal of the pools to the next
TURNS = 10  # solves before a step is given up


class Taken:
    """What the fixed columns use up, to tell whether another one fits."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.columns: dict[int, Column] = {}
        self.weeks: dict[int, int] = {}
        self.managed: set[tuple[int, int]] = set()
        self.goes: dict[int, list[tuple[int, int]]] = {}  # peer: (week, days)

    def fits(self, column: Column) -> bool:
        if column.visit in self.columns:
            return False
        if self.weeks.get(column.week, 0) >= self.data.problem.per_week[column.week]:
            return False
        if (self._manager(column), column.week) in self.managed:
            return False
        return all(self._comes(column, p) for p in column.team)

    def add(self, column: Column) -> None:
        self.columns[column.visit] = column
        self.weeks[column.week] = self.weeks.get(column.week, 0) + 1
        manager = self._manager(column)
        if manager is not None:
            self.managed.add((manager, column.week))
        for p in column.team:
            self.goes.setdefault(p, []).append((column.week, self._days(column, p)))

    def plan(self) -> Plan:
        return {visit: (column.week, column.team) for visit, column in sorted(self.columns.items())}

    def _comes(self, column: Column, p: int) -> bool:
        goes = self.goes.get(p, [])
        return (
            len(goes) < self.data.most[p]
            and all(abs(week - column.week) >= self.data.spacing for week, _days in goes)
            and sum(days for _week, days in goes) + self._days(column, p) <= self.data.days[p]
        )

    def _manager(self, column: Column) -> int | None:
        return self.data.seats[column.visit].visit.manager

    def _days(self, column: Column, p: int) -> int:
        seats = self.data.seats[column.visit]
        return int(seats.days[seats.where((p,))[0]])


def dive(
    master: Master, pricing: Pricing, columns: Columns, stopped: Callable[[], bool], kept: Plan | None = None
) -> Plan | None:
    """A legal plan, or None when the fixed columns leave a visit without a team. The master is as before afterwards.

    `kept`: part of a legal plan, of known columns, that stays as it is.
    """
    misfits = step = 0
    taken, count = Taken(master.data), len(master.data.seats)
    master.grow()
    for visit, (week, team) in sorted((kept or {}).items()):
        number = columns.number[visit, week, team]
        taken.add(columns.all[number])
        master.fix(number)
    try:
        while len(taken.columns) < count:
            renew, step = step % RENEW == 0, step + 1
            if not _settled(master, pricing, columns, taken, renew, stopped):
                return None
            misfits += _fix_next(master, columns, taken)
            if misfits > MISFITS:
                return None
        return taken.plan()
    finally:
        master.free()


def _fix_next(master: Master, columns: Columns, taken: Taken) -> int:
    """Fixes the columns that the relaxed plan is surest of, at least one if any fits. Those of the other visits that
    fit no longer are forbidden; how many."""
    new = misfits = 0
    enough = max(1, len(master.data.seats) // STEPS)
    for number, share in sorted(master.shares.items(), key=lambda pair: (-pair[1], pair[0])):
        if new and share < WHOLE and (share < SURE or new >= enough):
            break
        if taken.fits(columns.all[number]):
            taken.add(columns.all[number])
            master.fix(number)
            new += 1
        elif columns.all[number].visit not in taken.columns:
            master.forbid(number)
            misfits += 1
    return misfits


def _settled(
    master: Master, pricing: Pricing, columns: Columns, taken: Taken, renew: bool, stopped: Callable[[], bool]
) -> bool:
    """Solves with new teams for the visits that are left; whether each of them has one."""
    left = [c for c in range(len(master.data.seats)) if c not in taken.columns]
    for turn in range(TURNS):
        duals = master.solve()
        broken = master.add_broken()
        if stopped():
            return False
        if turn and master.full and not broken:
            return True
        added = pricing.cheap(columns, duals, left)
        if (turn == 0 and renew) or not master.full:
            support = master.support()
            added += pricing.turn(columns, duals, exact=False, support=support, stopped=stopped, visits=left).added
        if not added and not broken:
            return master.full
    return False
