"""Every way of damaging a stored message is refused; an independent reader of the public format agrees with ours."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from cyber360.files import cipher
from cyber360.files.cipher import DamagedFile

HEAD, CHUNK = 56, 16384 + 16
PLAIN = bytes(range(256)) * 256 + b"the end"  # four whole chunks and a short one
CONTEXT = cipher.file_context("challenge:12", "a-file")


def read(sealed: bytes, key: bytes, context: bytes = CONTEXT, piece: int = 5000) -> bytes:
    pieces = (sealed[start : start + piece] for start in range(0, len(sealed), piece))
    return b"".join(cipher.decrypted(pieces, key, context))


def read_by_the_specification(sealed: bytes, key: bytes, context: bytes, start: int, end: int) -> bytes:
    """c2sp.org/chunked-encryption with SHA-512 and AES-256-GCM: any range, by its chunks alone."""
    salt, commitment = sealed[:24], sealed[24:56]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    derived = HKDFExpand(SHA512(), 32 + 12 + 32, info).derive(key)
    assert derived[44:] == commitment
    base, out = int.from_bytes(derived[32:44], "big"), b""
    for number in range(start // 16384, (end - 1) // 16384 + 1):
        chunk = sealed[HEAD + number * CHUNK : HEAD + (number + 1) * CHUNK]
        out += AESGCM(derived[:32]).decrypt((base ^ number).to_bytes(12, "big"), chunk, None)
    return out[start % 16384 :][: end - start]


@pytest.fixture(scope="module")
def key():
    return cipher.new_key()


@pytest.fixture(scope="module")
def sealed(key):
    return cipher.seal(key, CONTEXT, PLAIN)


def test_comes_back_whole_in_any_piece_size(key, sealed):
    for piece in (1, 17, 16384, CHUNK, len(sealed)):
        assert read(sealed, key, piece=piece) == PLAIN


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385, 32768])
def test_sizes_at_the_chunk_edges(key, size):
    assert read(cipher.seal(key, CONTEXT, PLAIN[:size]), key) == PLAIN[:size]


def test_an_independent_reader_finds_the_same_bytes(key, sealed):
    assert read_by_the_specification(sealed, key, CONTEXT, 0, len(PLAIN)) == PLAIN
    for start, end in ((0, 1), (16380, 16390), (40000, 65536), (len(PLAIN) - 3, len(PLAIN))):
        assert read_by_the_specification(sealed, key, CONTEXT, start, end) == PLAIN[start:end]


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def swapped(data: bytes) -> bytes:
    one, two, three = HEAD, HEAD + CHUNK, HEAD + 2 * CHUNK
    return data[:one] + data[two:three] + data[one:two] + data[three:]


DAMAGES = {
    "salt flipped": lambda data, other: flipped(data, 3),
    "commitment flipped": lambda data, other: flipped(data, 40),
    "middle flipped": lambda data, other: flipped(data, len(data) // 2),
    "last byte flipped": lambda data, other: flipped(data, len(data) - 1),
    "cut inside a chunk": lambda data, other: data[: HEAD + CHUNK + 100],
    "cut at a chunk's edge": lambda data, other: data[: HEAD + 2 * CHUNK],
    "cut to the header": lambda data, other: data[:HEAD],
    "cut inside the header": lambda data, other: data[:30],
    "empty": lambda data, other: b"",
    "chunks swapped": lambda data, other: swapped(data),
    "one chunk dropped": lambda data, other: data[:HEAD] + data[HEAD + CHUNK :],
    "junk appended": lambda data, other: data + b"x",
    "another file's tail": lambda data, other: data[: HEAD + CHUNK] + other[HEAD + CHUNK :],
    "two files joined": lambda data, other: data + other,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_refused_and_what_came_before_is_true(key, sealed, damage):
    other = cipher.seal(key, CONTEXT, os.urandom(len(PLAIN)))
    released: list[bytes] = []
    with pytest.raises(DamagedFile):
        released.extend(cipher.decrypted([DAMAGES[damage](sealed, other)], key, CONTEXT))
    assert PLAIN.startswith(b"".join(released))


@pytest.mark.parametrize(
    "context",
    [
        cipher.file_context("challenge:12", "another-file"),
        cipher.file_context("challenge:13", "a-file"),
        cipher.key_context("challenge:12"),
        b"",
    ],
)
def test_a_file_moved_elsewhere_is_refused(key, sealed, context):
    with pytest.raises(DamagedFile):
        read(sealed, key, context)


def test_another_key_is_refused(sealed):
    with pytest.raises(DamagedFile):
        read(sealed, cipher.new_key())


@pytest.mark.parametrize(
    "scope", ["", "challenge", "challenge:1/2", "challenge:", "Challenge:1", "a:b:c", "x:" + "1" * 60]
)
def test_a_scope_cannot_look_like_part_of_another_context(scope):
    with pytest.raises(ValueError, match="Not a scope"):
        cipher.file_context(scope, "a-file")


def test_no_piece_is_empty(key, sealed):
    assert all(cipher.decrypted((bytes([byte]) for byte in sealed), key, CONTEXT))


@pytest.mark.parametrize(("start", "end"), [(0, 0), (0, 1), (3, 7), (2, 2), (5, 10), (0, 10), (9, 10)])
def test_between(start, end):
    assert b"".join(cipher.between(iter([b"0123", b"4", b"56789"]), start, end)) == b"0123456789"[start:end]
