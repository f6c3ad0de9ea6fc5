"""The rules of conflicts as coordinators read them: each kind in words, as it counts now, and whom it touches."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers.access import require
from peers.acts import Act
from peers.planning.models import ConflictRule, Placement
from peers.planning.pairing.conflicts import DEFAULTS, FIXED, WINDOWED, ConflictKind, Rule, Strength, conflicts

from .conflicts import Pairs
from .notices import watched


@dataclass(frozen=True)
class RuleRow:
    """`touched`: places, asked or accepted on live challenges, that have such a conflict today (were it not off)."""

    kind: ConflictKind
    title: str
    words: str
    rule: Rule
    version: int
    is_default: bool
    touched: list[Placement] = field(default_factory=list)

    @property
    def fixed(self) -> bool:
        return self.kind in FIXED

    @property
    def windowed(self) -> bool:
        return self.kind in WINDOWED


def rule_rows(user: User) -> list[RuleRow]:
    """Every kind in the order of the enumeration, in a fixed number of queries."""
    require(user, Act.RULES_EDIT)
    stored = {row.kind: row for row in ConflictRule.objects.all()}
    touched = _touched({ConflictKind(kind): Rule(Strength(row.strength), row.months) for kind, row in stored.items()})
    return [_row(kind, stored.get(kind), touched[kind]) for kind in ConflictKind]


def _row(kind: ConflictKind, row: ConflictRule | None, touched: list[Placement]) -> RuleRow:
    title, words = kind_words(kind)
    rule = Rule(Strength(row.strength), row.months) if row else DEFAULTS[kind]
    return RuleRow(kind, title, words, rule, row.version if row else 0, row is None, touched)


def _touched(rules: dict[ConflictKind, Rule]) -> dict[ConflictKind, list[Placement]]:
    """Looks with every kind switched on, so that what is off can be seen before it is switched on."""
    rows = list(watched())
    pairs = Pairs(
        list({row.challenge_id: row.challenge for row in rows}.values()),
        list({row.profile_id: row.profile for row in rows}.values()),
    )
    on = {kind: _switched_on(rules.get(kind, DEFAULTS[kind])) for kind in ConflictKind}
    found: dict[ConflictKind, list[Placement]] = defaultdict(list)
    for row in rows:
        against = conflicts(pairs.people[row.profile_id], pairs.hosts[row.challenge_id], on)
        for kind in {conflict.kind for conflict in against}:
            found[kind].append(row)
    return found


def _switched_on(rule: Rule) -> Rule:
    return rule._replace(strength=Strength.WARNS) if rule.strength == Strength.OFF else rule


def kind_words(kind: ConflictKind) -> tuple[str, str]:
    """The kind's name, and when it is found, in words that an officer reads."""
    return {
        ConflictKind.OWN: (_("Own council"), _("The council to be visited is the peer's home council.")),
        ConflictKind.ONE_COUNCIL: (
            _("One council by reorganisation"),
            _("One of the two councils took over from the other, or will."),
        ),
        ConflictKind.HOST_SIDE: (
            _("On the host's side"),
            _("The peer is host lead, sponsor or contributor of this very challenge."),
        ),
        ConflictKind.EMPLOYER: (_("Works there now"), _("Declared: the peer has a job at the host today.")),
        ConflictKind.FORMER_EMPLOYER: (
            _("Worked there before"),
            _("Declared, or the host was once the peer's home council. Counted from the last day there."),
        ),
        ConflictKind.PARTNERSHIP: (
            _("Shared service or partnership"),
            _("The two councils run a service together on the day of the visit, or the peer has declared one."),
        ),
        ConflictKind.SAME_AREA: (_("County and district"), _("The two councils serve the same area.")),
        ConflictKind.BOUNDARY: (_("Shared boundary"), _("The two councils are neighbours.")),
        ConflictKind.COMBINED_AUTHORITY: (
            _("Same combined authority"),
            _("Both belong to one combined authority. The boroughs of London are not counted as one."),
        ),
        ConflictKind.RECIPROCITY: (
            _("Councils that visited each other"),
            _("People of one were on the team at the other. Counted from the last day of that visit."),
        ),
        ConflictKind.SAME_HOST: (
            _("Met this host before"),
            _("The peer was on an earlier team there. It does not count while that challenge is followed up."),
        ),
        ConflictKind.SUPPLIER: (_("Supplier"), _("Declared: the peer supplies the host, or works for a supplier.")),
        ConflictKind.FAMILY: (_("Family or close friend"), _("Declared: somebody close to the peer is at the host.")),
        ConflictKind.OTHER_TIE: (_("Another tie"), _("Declared: something else ties the peer to the host.")),
        ConflictKind.PARTY: (
            _("Same party as the host's leadership"),
            _("A member peer is of the party that leads the host."),
        ),
        ConflictKind.OVERLAP: (_("Another visit on the same days"), _("The peer has said yes to both.")),
        ConflictKind.COOLING_OFF: (
            _("Little rest between visits"),
            _("Another visit of the peer lies closer than this to the days of this one."),
        ),
        ConflictKind.TEAM_MATE: (_("Two of one council"), _("Somebody else on the list is from the same council.")),
    }[kind]
