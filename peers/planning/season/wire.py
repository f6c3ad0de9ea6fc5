"""News and plans as lines of JSON between the process that asks and the one that solves."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from .problem import Limits, News, Plan, Problem, Reason


def plan_to_data(plan: Plan | None) -> list[Any] | None:
    return None if plan is None else [[visit, week, list(team)] for visit, (week, team) in sorted(plan.items())]


def plan_from_data(data: list[Any] | None) -> Plan | None:
    return None if data is None else {visit: (week, tuple(team)) for visit, week, team in data}


def asked_to_line(task: str, problem: Problem, limits: Limits, old: Plan | None) -> bytes:
    """What the child is to do, as one line."""
    data = {"task": task, "problem": problem.to_data(), "limits": asdict(limits), "old": plan_to_data(old)}
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def asked_from_line(line: bytes) -> tuple[str, Problem, Limits, Plan | None]:
    data = json.loads(line)
    return data["task"], Problem.from_data(data["problem"]), Limits(**data["limits"]), plan_from_data(data["old"])


@dataclass(frozen=True)
class Line:
    """`last`: nothing follows, whatever the phase is called; then `peak_mib` is the most memory the child held."""

    news: News
    last: bool = False
    peak_mib: int | None = None


def to_line(line: Line) -> bytes:
    news = line.news
    data = {f.name: getattr(news, f.name) for f in fields(News)}
    data["plan"] = plan_to_data(news.plan)
    data["reasons"] = [asdict(reason) for reason in news.reasons]
    data["relaxations"] = [asdict(reason) for reason in news.relaxations]
    whole = {"news": data, "last": line.last, "peak_mib": line.peak_mib}
    return json.dumps(whole, separators=(",", ":")).encode() + b"\n"


def from_line(text: bytes) -> Line:
    whole = json.loads(text)
    data = whole["news"]
    data["plan"] = plan_from_data(data["plan"])
    for name in ("reasons", "relaxations"):
        data[name] = tuple(Reason(**reason) for reason in data[name])
    return Line(News(**data), whole["last"], whole["peak_mib"])
