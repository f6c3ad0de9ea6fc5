"""Words asked for, and where short texts hold them: the part of search that needs no store and no key.

Letters and digits are all that is read of a query, each word quoted, so that no sign of FTS5's own language is left.
Words match by their English stem, whatever their accents, and the last one by its beginning.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Hashable, Mapping
from contextlib import closing
from typing import NamedTuple, TypeVar

WORDS_OF_A_QUERY, LETTERS_OF_A_WORD, LETTERS_OF_A_BEGINNING = 12, 40, 4
TOKENS = 'tokenize = "porter unicode61 remove_diacritics 2"'
# Stand around what was found; no indexed text holds them (`plain_text`).
OPENS, CLOSES = "\x02", "\x03"

_WORD = re.compile(r"[^\W_]+")
# Control characters, those that turn the direction of what follows, and halves of characters, which no store takes.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SPACE = re.compile(r"\s+")

Key = TypeVar("Key", bound=Hashable)


class Part(NamedTuple):
    """A run of a snippet; `found` when it is what was asked for."""

    text: str
    found: bool


def query_words(text: str) -> list[str]:
    """At most 12 words of at most 40 letters or digits; all else only divides."""
    found = _WORD.findall(unicodedata.normalize("NFC", text[:2000]))
    return [word[:LETTERS_OF_A_WORD] for word in found[:WORDS_OF_A_QUERY]]


def match_of(text: str) -> str:
    """The FTS5 expression of a query: all of its words, the last one also as a beginning; empty without any.

    A short last word stands for itself: “the” would find “them”, “their” and “there” too.
    """
    words = query_words(text)
    match = " ".join(f'"{word}"' for word in words)
    return match + "*" if words and len(words[-1]) >= LETTERS_OF_A_BEGINNING else match


def plain_text(text: str) -> str:
    """Text as it is indexed and shown: without control and direction marks, runs of space as one."""
    return _SPACE.sub(" ", _UNSEEN.sub(" ", text)).strip()


def parts(snippet: str) -> list[Part]:
    """The runs of a marked snippet in order, for a template that escapes each by itself."""
    runs = re.split(f"({OPENS}[^{CLOSES}]*{CLOSES})", snippet)
    return [Part(run.strip(OPENS + CLOSES), run.startswith(OPENS)) for run in runs if run]


_SNIPPETS = """
SELECT rowid, snippet(words, 0, char(2), char(3), '…', 24) FROM words WHERE words MATCH ? ORDER BY rank
"""


def matching(texts: Mapping[Key, str], query: str) -> dict[Key, str]:
    """The keys whose text holds all words of the query, best first, each with its marked snippet.

    For what is at hand already (titles, prompts, answers): read in memory, kept nowhere.
    """
    match, keys = match_of(query), list(texts)
    if not match or not keys:
        return {}
    with closing(sqlite3.connect(":memory:")) as rows:
        rows.execute("PRAGMA temp_store = MEMORY")
        rows.execute(f"CREATE VIRTUAL TABLE words USING fts5(text, {TOKENS})")
        rows.executemany(
            "INSERT INTO words (rowid, text) VALUES (?, ?)", enumerate(plain_text(text) for text in texts.values())
        )
        found = rows.execute(_SNIPPETS, [match])
        return {keys[number]: snippet for number, snippet in found}
