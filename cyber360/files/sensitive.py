"""Does a text hold what must not be here? Pure functions that count and say where, and never keep what they saw.

Nothing here knows whose file it is. A find holds a file back until a person has looked; it decides nothing alone.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from cyber360.files.models import ConcernKind
from cyber360.files.passwords import QUOTES, is_secret, passwords_in

MANY_NUMBERS = 10  # different residents' numbers, below which a list is taken for an example
MANY_PASSWORDS = 5  # different lines such as "password: x"; one is enough when it looks like a secret
KEPT_NUMBERS = 5_000  # no more are told apart: a table of residents is one at the tenth
PAGES_NAMED = 20
# Where a list has many numbers of ten digits, one in eleven passes the check by chance.
LEAST_SHARE = 1 / 3

# --- markings -------------------------------------------------------------------------------------------
_CAVEAT = r"STRAP\s*\d?|UK EYES ONLY|EYES ONLY|PERSONAL|CODEWORD|ATOMIC|LOCSEN|CHEM|COMINT|[A-Z]{2,3} EYES ONLY"
_PAGE = r"(?:(?i:page)\s+)?\d{1,4}(?:\s*(?:(?i:of)|/)\s*\d{1,4})?"
_LEVEL = r"(?:(?:UK|NATO|COSMIC|EU|HMG)[ -]+)?(?:TOP[ \t_-]+)?SECRET"
_SPACE = r"[\s*#_|/\\()\[\]<>=.:;,–—-]*"
_ALONE = re.compile(rf"{_SPACE}(?:{_PAGE}{_SPACE})?{_LEVEL}(?:{_SPACE}(?:{_CAVEAT}|{_PAGE}|{_LEVEL}))*{_SPACE}")
_LABELLED = re.compile(
    r"\b(?:classification|protective marking|security marking|marking|classified as)\s*(?:[:=]|\s[-–—]\s)\s*"
    rf"({_LEVEL}|(?:UK )?(?:Top )?Secret)\b(?![ -][a-z])",
)
_LABEL_CASE = re.compile(r"\b(classification|protective marking|security marking|marking|classified as)\b", re.I)
_ANYWHERE = re.compile(r"(?<![A-Za-z])(?:TOP[\s_-]+)?SECRET(?![A-Za-z])")
_LINE = 200

# --- keys -----------------------------------------------------------------------------------------------
_KEYS = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"|---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----"
    r"|PuTTY-User-Key-File-[1-9]: "
)
KEEPASS = tuple(bytes.fromhex("03d9a29a") + bytes.fromhex(tail) for tail in ("65fb4bb5", "66fb4bb5", "67fb4bb5"))

# --- passwords ------------------------------------------------------------------------------------------
_PASSWORD_LINE = re.compile(
    r"(?<![A-Za-z])(?:pass[ -]?word|pass[ -]?phrase|passwort|passwd|passcode|pwd)[\"']?\s*[:=]\s*[\"']?(\S{3,64})", re.I
)
_KEEPASS_XML = "<KeePassFile>"
_SECRET_CELLS = {"password", "login_password", "pwd", "passwd", "pass", "pass word"}
_LOGIN_CELLS = {"username", "user name", "user", "login", "login name", "login_username", "userid", "user id", "email",
                "account", "login id"}  # fmt: skip
_PLACE_CELLS = {"url", "uri", "login_uri", "website", "web site", "site", "name", "title", "system", "host", "server",
                "service", "application", "app", "domain", "hostname", "account", "notes", "comments",
                "group"}  # fmt: skip
_CELL_ENDS = re.compile(r"[,;\t|]")

# --- residents ------------------------------------------------------------------------------------------
_TEN_DIGITS = re.compile(r"(?<![\d.,/-])(\d{3})([ -]?)(\d{3})\2(\d{4})(?![\d-]|[.,/]\d)")
_NINO = re.compile(
    r"(?<![A-Z0-9])([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])([ -]?)(\d{2})\2(\d{2})\2(\d{2})[ -]?([A-D])(?![A-Z0-9])", re.I
)
_NINO_NEVER = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
_SAYS_NHS = re.compile(r"\bNHS\b")


class Found(NamedTuple):
    """`times` finds of one kind on `pages` (numbers from 1, ascending, at most 20)."""

    kind: ConcernKind
    times: int
    pages: list[int]


def kinds_in(text: str) -> dict[ConcernKind, int]:
    """How often each kind stands in the text; a kind that was not found, or too seldom, is left out."""
    return {found.kind: found.times for found in found_in([text])}


def kinds_typed(text: str) -> dict[ConcernKind, int]:
    """As `kinds_in`, for a title or a sentence: there the marking in capitals needs no line of its own."""
    kinds = kinds_in(text)
    if markings := len(_ANYWHERE.findall(text)):
        kinds[ConcernKind.MARKING] = max(markings, kinds.get(ConcernKind.MARKING, 0))
    return kinds


def found_in(pages: Iterable[str]) -> list[Found]:
    """Look through the pages in order, one at a time."""
    search = Search()
    for number, text in enumerate(pages, 1):
        search.look(text, number)
    return search.result()


class Search:
    """Looks through pages one by one; only counts and page numbers come out of it."""

    def __init__(self) -> None:
        self._counts: dict[ConcernKind, int] = {}
        self._pages: dict[ConcernKind, set[int]] = {kind: set() for kind in ConcernKind}
        self._residents: set[str] = set()
        self._passwords: set[str] = set()
        self._ten_digits = 0
        self._says_nhs = False
        self._header = False

    def look(self, text: str, page: int = 1) -> None:
        """`page` counts from 1; the pieces of one long page may be given one after the other."""
        self._add(ConcernKind.MARKING, markings_in(text), page)
        self._add(ConcernKind.PRIVATE_KEY, len(_KEYS.findall(text)), page)
        self._look_for_passwords(text, page)
        self._look_for_residents(text, page)

    def look_at_start(self, start: bytes) -> None:
        """The first bytes of a file: a password store under another name."""
        self._add(ConcernKind.PASSWORD_STORE, int(start.startswith(KEEPASS)), 1)
        self._header = self._header or start.startswith(KEEPASS)

    def _add(self, kind: ConcernKind, count: int, page: int) -> None:
        if count:
            self._counts[kind] = self._counts.get(kind, 0) + count
            self._pages[kind].add(page)

    def _look_for_passwords(self, text: str, page: int) -> None:
        lines = {found.group(1).strip(QUOTES) for found in _PASSWORD_LINE.finditer(text)}
        real = {value for line in text.splitlines() for value in passwords_in(line)}
        if len(self._passwords) < KEPT_NUMBERS:
            self._passwords |= lines
        headers = sum(map(is_password_table, text.splitlines()[:2000])) + text.count(_KEEPASS_XML)
        self._header = self._header or headers > 0 or bool(real) or any(map(is_secret, lines))
        self._add(ConcernKind.PASSWORD_STORE, headers + len(lines | real), page)

    def _look_for_residents(self, text: str, page: int) -> None:
        self._says_nhs = self._says_nhs or bool(_SAYS_NHS.search(text))
        numbers = {"".join(found.group(1, 3, 4)) for found in _TEN_DIGITS.finditer(text)}
        self._ten_digits += len(numbers)
        new = {number for number in numbers if is_nhs_number(number)} | national_insurance_numbers(text)
        if new and len(self._residents) < KEPT_NUMBERS:
            self._residents |= new
        self._add(ConcernKind.RESIDENT_DATA, len(new), page)

    def result(self) -> list[Found]:
        counts = dict(self._counts)
        if not self._header and len(self._passwords) < MANY_PASSWORDS:
            counts.pop(ConcernKind.PASSWORD_STORE, None)
        if not self._are_residents():
            counts.pop(ConcernKind.RESIDENT_DATA, None)
        else:
            counts[ConcernKind.RESIDENT_DATA] = len(self._residents)
        return [Found(kind, counts[kind], sorted(self._pages[kind])[:PAGES_NAMED]) for kind in counts]

    def _are_residents(self) -> bool:
        insured = sum(number[0].isalpha() for number in self._residents)
        numbered = len(self._residents) - insured
        likely = self._says_nhs or numbered >= self._ten_digits * LEAST_SHARE
        return insured + (numbered if likely else 0) >= MANY_NUMBERS


def markings_in(text: str) -> int:
    """Lines that are a marking above OFFICIAL-SENSITIVE: in capitals on a line of its own, or behind its label.

    Forms: Government Security Classifications Policy (Cabinet Office, 2023): the marking stands in capitals at the
    head and foot of each page, may carry UK before it and a caveat or code word behind it. "SECRETS", "secretary",
    "Top secret recipe" and capitals in the middle of a sentence are no markings.
    """
    lines = [line for line in text.splitlines() if "ECRET" in line or "ecret" in line]
    return sum(bool(_ALONE.fullmatch(line[:_LINE].strip()) or _is_labelled(line[:_LINE])) for line in lines)


def _is_labelled(line: str) -> bool:
    return bool(_LABELLED.search(_LABEL_CASE.sub(lambda found: found.group(1).lower(), line)))


def is_password_table(line: str) -> bool:
    """Is the line the header of a table of logins?

    Exports of Chrome, Edge and Brave (name,url,username,password), Firefox (url,username,password,httpRealm...),
    Safari and 1Password (Title,Url,Username,Password...), LastPass, Bitwarden (login_uri,login_username,...),
    KeePass ("Account","Login Name","Password","Web Site","Comments"), KeePassXC, Dashlane: each names a password, a
    login and a place in cells of their own. Words of spreadsheets come as one row a line, too.
    """
    if not 12 <= len(line) <= 400 or ("pass" not in line.lower() and "pwd" not in line.lower()):
        return False
    cells = {cell.strip().strip("\"'\ufeff").strip().lower() for cell in _CELL_ENDS.split(line)}
    return bool(cells & _SECRET_CELLS and cells & _LOGIN_CELLS and cells & _PLACE_CELLS) and len(cells) >= 3


def is_nhs_number(digits: str) -> bool:
    """Ten digits whose last is the modulus 11 check digit of the others (NHS Data Dictionary, NHS NUMBER).

    The weights are 10 to 2; a remainder that would give 10 is never issued. One digit ten times over is no number.
    """
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return (11 - total % 11) % 11 == int(digits[9])


def national_insurance_numbers(text: str) -> set[str]:
    """The different National Insurance numbers of the text, by the rules of HMRC's manual NIM39110.

    Neither letter of the prefix is D, F, I, Q, U or V, the second is not O, seven prefixes are never used, and the
    last letter is A to D. "QQ 12 34 56 A", the example on every form, is none.
    """
    found = {("".join(match.group(1, 3, 4, 5, 6))).upper() for match in _NINO.finditer(text)}
    return {number for number in found if number[:2] not in _NINO_NEVER}
