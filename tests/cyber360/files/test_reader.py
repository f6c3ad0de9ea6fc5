import io
import os
import random

import pytest

from cyber360.files.reader import plain_file

DATA = os.urandom(300_000)


def opened():
    return (DATA[start : start + 7000] for start in range(0, len(DATA), 7000))


def test_reads_and_seeks_as_an_ordinary_file_does():
    ours, plain, dice = plain_file(opened, len(DATA)), io.BytesIO(DATA), random.Random(5)
    for _round in range(300):
        place = dice.randrange(-len(DATA), 0) if dice.random() < 0.3 else dice.randrange(len(DATA) + 10)
        whence = os.SEEK_END if place < 0 else os.SEEK_SET
        assert ours.seek(place, whence) == plain.seek(place, whence)
        size = dice.choice([1, 22, 5000, 80_000, -1])
        assert ours.read(size) == plain.read(size)
        assert ours.tell() == plain.tell()


def test_the_end_is_the_end():
    file = plain_file(opened, len(DATA))
    assert file.seek(0, os.SEEK_END) == len(DATA)
    assert file.read() == b""
    with pytest.raises(ValueError, match="negative"):
        file.raw.seek(-1)
