"""Numbers in what a browser sends."""

LONGEST = 18  # digits that every database takes for an id


def whole(text: str, otherwise: int = 0) -> int:
    """The number that `text` says in plain digits, else `otherwise`: digits of other scripts and endless ones too."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else otherwise
