"""Does a line hold a password that somebody uses? Pure functions; `sensitive` counts what they see and forgets it."""

import re

# Short labels, words between label and value, and cells of a table: only what looks like a real one counts here.
_SAID = re.compile(
    r"(?<![A-Za-z])(?:(?:pass[ -]?word|pass[ -]?phrase|passwort|passwd|passcode)(?: (?:for|of|to|on) [\w' -]{1,40}?)?"
    r"(?: (?:is|was)(?: set to)?:?\s|\s*(?:[:=|\t]|->|→|[-–—] ))"
    r"|(?:(?<![^/,;|\t ] )(?<![^/,;|\t ])pass|pwd|pw)\s*(?:[:=|\t]|->|→))"
    r"\s*[\"'“‘`]?(\S{6,64})", re.I
)  # fmt: skip
# What people really choose: a word and a number ("Summer2026"), or one of the few that everybody knows.
_WORD_AND_NUMBER = re.compile(r"([A-Za-z]{4,20})[._@#-]?((?:19|20)\d\d|\d{2,3}|1234\d*)[.!?*#]*")
_KNOWN_BY_ALL = re.compile(
    r"(?:passw[o0]rd|welcome|qwerty|letmein|changeme|admin|council|iloveyou)[._@#-]?\d{1,4}[.!?*#]*", re.I
)
# Words with a number that policies and inventories are full of.
_NUMBERED = {
    "section", "annex", "annexe", "appendix", "chapter", "page", "pages", "paragraph", "para", "table", "figure",
    "clause", "article", "schedule", "part", "item", "items", "step", "rule", "rules", "level", "stage", "form", "note",
    "version", "issue", "revision", "release", "policy", "standard", "guidance", "guide", "procedure", "document",
    "control", "requirement", "question", "cyber", "iso", "iec", "nist", "ncsc", "minimum", "maximum",
    "length", "least", "most", "over", "under", "between", "every", "after", "within", "days", "characters", "chars",
    "bcrypt", "scrypt", "argon", "pbkdf", "office", "microsoft", "windows", "server", "exchange", "sharepoint",
    "azure", "entra", "oracle", "sql", "outlook", "android", "firefox", "chrome", "event", "ticket", "case", "risk",
    "reference", "year", "quarter", "audit", "test", "expires", "expired", "changed", "reviewed", "updated",
}  # fmt: skip
_OF_BAD_ONES = re.compile(
    r"\b(?:weak|bad|poor|such as|avoid|e\.g|(?:never|do not|don't|must not) (?:use|choose|pick|set))\b", re.I
)
_COMPOUND = re.compile(r"[A-Za-z]+[\d.]*(?:[-/][A-Za-z]*[a-z][\d.]*)+")  # "ISO27001-aligned"
_BEFORE = 80  # how far before the label a warning may stand
QUOTES = "\"'`,;.)“”‘’"
_UNUSUAL_SIGNS = "!@#$%^&*+=?~"  # not those of paths, dates and sentences
_STANDS_FOR = ("<", "$", "{", "[", "(", "%")  # "<your password>", "${SECRET}": a place for one


def is_secret(value: str) -> bool:
    """Does what stands behind "password:" look like a real one: eight or more, letters, digits, and a mixture?

    "see policy", "at least 14 characters", "12-characters" and "Section4" are none; "Hunter2!2026" is one.
    """
    value = value.strip(QUOTES)
    if len(value) < 8 or value.startswith(_STANDS_FOR) or "://" in value:
        return False
    if not (any(map(str.isalpha, value)) and any(map(str.isdigit, value))):
        return False
    mixed = any(map(str.islower, value)) and any(map(str.isupper, value)) and not value.istitle()
    return mixed or any(sign in value for sign in _UNUSUAL_SIGNS)


def is_guessable(value: str) -> bool:
    """Does it look like what people choose: "Summer2026", "welcome1", "Council_123!"? "Section12", "Office365": no."""
    value = value.strip(QUOTES)
    if len(value) < 7 or value.startswith(_STANDS_FOR):
        return False
    if _KNOWN_BY_ALL.fullmatch(value):
        return True
    found = _WORD_AND_NUMBER.fullmatch(value)
    return found is not None and len(value) >= 8 and found.group(1).lower() not in _NUMBERED


def passwords_in(line: str) -> set[str]:
    """What looks like a real one behind a word for a password; in a line that warns of weak ones only a strong one."""
    if "pass" not in (low := line.lower()) and "pw" not in low:
        return set()
    values = set()
    for found in _SAID.finditer(line):
        value, warns = found.group(1).strip(QUOTES), _warns(line, found.start())
        strong = is_secret(value) and not _COMPOUND.fullmatch(value)
        if strong or (not warns and is_guessable(value)):
            values.add(value)
    return values


def _warns(line: str, end: int) -> bool:
    return bool(_OF_BAD_ONES.search(line, max(0, end - _BEFORE), end))
