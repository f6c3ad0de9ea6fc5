"""What follows a verdict: the words of a file are read, its pages drawn, and the challenge's search index kept true.

Reading a document takes a child process and seconds, so only jobs do it. A search checks in the database what its
asker may see; that the index also lets go of what is withdrawn, infected or deleted is a second line.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from django.db.models.signals import post_save
from django.dispatch import receiver

from cyber360.files import index
from cyber360.files.blobs import delete_blobs, find_blob
from cyber360.files.cipher import DamagedFile
from cyber360.files.index import IndexGone, IndexUnready
from cyber360.files.models import Blob, BlobKind, State, StoredFile, Verdict
from cyber360.files.rendering import NoPreview, make_pages, words_of
from cyber360.files.rendering.kinds import WORDED
from cyber360.files.services import verdict_given
from cyber360.jobs.services import enqueue
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceVersion
from peers.evidence.queries.search import SEARCHABLE, searchable_versions

FOLLOW_KIND, INDEX_KIND, CATCH_UP_KIND = "evidence.follow", "evidence.index", "evidence.catch_up"


# --- asking ----------------------------------------------------------------------------------------------
@receiver(verdict_given, dispatch_uid="evidence.follow_verdict")
def follow_verdict(sender: type, file: StoredFile, **kwargs: object) -> None:
    if EvidenceVersion.objects.filter(stored_file=file).exists():
        ask_to_follow(file)


@receiver(post_save, sender=StoredFile, dispatch_uid="evidence.follow_deletion")
def follow_deletion(sender: type, instance: StoredFile, **kwargs: object) -> None:
    if instance.state == State.GONE:
        follow_verdict(sender, instance)


@receiver(post_save, sender=EvidenceItem, dispatch_uid="evidence.follow_withdrawal")
def follow_withdrawal(sender: type, instance: EvidenceItem, **kwargs: object) -> None:
    if not instance.is_live and not instance.is_link:
        for version in instance.versions.select_related("stored_file"):
            ask_to_follow(version.stored_file)


def ask_to_follow(stored: StoredFile) -> None:
    enqueue(
        kind=FOLLOW_KIND,
        key=f"{FOLLOW_KIND}:{stored.pk}",
        payload={"file_id": str(stored.pk)},
        scope=stored.scope,
        again=True,
    )


def ask_for_index(challenge: Challenge) -> None:
    """The index is missing or damaged: have it built anew."""
    enqueue(
        kind=INDEX_KIND,
        key=f"{INDEX_KIND}:{challenge.pk}",
        payload={"challenge_id": challenge.pk},
        scope=challenge.scope,
        again=True,
    )


# --- doing -----------------------------------------------------------------------------------------------
def follow_file(*, file_id: UUID) -> int:
    """Do for one file what its present state asks; the number of its pages with words. May run any number of times."""
    version = EvidenceVersion.objects.filter(stored_file_id=file_id).select_related("stored_file", "item").first()
    if version is None or version.stored_file.verdict == Verdict.PENDING:
        return 0
    stored = version.stored_file
    if not stored.is_readable:
        index.drop_file(stored.scope, stored.pk)
        delete_blobs(Blob.objects.filter(scope=stored.scope, owner=stored.pk))
        return 0
    if not version.item.is_live:
        index.drop_file(stored.scope, stored.pk)
        return 0
    pages = _words(stored)
    with suppress(IndexGone):
        _put(version, pages)
    with suppress(NoPreview):
        make_pages(stored)
    return len([page for page in pages if page.strip()])


def _put(version: EvidenceVersion, pages: list[str]) -> None:
    """Into the index or out of it, by how the file stands now: reading its words has taken a while.

    Raises IndexGone.
    """
    stored, challenge = version.stored_file, version.item.challenge
    if not _is_searchable(stored.pk):
        index.drop_file(stored.scope, stored.pk)
        return
    try:
        if find_blob(scope=stored.scope, kind=BlobKind.INDEX) is None:
            raise IndexUnready
        index.index_file(stored.scope, stored.pk, pages)
    except IndexUnready:
        rebuild_index(challenge=challenge)
    if not _is_searchable(stored.pk):
        index.drop_file(stored.scope, stored.pk)


def _is_searchable(file_id: UUID) -> bool:
    return EvidenceVersion.objects.filter(SEARCHABLE, stored_file=file_id).exists()


def _words(stored: StoredFile) -> list[str]:
    """Its words by page; none where they cannot be read, which its page says."""
    try:
        return words_of(stored)
    except (NoPreview, DamagedFile):
        return []


def rebuild_index(*, challenge: Challenge) -> int:
    """The index from nothing, of every file that may be searched; their number. Raises IndexGone."""
    known: dict[UUID, list[str]] = {}

    def documents() -> Mapping[UUID, Sequence[str]]:
        """Words that were read are not read again when another writer came between."""
        rows = [version.stored_file for version in searchable_versions(challenge).select_related("stored_file")]
        known.update({stored.pk: _words(stored) for stored in rows if stored.pk not in known})
        return {stored.pk: known[stored.pk] for stored in rows}

    index.rebuild(challenge.scope, documents)
    return len(known)


def index_documents(*, challenge: Challenge, documents: Mapping[UUID, Sequence[str]]) -> None:
    """Many files' pages in one writing, for loaders and measurements that have the words at hand."""
    index.index_many(challenge.scope, documents)


def catch_up(*, challenges: Iterable[Challenge] | None = None) -> int:
    """Find what was missed: files not indexed yet, or indexed and no longer to be searched; the number of those."""
    rows = Challenge.objects.filter(evidence_items__kind=EvidenceItem.Kind.FILE).distinct()
    return sum(_catch_up(challenge) for challenge in (rows.iterator() if challenges is None else challenges))


def _catch_up(challenge: Challenge) -> int:
    versions = searchable_versions(challenge).select_related("stored_file")
    wanted = {version.stored_file_id: version.stored_file for version in versions}
    try:
        with index.opened(challenge.scope) as held:
            known = held.known()
    except IndexGone:
        return 0
    except IndexUnready:
        if wanted:
            ask_for_index(challenge)
        return len(wanted)
    surplus = known.keys() - wanted.keys()
    index.drop_many(challenge.scope, surplus)
    # A reader that was missing may be there by now; what proved unreadable keeps a blob that says so.
    tried = set(Blob.objects.filter(kind=BlobKind.WORDS, owner__in=wanted).values_list("owner", flat=True))
    untried = {pk for pk, stored in wanted.items() if stored.extension in WORDED and pk not in tried}
    missed = [stored for pk, stored in wanted.items() if pk not in known or (pk in untried and not known[pk])]
    for stored in missed:
        ask_to_follow(stored)
    return len(surplus) + len(missed)
