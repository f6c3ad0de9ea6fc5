"""Names that can be read back and are not another's in letters that look alike."""

import pytest
from django.core.exceptions import ValidationError

from cyber360.accounts.names import valid_name

CYRILLIC = "\u041e\u043b\u0435\u043d\u0430 \u041f\u0435\u0442\u0440\u0435\u043d\u043a\u043e"
GREEK = "\u039c\u03b1\u03c1\u03af\u03b1 \u03a0\u03b1\u03c0\u03c0\u03ac"


@pytest.mark.parametrize(
    "name",
    [
        "Siân Ŵyn-Jones", "Zoë O’Neill", "Zoë O\u02bcNeill", "Sia\u0302n Llŷr", "Łukasz Żółć", "Nguyễn Thị Ánh",
        CYRILLIC, GREEK, f"{CYRILLIC} Smith", "王小明", "田中 さくら", "Dr Ann Vale (3)",
    ],
)  # fmt: skip
def test_a_name_in_any_one_alphabet_passes(name):
    valid_name(name)


@pytest.mark.parametrize(
    "name",
    ["\u0410nn Vale", "Ann V\u0430le", "Ann\u03bf Vale", "Smith-\u041e\u043b\u0435\u043d\u0430", "\uff21nn Vale"],
)
def test_a_word_of_two_alphabets_is_refused_with_what_to_do(name):
    with pytest.raises(ValidationError, match="Type each word of the name in one alphabet"):
        valid_name(name)
