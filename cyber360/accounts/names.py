"""Which names a person may have: they stand in lists, mails and across what somebody reads, so they must be seen."""

from unicodedata import category
from unicodedata import name as letter_name

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

LETTERS = 2
# Counted as letters or marks by Unicode, and drawn as nothing (DerivedCoreProperties, Default_Ignorable_Code_Point).
_BLANK = frozenset(
    [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, *range(0xFE00, 0xFE10), 0xFFA0,
     *range(0xE0100, 0xE01F0)]
)  # fmt: skip

# Scripts with letters that look like those of another one.
_ALIKE = {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "FULLWIDTH", "MATHEMATICAL"}


def scripts_of(word: str) -> set[str]:
    """Of the scripts that are mistaken for each other, those in which the word is written."""
    return {letter_name(letter, "").split(" ")[0] for letter in word} & _ALIKE


def vanishes(letter: str) -> bool:
    """Whether the character is not seen, or turns what stands beside it."""
    return category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} or ord(letter) in _BLANK


def valid_name(name: str) -> None:
    """Raises ValidationError for a name that nobody could read back."""
    if any(map(vanishes, name)):
        raise ValidationError(
            _now("Type the name by hand: it holds a character that cannot be seen, as copied text often does"),
            code="vanishes",
        )
    if sum(category(letter).startswith("L") for letter in name) < LETTERS:
        raise ValidationError(_now("Enter a name with at least two letters"), code="letters")
    if any(len(scripts_of(word)) > 1 for word in name.split()):
        raise ValidationError(
            _now("Type each word of the name in one alphabet: one holds letters of two that look alike"),
            code="scripts",
        )


class NameField(forms.CharField):
    """A person's full name; the field of every form that takes one."""

    default_validators = [valid_name]

    def __init__(self, *, max_length: int = 120, **options) -> None:
        super().__init__(max_length=max_length, **{"label": _("Full name")} | options)
