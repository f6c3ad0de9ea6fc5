"""What is wrong in a file, where, and how to mend it."""

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """`line` counts from 1, 0 is the whole file; `path` is written for people: themes[2].questions[1].levels.3."""

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = ", ".join(filter(None, [f"line {self.line}" if self.line else "", self.path]))
        return f"{place}: {self.message}" if place else self.message


def path_words(path: Path) -> str:
    """Items of a list count from 1, as people count: ("themes", 1, "code") -> themes[2].code."""
    words = ""
    for step in path:
        if isinstance(step, int):
            words += f"[{step + 1}]"
        else:
            words += f".{step}" if words else step
    return words
