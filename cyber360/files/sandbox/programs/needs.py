"""Which shared libraries the programs load, as JSON: the names by which the loader found them.

Run once before any document, first in the open and then inside the sandbox that was made of its answer.
"""

import ctypes
import importlib
import json
from pathlib import Path

# Loaded only with some documents, so they are asked for by name.
_LATER = ("_bz2", "_ctypes", "_decimal", "_elementtree", "_hashlib", "_lzma", "pyexpat", "zlib")


class _Loaded(ctypes.Structure):
    """The first fields of glibc's and musl's `struct dl_phdr_info` (man 3 dl_iterate_phdr)."""

    _fields_ = [("address", ctypes.c_void_p), ("name", ctypes.c_char_p)]


def main(data: bytes, options: dict) -> list[bytes]:
    here = Path(__file__).parent
    for name in sorted(place.stem for place in here.glob("*.py") if place.stem not in {"__init__", "start"}):
        importlib.import_module(f"programs.{name}")
    importlib.import_module("PIL.Image").preinit()
    for name in _LATER:
        try:
            importlib.import_module(name)
        except ImportError:  # built into the interpreter, or not there at all
            continue
    return [json.dumps(_libraries()).encode()]


def _libraries() -> list[str]:
    found: list[str] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Loaded), ctypes.c_size_t, ctypes.c_void_p)
    def note(loaded, _size, _given) -> int:
        found.append((loaded.contents.name or b"").decode())
        return 0

    ctypes.CDLL(None).dl_iterate_phdr(note, None)
    return [name for name in found if name.startswith("/")]  # ours and the kernel's have no path
