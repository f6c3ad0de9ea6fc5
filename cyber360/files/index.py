"""Search in the words of one scope's files: an SQLite FTS5 index, kept as one encrypted blob and opened in memory only.

It lies under the scope's key and ends with it, and it is the same whatever the main database is. Each change writes
the whole anew. Who may see which file is the caller's: `files` comes from a rights query, never from a page.
"""

import json
import sqlite3
import threading
import time
import uuid
import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef

from cyber360.files.blobs import blob_bytes, write_blob
from cyber360.files.cipher import PIECE, DamagedFile
from cyber360.files.matching import TOKENS, match_of, plain_text
from cyber360.files.models import Blob, BlobKind, VaultKey

KEPT_SECONDS = 300
OPEN_AT_MOST, OPEN_BYTES = 4, 64 * 1024 * 1024
PAGES_OF_A_FILE, CHARACTERS_OF_A_PAGE = 2000, 20_000
PAGES_SHOWN = 3
_TRIES = 20

_NEW = f"""
CREATE TABLE files (id TEXT PRIMARY KEY, has_words INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, file UNINDEXED, page UNINDEXED, {TOKENS});
"""
# Nothing may be written beside the memory, and what is dropped must not linger in the blob's free pages.
_PRAGMAS = "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;"


class IndexUnready(Exception):
    """There is no index for the scope, or a damaged one: it is to be built anew from the words of its files."""


class IndexGone(Exception):
    """The scope's key is gone, and with it everything that could be searched."""


class Hit(NamedTuple):
    """A page (from 1) that holds all words asked for. `snippet` is marked (`matching.parts`).

    `pages` is how many pages of the file do; a file gives at most `PAGES_SHOWN` of them.
    """

    file_id: uuid.UUID
    page: int
    snippet: str
    pages: int


class Index:
    """An opened copy, for one thread at a time (`lock`). It is only read."""

    def __init__(self, blob_id: uuid.UUID, data: bytes) -> None:
        self.blob_id, self.size = blob_id, len(data)
        self.until = time.monotonic() + KEPT_SECONDS
        self.lock = threading.RLock()
        self._rows = _opened(data)
        self._end: threading.Timer | None = None
        weakref.finalize(self, self._rows.close)

    def leave_after(self, scope: str) -> None:
        """So that the words leave the memory even when nobody searches here again."""
        self._end = threading.Timer(KEPT_SECONDS, _let_go, [scope, weakref.ref(self)])
        self._end.daemon = True
        self._end.start()

    def leaves(self) -> None:
        if self._end is not None:
            self._end.cancel()

    def search(self, query: str, files: Collection[uuid.UUID]) -> list[Hit]:
        """The best pages of each of `files`, the files in order of their best page."""
        match = match_of(query)
        if not match or not files:
            return []
        best: dict[str, list[int]] = defaultdict(list)
        wanted = json.dumps([str(file_id) for file_id in files])
        order: dict[int, int] = {}
        for number, file_id in self._rows.execute(_MATCHING, [match, wanted]):
            best[file_id].append(number)
            order[number] = len(order)
        shown = json.dumps([number for numbers in best.values() for number in numbers[:PAGES_SHOWN]])
        found = sorted(self._rows.execute(_SNIPPETS, [match, shown]), key=lambda row: order[row[0]])
        return [Hit(uuid.UUID(file_id), page, words, len(best[file_id])) for _number, file_id, page, words in found]

    def known(self) -> dict[uuid.UUID, bool]:
        """Every file that was indexed, and whether there were words in it to search."""
        return {uuid.UUID(file_id): bool(words) for file_id, words in self._rows.execute("SELECT * FROM files")}


_MATCHING = """
SELECT rowid, file FROM words WHERE words MATCH ? AND file IN (SELECT value FROM json_each(?)) ORDER BY rank
"""
# Ranked by the first: ranking anew would count the words of the whole index once for each row.
_SNIPPETS = """
SELECT rowid, file, page, snippet(words, 0, char(2), char(3), '…', 24) FROM words
WHERE words MATCH ? AND rowid IN (SELECT value FROM json_each(?))
"""


def _opened(data: bytes) -> sqlite3.Connection:
    rows = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    if data:
        rows.deserialize(data)
    rows.executescript(_PRAGMAS)
    return rows


# --- reading -------------------------------------------------------------------------------------------
def search(scope: str, words: str, files: Collection[uuid.UUID]) -> list[Hit]:
    """Where `files` hold all of `words`. Raises IndexUnready, IndexGone."""
    with opened(scope) as index:
        return index.search(words, files)


@contextmanager
def opened(scope: str) -> Iterator[Index]:
    """The index as it stands, from this process's memory when it is still the present one. One query then.

    Raises IndexUnready, IndexGone.
    """
    index = _present(scope)
    with index.lock:
        yield index


def _present(scope: str) -> Index:
    blob = _blob_of(scope)
    if blob is None:
        forget(scope)
        raise IndexUnready
    with _lock:
        held = _kept.get(scope)
    if held is not None and held.blob_id == blob.pk and time.monotonic() < held.until:
        return held
    forget(scope)
    return _keep(scope, Index(*_read(scope, blob)))


def _blob_of(scope: str) -> Blob | None:
    """The row of the present index. Raises IndexGone without a key."""
    key = VaultKey.objects.filter(scope=scope)
    rows = Blob.objects.filter(scope=scope, kind=BlobKind.INDEX, owner=None, number=0)
    blob = rows.annotate(has_key=Exists(key.filter(scope=OuterRef("scope")))).first()
    if blob.has_key if blob is not None else key.exists():
        return blob
    forget(scope)
    raise IndexGone


