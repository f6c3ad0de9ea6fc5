"""Untrusted YAML: nothing expands, nothing is constructed, every line is known."""

import time

import pytest

from peers.frameworks.importer.loader import MAX_BYTES, load, scalar

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (BOMB.encode(), 1, "anchors and aliases"),
        (b"a: 1\nb: *unknown\n", 2, "anchors and aliases"),
        (b"a: 1\nb: &here x\n", 2, "anchors and aliases"),
        (b"a: &a\n  <<: *a\n", 1, "anchors and aliases"),
        (b"!!python/object/apply:os.system ['true']", 1, "a tag"),
        (b"a: 1\nb: !!python/name:os.system\n", 2, "a tag"),
        (b"a: !!str 1\n", 1, "a tag"),
        (b"a: !local x\n", 1, "a tag"),
        (b"[" * 100_000, 1, "12 deep"),
        (b"{a: " * 100_000, 1, "12 deep"),
        (b"- " * 50 + b"x", 1, "12 deep"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"x" * (MAX_BYTES + 1), 0, "larger than 2 MB"),
        (b"[" + b"1," * 100_001 + b"]", 1, "100,000 values"),
        (b"", 0, "empty"),
        (b" \n\n", 0, "empty"),
        (b"a: \xff\n", 1, "UTF-8"),
        ("a: é\n".encode("utf-16"), 1, "UTF-8"),
        (b"a: 1\n b: 2\n", 2, "not valid YAML"),
        (b"a: 'open\n", 2, "not valid YAML"),
        (b"a: \x00\n", 0, "not allow"),
        (b"? [a, b]\n: c\n", 1, "where a name belongs"),
        (b"%TAG ! tag:x,2000:\n---\na: !b c\n", 3, "a tag"),
    ],
)
def test_refuses(raw, line, words):
    began = time.monotonic()
    loaded = load(raw)
    assert loaded.data is None
    assert len(loaded.problems) == 1
    assert loaded.problems[0].line == line
    assert words in loaded.problems[0].message
    assert time.monotonic() - began < 5


def test_a_name_that_stands_twice_is_named_with_its_line():
    problem = load(b"a:\n  b: 1\n  c: 2\n  b: 3\n").problems[0]
    assert (problem.line, problem.path) == (4, "a.b")


def test_every_path_has_its_line():
    loaded = load(b"a: 1\nb:\n  - x\n  - c: 2\n    d: >-\n      long\n")
    assert loaded.data == {"a": 1, "b": ["x", {"c": 2, "d": "long"}]}
    assert loaded.lines[("b", 1, "d")] == 5
    assert loaded.line_of(("b", 1, "d", "deeper")) == 5
    assert loaded.line_of(("nowhere",)) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-3", -3),
        ("1.0", 1.0),
        ("true", True),
        ("false", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2027-01-01", "2027-01-01"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("9" * 5000, "9" * 5000),
        (".inf", ".inf"),
    ],
)
def test_plain_values(text, value):
    assert scalar(text, plain=True) == value
    assert type(scalar(text, plain=True)) is type(value)
    assert scalar(text, plain=False) == text


def test_a_mark_at_the_start_and_windows_line_ends_are_read():
    assert load(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").data == {"a": 1, "b": 2}
