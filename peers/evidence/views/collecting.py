"""What the part of a page with which files are added needs besides its form."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from cyber360.files.models import Upload
from peers.challenges.models import Challenge
from peers.evidence import queries
from peers.evidence.models import EvidenceRequest, Unpacking

ZIPS_SHOWN = 3


def collecting(request: HttpRequest, challenge: Challenge, row: EvidenceRequest | None) -> dict[str, Any]:
    """Addresses and words for `uploads.js`, what can be gone on with, and the last zips."""
    unfinished: list[Upload] = queries.unfinished_uploads(request.user, challenge, row)
    zips: list[Unpacking] = list(
        queries.unpackings_visible_to(request.user, challenge).filter(request=row)[:ZIPS_SHOWN]
    )
    for one in zips:
        one.challenge = challenge
    recent: list[queries.Fate] = queries.recent_fates(request.user, challenge, row)
    return {
        "plain": "plain" in request.GET,
        "unfinished": unfinished,
        "zips": zips,
        "recent": [fate for fate in recent if not fate.is_quiet],
        "quiet": [fate for fate in recent if fate.is_quiet],
        "waits": any(fate.waits for fate in recent),
        "buttons": _buttons(),
        "settings": {
            "uploads": _address("uploads", challenge, row),
            "words": _address("upload_words", challenge, row),
            "states": reverse("evidence:upload_states", args=[challenge.ref]),
            "describe": reverse("evidence:describe", args=[challenge.ref]),
            "list": row.get_absolute_url()
            if row is not None
            else reverse("evidence:list", args=[challenge.ref]) + "?by=item",
            "person": str(request.user.pk),
            "say": _words(),
        },
    }


def _address(name: str, challenge: Challenge, row: EvidenceRequest | None) -> str:
    if row is None:
        return reverse(f"evidence:{name}", args=[challenge.ref])
    return reverse(f"evidence:request_{name}", args=[challenge.ref, row.pk])


def _buttons() -> list[tuple[str, str]]:
    return [
        ("pause", _("Pause")),
        ("resume", _("Go on")),
        ("retry", _("Try again")),
        ("cancel", _("Cancel")),
        ("remove", _("Take off the list")),
    ]


def _words() -> dict[str, str]:
    """Everything that the script says. {name}, {percent} and the like are filled in there."""
    return {
        "chosen": _("Chosen, not sent yet"),
        "waiting": _("Waiting"),
        "sending": _("Sending {percent} %"),
        "paused": _("Paused at {percent} %"),
        "lost": _("Connection lost – trying again"),
        "again": _("Connection lost. Press “Try again” when you are back on the network"),
        "received": _("Received – being checked"),
        "later": _("Its checks go on. This page no longer asks: open it again later."),
        "cancelled": _("Cancelled. Nothing of it was kept"),
        "signIn": _("You are signed out. Sign in again in another tab: your upload waits here and goes on by itself"),
        "full": _("Waiting until other uploads of yours have finished"),
        "refused": _("Not added"),
        "blocked": _("Your network does not let files be sent in this way. Use the plain form below instead."),
        "twice": _("“{name}” is in the list already."),
        "many": _("Only {most} files can be sent at once. The others were left out: add them afterwards."),
        "progress": _("Progress of {name}"),
        "empty": _("empty"),
        "summary": _("{added} of {all} files added"),
        "summaryRefused": _("{count} not added"),
        "summarySending": _("{count} being sent"),
        "summaryChecking": _("{count} being checked"),
        "summaryHeld": _("{count} held back"),
        "summaryWaiting": _("{count} waiting for you"),
        "summaryChosen": _("{count} files chosen. Press “Add files” to send them."),
        "over": _("Your files are in."),
        "overChecking": _("Your files are in. Their last checks go on; you need not wait."),
        "overHeld": _("Some files are held back until you have said what was noticed in them."),
        "partly": _("That is all that could be added."),
        "describe": _("Say what each of the new files shows"),
        "reload": _("Show the evidence"),
    }
