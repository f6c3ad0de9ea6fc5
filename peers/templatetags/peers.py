"""Tags that know the domain: stage, rights, and the tabs of a challenge."""

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cyber360.ui.templatetags.ui import tag
from peers.access import ACCESS, CONTRIBUTOR, HOST, may, seats_on
from peers.acts import Act
from peers.answers.queries import questions_held
from peers.challenges.queries import challenges_for
from peers.evidence.queries import evidence_for_question, reading_seat, requests_handed_to, requests_held
from peers.scoring.queries import scores_visible_to
from peers.stages import Stage

register = template.Library()

STAGE_COLOURS = {
    Stage.INTEREST: "grey",
    Stage.SCOPING: "grey",
    Stage.SETUP: "grey",
    Stage.PREPARATION: "blue",
    Stage.DESK_REVIEW: "blue",
    Stage.ON_SITE: "purple",
    Stage.MODERATION: "purple",
    Stage.FEEDBACK: "purple",
    Stage.DRAFTING: "orange",
    Stage.FACTUAL_CHECK: "orange",
    Stage.ISSUED: "green",
    Stage.ACTION_PLANNING: "teal",
    Stage.FOLLOW_UP: "teal",
    Stage.CLOSED: "grey",
    Stage.WITHDRAWN: "grey",
}

# label, url name, and the acts of which one must stand open to the seat in this stage
TABS = (
    ("overview", _("Overview"), "overview:challenge", (Act.CHALLENGE_READ,)),
    ("people", _("People"), "challenges:people", (Act.PEOPLE_READ,)),
    ("team", _("Team"), "planning:team", (Act.TEAM_PROPOSE, Act.TEAM_AGREE)),
    ("agreements", _("Agreements"), "agreements:list", (Act.AGREEMENT_READ,)),
    ("questions", _("Questions"), "answers:overview", (Act.ANSWER_READ,)),
    ("evidence", _("Evidence"), "evidence:list", (Act.EVIDENCE_READ,)),
    ("visit", _("Visit"), "onsite:timetable", (Act.TIMETABLE_READ,)),
    ("scores", _("Scores"), "scoring:own", (Act.SCORE_OWN,)),
    ("board", _("Scores"), "scoring:board", (Act.SCORE_READ_ALL,)),
    ("findings", _("Findings"), "findings:board", (Act.FINDING_READ,)),
    ("report", _("Report"), "reports:report", (Act.REPORT_DRAFT_READ, Act.REPORT_READ)),
    ("plan", _("Action plan"), "actionplans:plan", (Act.PLAN_READ,)),
    ("records", _("Records"), "records:room", (Act.RETENTION_READ,)),
    ("timeline", _("Timeline"), "challenges:timeline", (Act.TIMELINE_READ,)),
)


@register.simple_tag(name="may")
def may_tag(user, act_value: str, obj=None) -> bool:
    """`{% may user "answer.edit" answer as can_edit %}`: asks the access table."""
    return may(user, Act(act_value), obj)


@register.simple_tag
def stage_tag(stage: str) -> SafeString:
    """`{% stage_tag challenge.stage %}`: the stage as a word in a coloured tag."""
    known = Stage(stage)
    return tag(known.label, STAGE_COLOURS[known])


@register.inclusion_tag("peers/_tabs.html", takes_context=True)
def workspace_tabs(context, challenge, current: str = "") -> dict:
    """`{% workspace_tabs challenge current="evidence" %}`: the tabs that seat and stage give something to."""
    user = context["request"].user
    seats, tabs = seats_on(user, challenge), []
    for key, label, url_name, acts in TABS:
        if any(_row_open(seats, act, challenge.stage) for act in acts):
            # The team's reading ends on a day of its own, whatever the stage.
            if key == "evidence" and reading_seat(user, challenge) is None:
                continue
            try:
                tabs.append({"label": label, "url": reverse(url_name, args=[challenge.ref]), "current": key == current})
            except NoReverseMatch:
                continue
    return {"tabs": tabs, "challenge": challenge}


@register.simple_tag(takes_context=True)
def evidence_of_question(context, challenge, question) -> dict:
    """What the reader may see of one question's evidence; for the piece `evidence/_for_question.html`."""
    return evidence_for_question(context["request"].user, question, challenge)


@register.simple_tag(takes_context=True)
def evidence_asked_of_me(context) -> dict[str, list]:
    """`{% evidence_asked_of_me as asked %}`: the `open` and the `settled` requests for evidence in the reader's hands,
    in all challenges.
    """
    rows = requests_handed_to(context["request"].user)
    return {"open": [row for row in rows if row.is_open], "settled": [row for row in rows if not row.is_open]}


@register.simple_tag
def held_in_seat(seat) -> dict:
    """`{% held_in_seat seat as held %}`: how many open `requests` and `questions` the person holds, while the answers
    are being prepared, and where each list stands; empty for a seat that holds none.
    """
    challenge = seat.content_object
    if challenge.stage != Stage.PREPARATION or seat.name not in HOST | CONTRIBUTOR:
        return {}
    return {
        "requests": requests_held(challenge, seat.user),
        "requests_url": reverse("evidence:list", args=[challenge.ref]) + f"?state=open&owner={seat.user_id}",
        "questions": questions_held(challenge, seat.user),
        "questions_url": reverse("answers:overview", args=[challenge.ref]),
    }


@register.simple_tag(takes_context=True)
def own_score(context, challenge, question):
    """The reader's own private score on a question, or None; for the piece `scoring/_own_score.html`."""
    user = context["request"].user
    return scores_visible_to(user, challenge).filter(owner=user, question=question).first()


@register.simple_tag(takes_context=True)
def challenges_of_council(context, council) -> list:
    """The challenges of a council in which the reader has a place, newest first."""
    return list(challenges_for(context["request"].user).filter(council=council).order_by("-registered_on", "-ref")[:20])


def _row_open(seats: frozenset, act: Act, stage: str) -> bool:
    return any(seats & row.seats and stage in row.stages for row in ACCESS.get(act, ()))
