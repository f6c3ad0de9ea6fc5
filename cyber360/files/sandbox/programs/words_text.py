"""Plain text and tables of values."""

from .collected import Collected

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_text(data: bytes, words: Collected) -> None:
    for number, page in enumerate(decoded(data).split("\f")):
        if number:
            words.turn()
        words.add(page)


def decoded(data: bytes) -> str:
    """As `checks/text.py` takes it: by its mark, else UTF-8, else Windows-1252."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
