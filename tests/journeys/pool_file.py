"""A file of three hundred invented peers, as a coordinator's spreadsheet would hold them."""

import csv
import io
from pathlib import Path

from peers.councils.models import Council

ROLES = ("officer", "member", "specialist")
PARTIES = ("Labour", "Conservative", "Liberal Democrat", "Independent")
THEMES = [f"T{number}" for number in range(1, 10)]
PEERS = 300


def name_of(number: int) -> str:
    return f"Peer Number {number:03d}"


def address_of(number: int) -> str:
    return f"peer.{number:03d}@example.org"


def write(path: Path, councils: list[Council], *, spoilt: bool = False) -> Path:
    """`spoilt`: with an unknown council, a person twice and a party for an officer."""
    out = io.StringIO()
    columns = ["email", "full_name", "council_code", "kind_of_peer", "party", "skills", "travel_km", "days_offered",
               "can_lead"]  # fmt: skip
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    rows = [_row(number, councils) for number in range(PEERS)]
    if spoilt:
        rows[1] = rows[1] | {"council_code": "E99999999"}
        rows[2] = rows[0]
        rows[3] = rows[3] | {"party": "Green"}
    writer.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def _row(number: int, councils: list[Council]) -> dict[str, object]:
    role = ROLES[number % 3]
    return {
        "email": address_of(number),
        "full_name": name_of(number),
        "council_code": councils[number % len(councils)].gss_code,
        "kind_of_peer": role,
        "party": PARTIES[number % 4] if role == "member" else "",
        "skills": "; ".join(f"{THEMES[(number + step) % 9]} {'strong' if step else 'some'}" for step in range(3)),
        "travel_km": 200 + number % 5 * 100,
        "days_offered": 4 + number % 9,
        "can_lead": "yes" if number % 4 == 0 else "no",
    }
