"""`manage.py bench`: the parts in turn, a table, and var/bench.json."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from . import evidence, figures, papers, planning, world

PARTS = ("programme", "pages", "web", "load", "report", "planning", "evidence")
INSIDE: dict[str, Callable[[], dict[str, float]]] = {
    "pages": figures.measure_pages,
    "web": figures.measure_web,
    "load": figures.measure_load,
    "report": papers.measure_report,
    "planning": planning.measure_planning,
    "evidence": evidence.measure_evidence,
}
Say = Callable[[str], object]


def run(only: str, say: Say) -> dict[str, float]:
    """Measure the parts named in `only` ("" is all, else a list with commas). Raises ValueError for another name."""
    parts = [part for part in PARTS if not only or part in only.split(",")]
    if not parts:
        raise ValueError(f"ONLY is one of {', '.join(PARTS)}.")
    found: dict[str, float] = {}
    for size in world.SIZES:
        say(f"data with {size} challenge{'s' * (size > 1)} ...")
        seconds = world.build(size, afresh=parts == ["programme"] and size > 1)
    if "programme" in parts and seconds is not None:
        found["programme.seconds"] = seconds
    say(f"load average {os.getloadavg()[0]:.1f}")
    if "pages" in parts:
        found |= pages_of({size: inside(size, "pages") for size in world.SIZES})
        keep(found)
    for part in ("web", "load", "report", "planning", "evidence"):
        if part in parts:
            found |= inside(world.SIZES[-1], part)
            keep(found)
    keep(found)
    say(table(found))
    return found


def inside(size: int, part: str) -> dict[str, float]:
    """Measure one part in a process that lives in the world of `size`."""
    told = world.manage(size, "bench", "--inside", part, stdout=subprocess.PIPE).stdout
    return json.loads(told.splitlines()[-1])


def pages_of(by_size: dict[int, dict[str, float]]) -> dict[str, float]:
    """The names under which figures are kept: both query counts, times and ratios at full size."""
    small, full = by_size[world.SIZES[0]], by_size[world.SIZES[-1]]
    found = {}
    for name in sorted({key.partition(".")[0] for key in full}):
        stem = f"pages.{name}"
        found[f"{stem}.queries_1"] = small[f"{name}.queries"]
        found[f"{stem}.queries_400"] = full[f"{name}.queries"]
        found[f"{stem}.ratio_p50"] = full[f"{name}.ratio_p50"]
        found[f"{stem}.ratio_p95"] = full[f"{name}.ratio_p95"]
        found[f"{stem}.ms_p50"] = full[f"{name}.ms_p50"]
        found[f"{stem}.ms_p50_1"] = small[f"{name}.ms_p50"]
        found[f"{stem}.server_ms_p50"] = full[f"{name}.server_ms"]
    return found


def keep(found: dict[str, float]) -> None:
    """One flat object; a part measured alone leaves the figures of the others as they were."""
    path = Path(settings.VAR_DIR) / "bench.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    rounded = {name: round(value, digits(name)) for name, value in found.items()}
    path.write_text(json.dumps(before | rounded, indent=1, sort_keys=True) + "\n")


def digits(name: str) -> int:
    """Gaps are fractions; all else is told to the hundredth."""
    return 4 if ".gap_" in name or "_gap_" in name else 2


def table(found: dict[str, float]) -> str:
    names = sorted({key.split(".")[1] for key in found if key.startswith("pages.")})
    columns = ("queries_1", "queries_400", "ms_p50_1", "ms_p50", "server_ms_p50", "ratio_p50", "ratio_p95")
    lines = [f"{'page':<14}" + "".join(f"{column:>14}" for column in columns)] if names else []
    for name in names:
        cells = (found[f"pages.{name}.{column}"] for column in columns)
        lines.append(f"{name:<14}" + "".join(f"{value:>14.1f}" for value in cells))
    others = {key: value for key, value in found.items() if not key.startswith("pages.")}
    lines += [f"{key:<40}{value:>10.{digits(key)}f}" for key, value in others.items()]
    return "\n".join(lines)