def _read(scope: str, blob: Blob) -> tuple[uuid.UUID, bytes]:
    """Its id and bytes; once more when it was replaced while we read. Raises IndexUnready, IndexGone."""
    for _ in range(_TRIES):
        try:
            return blob.pk, blob_bytes(blob)
        except DamagedFile as damage:
            now = _blob_of(scope)
            if now is None or now.pk == blob.pk:
                raise IndexUnready from damage
            blob = now
    raise IndexUnready


_kept: OrderedDict[str, Index] = OrderedDict()
_lock = threading.Lock()


def _keep(scope: str, index: Index) -> Index:
    """Into this process's memory, for five minutes at most; the longest held ones leave when it is too much."""
    forget(scope)
    with _lock:
        _kept[scope] = index
        while len(_kept) > 1 and (len(_kept) > OPEN_AT_MOST or sum(held.size for held in _kept.values()) > OPEN_BYTES):
            _kept.popitem(last=False)[1].leaves()
    index.leave_after(scope)
    return index


def _let_go(scope: str, index: "weakref.ref[Index]") -> None:
    with _lock:
        if (held := _kept.get(scope)) is not None and held is index():
            del _kept[scope]


def forget(scope: str) -> None:
    """Let go of this process's opened copy."""
    with _lock:
        held = _kept.pop(scope, None)
    if held is not None:
        held.leaves()


# --- writing -------------------------------------------------------------------------------------------
def index_file(scope: str, file_id: uuid.UUID, pages: Sequence[str]) -> None:
    """Make a file's pages findable, in place of what was known of it. No words: it is known as not searchable.

    Raises IndexUnready when the present index is damaged (then `rebuild`), IndexGone, OSError when the store is full.
    """
    index_many(scope, {file_id: pages})


def index_many(scope: str, documents: Mapping[uuid.UUID, Sequence[str]]) -> None:
    """As `index_file`, for many files in one writing."""
    _change(scope, lambda rows: _put_in(rows, documents))


def drop_file(scope: str, file_id: uuid.UUID) -> None:
    """Take a file's words out; without a word where there is nothing to take them out of."""
    drop_many(scope, [file_id])


def drop_many(scope: str, files: Collection[uuid.UUID]) -> None:
    try:
        if _blob_of(scope) is not None:
            _change(scope, lambda rows: _take_out(rows, files))
    except IndexGone:
        return


def rebuild(scope: str, documents: Callable[[], Mapping[uuid.UUID, Sequence[str]]]) -> None:
    """Build the index from nothing. `documents` is asked again when another writer came between. Raises IndexGone."""
    _change(scope, lambda rows: _put_in(rows, documents()), afresh=True)


def _change(scope: str, change: Callable[[sqlite3.Connection], bool], *, afresh: bool = False) -> None:
    """Read, change in memory, and put in place only what still is a change of the present index; else again.

    So no writer loses what another one wrote, and the row lock is held for the writing alone.
    """
    for _ in range(_TRIES):
        blob = _blob_of(scope)
        base, data = (None if blob is None else blob.pk), b""
        if blob is not None and not afresh:
            base, data = _read(scope, blob)
        with closing(_opened(data)) as rows:
            if not data:
                rows.executescript(_NEW)
            if not change(rows):
                return
            changed = rows.serialize()
        if _replace(scope, base, changed):
            forget(scope)
            return
    raise TimeoutError(f"The search index of {scope} was changed by others {_TRIES} times.")


def _replace(scope: str, base: uuid.UUID | None, data: bytes) -> bool:
    """True when `base` still was the present index. The scope's key row is the lock of its writers."""
    with transaction.atomic():
        if VaultKey.objects.select_for_update().filter(scope=scope).first() is None:
            raise IndexGone
        present = _blob_of(scope)
        if base != (None if present is None else present.pk):
            return False
        pieces = (data[start : start + PIECE] for start in range(0, len(data), PIECE))
        write_blob(scope=scope, kind=BlobKind.INDEX, pieces=pieces)
    return True


def _put_in(rows: sqlite3.Connection, documents: Mapping[uuid.UUID, Sequence[str]]) -> bool:
    _take_out(rows, documents.keys())
    rows.execute("BEGIN")
    for file_id, pages in documents.items():
        texts = [plain_text(page[:CHARACTERS_OF_A_PAGE]) for page in pages[:PAGES_OF_A_FILE]]
        rows.execute("INSERT INTO files VALUES (?, ?)", [str(file_id), any(texts)])
        rows.executemany(
            "INSERT INTO words VALUES (?, ?, ?)",
            [(text, str(file_id), number) for number, text in enumerate(texts, start=1) if text],
        )
    rows.execute("COMMIT")
    return True


def _take_out(rows: sqlite3.Connection, files: Collection[uuid.UUID]) -> bool:
    """True when something was there. The index is merged then, or the words would stay in its older parts."""
    wanted = json.dumps([str(file_id) for file_id in files])
    known = rows.execute("SELECT count(*) FROM files WHERE id IN (SELECT value FROM json_each(?))", [wanted])
    if not known.fetchone()[0]:
        return False
    rows.execute("DELETE FROM words WHERE file IN (SELECT value FROM json_each(?))", [wanted])
    rows.execute("DELETE FROM files WHERE id IN (SELECT value FROM json_each(?))", [wanted])
    rows.execute("INSERT INTO words (words) VALUES ('optimize')")
    return True
