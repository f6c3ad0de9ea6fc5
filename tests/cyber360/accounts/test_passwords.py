import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "abcabcabcabc",
        "aaaaaaaaaaaa",
        "P4ssw0rd-2027!",
        "Password12345",
        "welcome2027!!!",
        "Cyber360-2027",
        "qwertyuiopas",
        "abcdefghijklm",
        "987654321098",
        "dragon!!!1234567",
    ],
)
def test_common_ones_in_disguise_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    ["a-long-walk-by-the-river", "correct horse battery staple", "Tr0ub4dor&3 on a boat", "sgwrsio am y tywydd"],
)
def test_good_ones_are_taken(password):
    validate_password(password)
