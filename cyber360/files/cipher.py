"""Cobblestone-256 (c2sp.org/chunked-encryption, from `cryptography`): one primitive for files and wrapped keys.

A context is bound into every message, so that a ciphertext moved to another file, scope or use is refused.
A stream is only trustworthy once it has been read to its end; `measure` does that before anything is shown.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from cyber360.exceptions import ExpectedError

KEY_BYTES = 32
PIECE = 1024 * 1024  # larger pieces would hold the interpreter lock too long for the other threads

_SCOPE = re.compile(r"[a-z_]{1,30}:[A-Za-z0-9-]{1,28}")


class DamagedFile(ExpectedError):
    """Stored bytes are missing, were changed, cut or moved, or the key does not fit."""

    status = 500


class Measured(NamedTuple):
    """What a whole pass over the plain bytes found: `size` in bytes, `sha256` as 64 hex digits."""

    size: int
    sha256: str


def checked_scope(scope: str) -> str:
    """The scope itself, or ValueError: `word:id`, so that no scope can look like a part of another context."""
    if not _SCOPE.fullmatch(scope):
        raise ValueError(f"Not a scope: {scope!r}")
    return scope


def key_context(scope: str) -> bytes:
    return f"vault/key/v1/{checked_scope(scope)}".encode()


def file_context(scope: str, file_id: object) -> bytes:
    return f"vault/file/v1/{checked_scope(scope)}/{file_id}".encode()


def blob_context(scope: str, kind: str, owner: object, number: int) -> bytes:
    return f"vault/{kind}/v1/{checked_scope(scope)}/{owner or 'all'}/{number}".encode()


def new_key() -> bytes:
    return Cobblestone256Encryptor.generate_key()


def encryptor(key: bytes, context: bytes) -> Cobblestone256Encryptor:
    """An object with `update(data) -> bytes` (often empty) and, once, `finalize() -> bytes`."""
    return Cobblestone256Encryptor(key, context)


def seal(key: bytes, context: bytes, data: bytes) -> bytes:
    """A short message in one go."""
    lock = encryptor(key, context)
    return lock.update(data) + lock.finalize()


def unseal(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """The data of `seal`. Raises InvalidTag."""
    opened = Cobblestone256Decryptor(key, context)
    return opened.update(sealed) + opened.finalize()


def decrypted(pieces: Iterable[bytes], key: bytes, context: bytes) -> Iterator[bytes]:
    """Plain pieces, none of them empty (an empty one would end a scanner's stream).

    Raises DamagedFile at the first fault, which may come after some authentic pieces.
    """
    opened = Cobblestone256Decryptor(key, context)
    try:
        for piece in pieces:
            if plain := opened.update(piece):
                yield plain
        if plain := opened.finalize():
            yield plain
    except InvalidTag as error:
        raise DamagedFile("The stored file is damaged.") from error


def measure(plain_pieces: Iterable[bytes]) -> Measured:
    """Read to the end. Raises DamagedFile."""
    digest, size = hashlib.sha256(), 0
    for piece in plain_pieces:
        digest.update(piece)
        size += len(piece)
    return Measured(size, digest.hexdigest())


def between(plain_pieces: Iterable[bytes], start: int, end: int) -> Iterator[bytes]:
    """The bytes [start, end) of a stream: decrypts from the beginning and drops what lies before."""
    position = 0
    for piece in plain_pieces:
        if position >= end:
            return
        if wanted := piece[max(0, start - position) : end - position]:
            yield wanted
        position += len(piece)
