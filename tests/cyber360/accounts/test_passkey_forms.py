import pytest
from django.test import Client

from cyber360.accounts.passkey_forms import BoundedDecoder

HOSTILE = ["9" * 5000, '{"id": ' + "7" * 5000 + "}", "[" * 100_000, "{", "", "null", "[]", '"text"', "{}", '{"id": 1}']


@pytest.mark.parametrize("credential", HOSTILE, ids=lambda text: f"{text[:10]} ({len(text)})")
def test_a_posted_passkey_that_is_no_passkey_is_refused_in_the_page(db, credential):
    client = Client()
    client.get("/account/login/")
    page = client.post("/account/second-factor/webauthn/login/", {"credential": credential})
    assert page.status_code in {200, 302, 400}


def test_what_is_well_formed_is_read_as_ever():
    assert BoundedDecoder().decode('{"id": [1, "two"]}') == {"id": [1, "two"]}
