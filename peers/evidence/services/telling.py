"""Who is told when a check finds something: by mail, without the name of the file or what was found in it."""

from typing import NamedTuple

from django.conf import settings
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.files.models import State, StoredFile, Verdict
from cyber360.files.services import verdict_given
from cyber360.notify.services import queue_mail
from peers.access import HOST_LEAD
from peers.challenges.queries import coordinators_of, people_in_seat
from peers.evidence.models import EvidenceItem, EvidenceVersion


class _News(NamedTuple):
    """What happened, in the audit trail and in the mail. `{council}` stands in the subject."""

    act: str
    subject: str
    body: str
    to_coordinator: bool = False


@receiver(verdict_given, dispatch_uid="evidence.tell_verdict")
def tell_verdict(sender: type, file: StoredFile, **kwargs: object) -> None:
    """In the transaction of the verdict. Each thing is told once for each file and person."""
    news = _news(file)
    if news is None:
        return
    versions = EvidenceVersion.objects.filter(stored_file=file)
    version = versions.select_related("item__challenge__council", "item__challenge__programme", "uploaded_by").first()
    if version is not None and version.item.is_live:
        _tell(version, news)


def _news(file: StoredFile) -> _News | None:
    if file.verdict == Verdict.INFECTED and file.state == State.STORED:
        return _infected()
    if file.has_open_concern:
        return _held() if file.state == State.STORED else _deleted()
    return None


def _infected() -> _News:
    return _News(
        "evidence.infected",
        _("A virus was found in evidence for %(council)s's Cyber 360"),
        _(
            "Our scanner found a virus in a file that was uploaded. Nobody can open it here, and the peers cannot see "
            "it.\n\nWhat to do: do not open the file on your own computer. Tell the people who look after your "
            "council's IT security, as the copy that you hold may be infected. Then replace or withdraw the file on "
            "the page behind the link below."
        ),
        to_coordinator=True,
    )


def _held() -> _News:
    return _News(
        "evidence.held",
        _("A file for %(council)s's Cyber 360 is held back and needs an answer"),
        _(
            "A file that was uploaded looks as if it holds something that must not be put here. The page behind the "
            "link below says what. Nobody but the council can open it.\n\nWhat to do: remove it, or say why it is not "
            "what it looks like. Without an answer within %(days)s days it is deleted."
        )
        % {"days": settings.FILES_CONCERN_DAYS},
    )


def _deleted() -> _News:
    return _News(
        "evidence.unanswered",
        _("A file for %(council)s's Cyber 360 that was held back is deleted"),
        _(
            "A file was held back because of what it looked like, and nobody answered in time. It is deleted.\n\n"
            "What to do: if it is still wanted, upload a copy without what must not be here."
        ),
    )


def tell_removed(*, version: EvidenceVersion, item: EvidenceItem, by: User) -> None:
    """Who else minds the file hears who removed it; whoever did so knows. The removal itself is recorded already."""
    version.item = item
    _send(version, _removed(by), but=by)


def _removed(by: User) -> _News:
    return _News(
        "evidence.removed",
        _("A file for %(council)s's Cyber 360 that was held back is removed"),
        _(
            "A file was held back because of what it looked like. %(name)s removed it, and it is deleted.\n\n"
            "What to do: if it is still wanted, upload a copy without what must not be here."
        )
        % {"name": " ".join(by.full_name.split())},
    )


def _tell(version: EvidenceVersion, news: _News) -> None:
    _send(version, news)
    record(act=news.act, obj=version.item, scope=version.item.challenge.scope, detail={"version": version.number})


def _send(version: EvidenceVersion, news: _News, but: User | None = None) -> None:
    item, challenge = version.item, version.item.challenge
    for person in _people(version, news):
        if but is not None and person.pk == but.pk:
            continue
        queue_mail(
            to=person,
            kind=news.act,
            subject=news.subject % {"council": challenge.council.name},
            body=news.body,
            link=reverse("evidence:item", args=[challenge.ref, item.pk]),
            key=f"{news.act}:{version.pk}:{person.pk}",
        )


def _people(version: EvidenceVersion, news: _News) -> list[User]:
    """The host lead and whoever uploaded it; the coordinator when the team could read it until now."""
    challenge = version.item.challenge
    people = {person.pk: person for person in people_in_seat(challenge, HOST_LEAD)}
    if version.uploaded_by is not None:
        people.setdefault(version.uploaded_by.pk, version.uploaded_by)
    if news.to_coordinator and challenge.pack_locked_at is not None:
        people |= {person.pk: person for person in coordinators_of(challenge)}
    return list(people.values())
