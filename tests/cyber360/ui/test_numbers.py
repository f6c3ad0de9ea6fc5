import pytest

from cyber360.ui.numbers import whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("9" * 18, int("9" * 18))])
def test_plain_digits_are_a_number(text, number):
    assert whole(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", "²", "٣", "9" * 19, "7" * 5000, "1\x00"])
def test_anything_else_is_none(text):
    assert whole(text) == 0
    assert whole(text, otherwise=-1) == -1
