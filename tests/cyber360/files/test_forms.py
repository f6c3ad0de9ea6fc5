import pytest
from django import forms

from cyber360.files.checks import ACCEPTED
from cyber360.files.forms import FilesField


class Upload:
    def __init__(self, name: str, refusal: str = "") -> None:
        self.name, self.refusal = name, refusal


def test_several_files_are_cleaned_to_a_list():
    one, two = Upload("a.txt"), Upload("b.txt")
    assert FilesField().clean([one, two]) == [one, two]
    assert FilesField(several=False).clean(one) == [one]
    assert FilesField(required=False).clean([]) == FilesField(required=False).clean(None) == []


def test_each_refusal_is_an_error():
    with pytest.raises(forms.ValidationError) as failure:
        FilesField().clean([Upload("a.txt"), Upload("b.txt", "Empty."), Upload("c.txt", "Too big.")])
    assert failure.value.messages == ["Empty.", "Too big."]


@pytest.mark.parametrize("nothing", [None, []])
def test_none_chosen(nothing):
    with pytest.raises(forms.ValidationError, match="Choose at least one file"):
        FilesField().clean(nothing)


def test_the_input_takes_several_and_names_the_types():
    assert FilesField().widget.attrs["accept"] == ACCEPTED
    assert FilesField().widget.allow_multiple_selected
    assert not getattr(FilesField(several=False).widget, "allow_multiple_selected", False)
    assert ".docx" in ACCEPTED
