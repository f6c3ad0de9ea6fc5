"""Desk review, the visit, moderation, feedback: lines of enquiry, notes, private and agreed scores, findings."""

from typing import Any

from django.utils import timezone

from peers.evidence.models import EvidenceItem
from peers.findings.models import Finding, FindingState
from peers.findings.services import decide_finding, draft_finding, edit_finding, record_feedback
from peers.frameworks.models import CafOutcome, Question
from peers.onsite.models import Conversation
from peers.onsite.services import (
    confirm_timetable,
    edit_key_line,
    mark_conversation,
    raise_key_line,
    save_note,
)
from peers.scoring.services import agree_score, save_score, submit_scores
from peers.stages import Stage

from .reading import judge_evidence, read_evidence
from .tale import Tale
from .texts import text

CAF_VERSION = "4.0"
STILL_AHEAD = 5  # conversations not yet marked while the visit is under way
FIRST_FINDINGS = 7


# --- desk review -----------------------------------------------------------------------------------------
def read_pack(tale: Tale) -> None:
    """In part: the lead peer has read and begun to score, the timetable is not confirmed."""
    whole = tale.whole(Stage.DESK_REVIEW)
    readers = read_evidence(tale)
    lines = [entry for entry in text("visit")["key_lines"] if entry["theme"] in tale.themes]
    for place, entry in enumerate(lines if whole else lines[::2]):
        raise_key_line(
            challenge=tale.challenge, by=tale.peers[place % len(readers)], theme=tale.themes[entry["theme"]],
            text=tale.say(entry["text"]), ask=entry["ask"],
        )  # fmt: skip
    if whole:
        confirm_timetable(challenge=tale.challenge, by=tale.lead_peer)
    else:
        score(tale, tale.lead_peer, tale.questions[: len(tale.questions) // 3])
    judge_evidence(tale)


# --- the visit --------------------------------------------------------------------------------------------
def visit(tale: Tale) -> None:
    """In part: the conversations of the first days are held, one peer of three has submitted scores."""
    whole = tale.whole(Stage.ON_SITE)
    slots = list(tale.challenge.conversations.prefetch_related("themes", "peers__user", "attendees"))
    past = [slot for slot in slots if slot.ends_at < timezone.now()]
    for slot in past if whole else past[: len(slots) - STILL_AHEAD]:
        _hold(tale, slot)
    for place, peer in enumerate(tale.peers):
        all_in = whole or place == 1
        score(tale, peer, tale.questions if all_in else tale.questions[: len(tale.questions) * (2 - place % 2) // 3])
        if all_in:
            submit_scores(challenge=tale.challenge, by=peer)
    if not whole:
        draft_findings(tale, text("findings")[:FIRST_FINDINGS])
    _settle_key_lines(tale, whole)


def _hold(tale: Tale, slot: Conversation) -> None:
    entry = next(one for one in text("conversations")["slots"] if tale.say(one["title"]) == slot.title)
    off = entry.get("called_off")
    if off:
        mark_conversation(conversation=slot, by=tale.lead_peer, state=off["state"], reason=off["reason"])
        return
    mark_conversation(conversation=slot, by=tale.lead_peer, state=Conversation.State.HELD)
    writer = next((row.user for row in slot.peers.all() if row.part == "notes"), None)
    if entry.get("note") and writer is not None:
        save_note(
            challenge=tale.challenge, by=writer, text=tale.say(entry["note"]), themes=list(slot.themes.all()),
            conversation=slot,
        )  # fmt: skip


def _settle_key_lines(tale: Tale, whole: bool) -> None:
    for place, line in enumerate(tale.challenge.key_lines.select_related("challenge", "theme")):
        if whole or place % 2:
            edit_key_line(
                line=line, by=tale.lead_peer, version=line.version, theme=line.theme, text=line.text, ask=line.ask,
                state="answered",
            )  # fmt: skip


# --- scores ---------------------------------------------------------------------------------------------
def score(tale: Tale, peer: Any, questions: list[Question]) -> None:
    """The peer's own level, confidence, comment and sources on each of the questions."""
    place, sources = tale.peers.index(peer), _sources(tale)
    for question in questions:
        level, confidence, comment = _view(tale, question, place)
        save_score(
            challenge=tale.challenge, question=question, by=peer, version=0, level=level, not_explored=level is None,
            confidence=confidence, comment=tale.say(comment), evidence=sources["evidence"].get(question.pk, []),
            conversations=sources["conversations"].get(question.theme_id, [])[place : place + 2],
        )  # fmt: skip


def _view(tale: Tale, question: Question, place: int) -> tuple[int | None, str, str]:
    """The first two peers' views stand in the voice; the others agree with one of them in words of their own."""
    views = tale.voice[question.code]["peers"]
    if place < len(views):
        return tuple(views[place])
    others = text("visit")["others"]
    level = views[(place + question.place) % len(views)][0]
    return level, "medium" if level is not None else "low", others[(question.pk + place) % len(others)]


def _sources(tale: Tale) -> dict[str, dict[int, list]]:
    """Released evidence by question, held conversations by theme."""
    evidence: dict[int, list] = {}
    items = EvidenceItem.objects.filter(challenge=tale.challenge, state="live").prefetch_related("questions")
    for item in items:
        for question in item.questions.all():
            evidence.setdefault(question.pk, []).append(item)
    talks: dict[int, list] = {}
    for slot in tale.challenge.conversations.filter(state="held", kind="conversation").prefetch_related("themes"):
        for theme in slot.themes.all():
            talks.setdefault(theme.pk, []).append(slot)
    return {"evidence": evidence, "conversations": talks}


# --- moderation -----------------------------------------------------------------------------------------
def moderate(tale: Tale) -> None:
    """In part: half of the levels are agreed, findings stand in every state."""
    whole = tale.whole(Stage.MODERATION)
    for question in tale.questions if whole else tale.questions[: len(tale.questions) // 2]:
        agreed = tale.voice[question.code]["agreed"]
        level, reason, dissent = (*agreed, "")[:3]
        agree_score(
            challenge=tale.challenge, question=question, by=tale.lead_peer, version=0, level=level,
            not_explored=level is None, reason=tale.say(reason), dissent=tale.say(dissent),
        )  # fmt: skip
    for place, finding in enumerate(draft_findings(tale, text("findings"))):
        _decide(tale, finding, place, whole)


def draft_findings(tale: Tale, entries: list[dict]) -> list[Finding]:
    """Findings on the themes in scope, by turns of the peers, with what they rest on."""
    sources, found = _sources(tale), []
    for place, entry in enumerate(one for one in entries if one["theme"] in tale.themes):
        theme = tale.themes[entry["theme"]]
        questions = [one for one in tale.questions if one.code in entry.get("questions", [])]
        papers = {item for question in questions for item in sources["evidence"].get(question.pk, [])}
        found.append(
            draft_finding(
                challenge=tale.challenge, by=tale.peers[place % len(tale.peers)], theme=theme, kind=entry["kind"],
                headline=tale.say(entry["headline"]), narrative=tale.say(entry["narrative"]),
                confidence=entry.get("confidence", "medium"), owner_suggestion=tale.say(entry.get("owner", "")),
                urgency=entry.get("urgency", ""), caf_outcome=_caf(entry), sensitive=entry.get("sensitive", False),
                questions=questions, evidence=sorted(papers, key=lambda item: item.pk)[:3],
                conversations=sources["conversations"].get(theme.pk, [])[:4],
            )
        )  # fmt: skip
    return found


def _caf(entry: dict) -> CafOutcome | None:
    return CafOutcome.objects.filter(version=CAF_VERSION, code=entry["caf"]).first() if "caf" in entry else None


def _decide(tale: Tale, finding: Finding, place: int, whole: bool) -> None:
    dropped = text("visit")["dropped"].get(finding.headline)
    if not whole and place % 4 == 1:
        return
    if not whole and place % 4 in {2, 3}:
        state = FindingState.GROUPED if place % 4 == 2 else FindingState.WORDED
        edit_finding(finding=finding, by=finding.author or tale.lead_peer, version=finding.version, state=state)
        return
    decide_finding(
        finding=finding, by=tale.lead_peer, version=finding.version,
        state=FindingState.DROPPED if dropped else FindingState.AGREED, reason=dropped or "",
    )  # fmt: skip


# --- feedback ----------------------------------------------------------------------------------------------
def feed_back(tale: Tale) -> None:
    """While the stage lasts the record is still missing: that is what it waits for."""
    if tale.whole(Stage.FEEDBACK):
        words = text("visit")["feedback"]
        record_feedback(
            challenge=tale.challenge, by=tale.lead_peer, held_on=tale.calendar.last_day,
            attendee_roles="\n".join(words["roles"]), notes=tale.say(words["notes"]),
        )  # fmt: skip
