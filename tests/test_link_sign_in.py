"""What an e-mailed link opens must not become a lasting way in."""

import datetime

import pytest
from django.utils import timezone

from cyber360.accounts.models import SignInLink, User
from cyber360.accounts.services import make_link_session


@pytest.fixture
def linked(cast, client):
    cast.contributor.set_unusable_password()
    cast.contributor.save()
    path = make_link_session(cast.contributor, "/my-questions/", timezone.now() + datetime.timedelta(days=9000))
    assert client.post(path).status_code == 302
    return client


@pytest.mark.parametrize(
    "page", ["password/set/", "password/change/", "second-factor/", "second-factor/totp/activate/"]
)
def test_no_password_and_no_factor_by_link(linked, page):
    assert linked.get(f"/account/{page}").status_code == 404


def test_a_link_ends_within_ninety_days(linked):
    assert SignInLink.objects.get().expires_at <= timezone.now() + datetime.timedelta(days=90)


def test_a_staff_account_needs_a_second_factor_without_a_seat(cast, settings):
    settings.SECOND_FACTOR_SEATS = ["coordinator"]
    answer = cast.client_for(cast.superuser).get("/help/")
    assert answer.status_code == 302
    assert "second-factor" in answer["Location"]


def test_a_name_is_one_plain_line(db):
    user = User.objects.create_user("eve@example.org", "Eve\r\n\r\nGo to \u202ehttps://evil.example")
    assert user.full_name == "Eve Go to https://evil.example"
