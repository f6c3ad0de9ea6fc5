"""Table 1: who may do what, in which stage. No row, no right.

A right is a row: seats, stages, and conditions on the thing handed in. Seats are rows of
`ProgrammeSeat` and `Seat` (the django-guardian grants); nothing else gives a right, a superuser included.
`manage.py tables` prints this table into docs/access.md.
"""

from peers.seats import (
    ADMINISTRATOR,
    ANYONE,
    CHALLENGE_SEATS,
    CONTRIBUTOR,
    COORDINATOR,
    EDITOR,
    HOST,
    HOST_LEAD,
    LEAD_PEER,
    LGA,
    MANAGER,
    PEERS,
    POOL_PEER,
    PROGRAMME_SEATS,
    SPONSOR,
    TEAM,
    SeatName,
)

from .asking import (
    Answer,
    acts,
    acts_for,
    decide,
    guard_platform,
    held_seats,
    link_sign_in_allowed,
    may,
    needs_second_factor,
    require,
    seats_on,
    seats_that_may,
    timeline_acts,
    why_name_is_held,
)
from .table import ACCESS, ANY_STAGE, Row

__all__ = [
    "ACCESS",
    "ADMINISTRATOR",
    "ANYONE",
    "ANY_STAGE",
    "CHALLENGE_SEATS",
    "CONTRIBUTOR",
    "COORDINATOR",
    "EDITOR",
    "HOST",
    "HOST_LEAD",
    "LEAD_PEER",
    "LGA",
    "MANAGER",
    "PEERS",
    "POOL_PEER",
    "PROGRAMME_SEATS",
    "SPONSOR",
    "TEAM",
    "Answer",
    "Row",
    "SeatName",
    "acts",
    "acts_for",
    "decide",
    "guard_platform",
    "held_seats",
    "link_sign_in_allowed",
    "may",
    "needs_second_factor",
    "require",
    "seats_on",
    "seats_that_may",
    "timeline_acts",
    "why_name_is_held",
]  # fmt: skip
