"""A season small enough to be checked by hand: two visits, eight peers, six weeks."""

from peers.planning.season.problem import Pair, Peer, Plan, Problem, Visit

ALWAYS = frozenset(range(6))


def _peer(key: int, council: int, role: str, themes: set[int], **more) -> Peer:
    given = {"party": "", "leads": False, "free": ALWAYS, "days": 8, "most": 2} | more
    return Peer(key, council, role, themes=frozenset(themes), **given)


PEERS = (
    _peer(10, 1, "officer", {0, 1}, leads=True),
    _peer(11, 2, "member", {2}, party="A"),
    _peer(12, 3, "specialist", {1}),
    _peer(13, 4, "officer", {1, 2}, leads=True, welsh=True),
    _peer(14, 5, "member", set(), party="A"),
    _peer(15, 6, "specialist", {1}),
    _peer(16, 1, "specialist", {0, 1}),
    _peer(17, 7, "member", {1, 2}, party="B", leads=True),
)
VISITS = (
    Visit(20, council=100, weeks=(0, 1, 2, 3), size=3, first=0, themes=frozenset({0, 1}), manager=1),
    Visit(21, council=101, weeks=(1, 2, 3, 4), size=3, first=1, themes=frozenset({1, 2}), welsh=True, manager=1),
)
PROBLEM = Problem(
    weeks=6,
    peers=PEERS,
    visits=VISITS,
    pairs={(v, p): Pair(cost=10 * v + p, days=3, km=1.5) for v in range(2) for p in range(8)},
    per_week=(4,) * 6,
)
PLAN: Plan = {0: (0, (0, 1, 2)), 1: (3, (3, 4, 5))}
AGAIN: Plan = {0: (0, (0, 1, 2)), 1: (3, (0, 1, 3, 5))}  # peers 0 and 1 twice, for a visit of four
