"""Is a picture that the child handed over the plain kind that our own program writes?

A child that was taken over could answer with anything; what passes here holds points and nothing else.
"""

import struct
import zlib

from cyber360.files.sandbox import SandboxFailed

LONGEST = 1600
_MAGIC = b"\x89PNG\r\n\x1a\n"
_KINDS = {b"IHDR", b"IDAT", b"IEND"}
_POINTS = {(8, 0, 0, 0, 0), (8, 2, 0, 0, 0)}  # eight bits, grey or red green blue, not interlaced


def require_plain_png(data: bytes) -> None:
    """Raises SandboxFailed."""
    if not data.startswith(_MAGIC):
        raise SandboxFailed("crash")
    place, kinds = len(_MAGIC), []
    while place < len(data):
        if len(data) - place < 12:
            raise SandboxFailed("crash")
        length, kind = struct.unpack_from("!L4s", data, place)
        body = data[place + 4 : place + 8 + length]
        place += 12 + length
        if kind not in _KINDS or place > len(data) or struct.unpack_from("!L", data, place - 4)[0] != zlib.crc32(body):
            raise SandboxFailed("crash")
        if kind == b"IHDR":
            _require_size(body[4:])
        kinds.append(kind)
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or kinds.count(b"IHDR") != 1 or kinds.count(b"IEND") != 1:
        raise SandboxFailed("crash")


def _require_size(head: bytes) -> None:
    if len(head) != 13:
        raise SandboxFailed("crash")
    width, height, *rest = struct.unpack("!2L5B", head)
    if not (1 <= width <= LONGEST + 1 and 1 <= height <= LONGEST + 1) or tuple(rest) not in _POINTS:
        raise SandboxFailed("crash")
