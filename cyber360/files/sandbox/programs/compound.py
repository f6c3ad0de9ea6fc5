"""The compound file format of Outlook's messages: a small file system in a file ([MS-CFB] sections 2.2 to 2.6)."""

import struct
from collections.abc import Iterator

_END = 0xFFFFFFFA  # sector numbers from here on are marks, not places
_NONE = 0xFFFFFFFF  # no such entry
_MINI = 64


class Compound:
    """`children(0)` is what lies at the top, as name -> number of the entry. Raises ValueError for a broken file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        if len(data) < 512:
            raise ValueError("too short")
        self._size = 1 << struct.unpack_from("<H", data, 30)[0]
        if self._size not in {512, 4096}:
            raise ValueError("sector size")
        first_directory, self._cutoff = struct.unpack_from("<L", data, 48)[0], struct.unpack_from("<L", data, 56)[0]
        first_mini = struct.unpack_from("<L", data, 60)[0]
        self._table = self._numbers(b"".join(map(self._sector, self._table_sectors())))
        self._directory = self._chain(first_directory)
        self._mini_table = self._numbers(self._chain(first_mini))
        start, length = self._extent(0)
        self._mini = self._chain(start)[:length]

    def _table_sectors(self) -> Iterator[int]:
        """Where the table of chains lies: the first 109 numbers in the header, more in sectors of their own."""
        yield from (number for number in struct.unpack_from("<109L", self._data, 76) if number < _END)
        following = struct.unpack_from("<L", self._data, 68)[0]
        for _count in range(len(self._data) // self._size):
            if following >= _END:
                return
            *numbers, following = self._numbers(self._sector(following))
            yield from (number for number in numbers if number < _END)

    @staticmethod
    def _numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}L", data[: len(data) // 4 * 4])

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _chain(self, number: int) -> bytes:
        parts: list[bytes] = []
        while number < _END:
            if number >= len(self._table) or len(parts) > len(self._table):  # also a chain that runs in a circle
                raise ValueError("chain")
            parts.append(self._sector(number))
            number = self._table[number]
        return b"".join(parts)

    def _extent(self, entry: int) -> tuple[int, int]:
        """First sector and length in bytes."""
        start, length = struct.unpack_from("<LQ", self._entry(entry), 116)
        return start, length & 0xFFFFFFFF if self._size == 512 else length

    def _entry(self, number: int) -> bytes:
        entry = self._directory[number * 128 : number * 128 + 128]
        if len(entry) < 128:
            raise ValueError("entry")
        return entry

    def children(self, storage: int) -> dict[str, int]:
        """The entries of a storage stand in a tree of left and right neighbours."""
        found: dict[str, int] = {}
        waiting, seen = [struct.unpack_from("<L", self._entry(storage), 76)[0]], set()
        while waiting:
            number = waiting.pop()
            if number == _NONE or number in seen:
                continue
            seen.add(number)
            entry = self._entry(number)
            length = struct.unpack_from("<H", entry, 64)[0]
            found[entry[: max(0, length - 2)].decode("utf-16-le", "replace")] = number
            waiting += struct.unpack_from("<2L", entry, 68)
        return found

    def stream(self, number: int) -> bytes:
        start, length = self._extent(number)
        if length >= self._cutoff:
            return self._chain(start)[:length]
        parts: list[bytes] = []
        while start < _END and len(parts) * _MINI < length:
            if start >= len(self._mini_table):
                raise ValueError("chain")
            parts.append(self._mini[start * _MINI : (start + 1) * _MINI])
            start = self._mini_table[start]
        return b"".join(parts)[:length]
