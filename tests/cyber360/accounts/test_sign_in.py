"""allauth's own pages as this product sets them up."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.crypto import get_random_string

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.notify import services as notify
from cyber360.notify.models import OutboxMail
from tests.cyber360.accounts.world import PASSWORD, client_for, make_person

pytestmark = pytest.mark.django_db


def sign_in(client, person, password=PASSWORD, **fields):
    return client.post("/account/login/", {"login": person.email, "password": password, **fields})


def last_event():
    return AuditEvent.objects.order_by("-number").first()


def code_of(secret):
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


class TestPassword:
    def test_in_and_out(self, client, stranger):
        response = sign_in(client, stranger, next="/outbox/")
        assert (response.status_code, response["Location"]) == (302, "/outbox/")
        assert (last_event().act, last_event().detail) == ("account.sign_in", {"how": ["password"]})
        assert client.session.get_expire_at_browser_close()
        assert client.get("/account/logout/").status_code == 200
        assert client.get("/account/").status_code == 200
        client.post("/account/logout/")
        assert last_event().act == "account.sign_out"
        assert client.get("/account/").status_code == 302

    def test_the_address_in_any_case(self, client, stranger):
        response = client.post("/account/login/", {"login": stranger.email.upper(), "password": PASSWORD})
        assert response.status_code == 302

    def test_a_wrong_password_says_no_more_than_an_unknown_address(self, client, stranger):
        wrong = sign_in(client, stranger, "not-the-password")
        assert (last_event().act, last_event().object_id) == ("account.sign_in_failed", str(stranger.pk))
        unknown = client.post("/account/login/", {"login": "my-own-password!", "password": "x"})
        unknown = client.post("/account/login/", {"login": "nobody@example.org", "password": "not-the-password"})
        assert last_event().object_label == "unknown address"
        errors = [re.findall(r'class="govuk-error-message".*?</p>', r.content.decode(), re.S) for r in (wrong, unknown)]
        assert errors[0] == errors[1]
        assert "nobody@" not in str(list(AuditEvent.objects.values()))

    def test_a_disabled_account_does_not_get_in(self, client, stranger):
        User.objects.filter(pk=stranger.pk).update(is_active=False)
        sign_in(client, stranger)
        assert client.get("/account/").status_code == 302

    @pytest.mark.parametrize("target", ["https://evil.example.org/", "//evil.example.org", "javascript:alert(1)"])
    def test_is_never_sent_elsewhere(self, client, stranger, target):
        assert sign_in(client, stranger, next=target)["Location"] == "/"

    @pytest.mark.parametrize("backend", ["locmem", "db"])
    def test_too_many_wrong_ones_are_held_off(self, client, stranger, settings, backend):
        if backend == "db":  # as in production, where all web processes count together
            settings.CACHES = {
                "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "platform_cache"}
            }
            call_command("createcachetable", verbosity=0)
            assert "platform_cache" in connection.introspection.table_names()
        for _ in range(5):
            sign_in(client, stranger, "wrong")
        response = sign_in(client, stranger)
        assert response.status_code == 200
        assert b"Too many attempts" in response.content
        assert client.get("/account/").status_code == 302
        other = make_person("other")
        assert sign_in(Client(REMOTE_ADDR="203.0.113.9"), other).status_code == 302
        cache.clear()

    def test_nobody_signs_up(self, client):
        assert client.get("/account/signup/").status_code == 200
        response = client.post(
            "/account/signup/", {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD}
        )
        assert response.status_code == 405
        assert not User.objects.exists()

    def test_the_address_page_is_not_offered(self, client, stranger):
        assert client_for(stranger).get("/account/email/").status_code == 404


class TestReset:
    def reset_path(self):
        mail = OutboxMail.objects.get(kind="account.password_reset_key")
        return re.search(r"http://testserver(/account/password/reset/key/\S+)", mail.body)[1]

    def test_by_mail_through_the_outbox(self, client, stranger):
        assert client.get("/account/password/reset/").status_code == 200
        assert client.post("/account/password/reset/", {"email": stranger.email}).status_code == 302
        assert client.get("/account/password/reset/done/").status_code == 200
        page = client.get(self.reset_path(), follow=True)
        action = page.redirect_chain[-1][0]
        client.post(action, {"password1": "a-quiet-evening-indoors", "password2": "a-quiet-evening-indoors"})
        assert last_event().act == "account.password_change"
        assert client.get("/account/password/reset/key/done/").status_code == 200
        assert client.get(self.reset_path(), follow=True).status_code == 200  # used: says so
        assert sign_in(client, stranger, "a-quiet-evening-indoors").status_code == 302

    def test_the_mail_shows_its_link_to_nobody_and_forgets_it(self, client, stranger):
        client.post("/account/password/reset/", {"email": stranger.email})
        mail, path = OutboxMail.objects.get(), self.reset_path()
        reader = client_for(make_person("reader"))
        assert path not in reader.get(f"/outbox/{mail.pk}/").content.decode()
        notify.send_mail(mail_id=mail.pk)
        mail.refresh_from_db()
        assert (mail.body, mail.state) == ("", "sent")

    def test_unknown_addresses_and_the_invited_get_no_mail_and_the_same_page(self, client):
        invited = make_person("invited", password=None)
        for address in ("nobody@example.org", invited.email):
            response = client.post("/account/password/reset/", {"email": address})
            assert response["Location"] == "/account/password/reset/done/"
        assert not OutboxMail.objects.exists()

    def test_change_ends_the_other_sessions(self, stranger):
        here, there = Client(), Client()
        sign_in(here, stranger)
        sign_in(there, stranger)
        fields = {
            "oldpassword": PASSWORD,
            "password1": "a-quiet-evening-indoors",
            "password2": "a-quiet-evening-indoors",
        }
        assert here.get("/account/password/change/").status_code == 200
        here.post("/account/password/change/", fields)
        assert here.get("/account/").status_code == 200
        assert there.get("/account/").status_code == 302
        assert OutboxMail.objects.filter(kind="account.password_changed").exists()


class TestSecondFactor:
    @pytest.fixture
    def client(self, client, stranger):
        sign_in(client, stranger)
        client.post("/account/reauthenticate/", {"password": PASSWORD})
        return client

    def activate(self, client):
        page = client.get("/account/second-factor/totp/activate/")
        secret = page.context["form"].secret
        assert secret in page.content.decode()
        return secret, client.post("/account/second-factor/totp/activate/", {"code": code_of(secret)})

    def test_app_codes_from_setting_up_to_signing_in(self, client, stranger, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            secret, response = self.activate(client)
        assert response["Location"].startswith("/account/second-factor/recovery-codes/")
        assert client.get(response["Location"]).status_code == 200
        kept = Authenticator.objects.get(type="totp")
        assert secret not in str(kept.data)
        assert (
            AuditEvent.objects.filter(act="account.second_factor_add").count() == 2
        )  # the app, and its recovery codes
        assert OutboxMail.objects.filter(kind="account.totp_activated").count() == 1
        assert client.get("/account/second-factor/").status_code == 200

        cache.clear()  # a code is taken once; here all happens within its half minute
        other = Client()
        assert sign_in(other, stranger, next="/outbox/")["Location"] == "/account/second-factor/authenticate/"
        assert other.get("/account/second-factor/authenticate/").status_code == 200
        assert other.get("/account/").status_code == 302
        wrong = other.post("/account/second-factor/authenticate/", {"code": get_random_string(6, "x")})
        assert wrong.status_code == 200
        assert last_event().detail == {"at": "second factor"}
        assert other.post("/account/second-factor/authenticate/", {"code": code_of(secret)})["Location"] == "/outbox/"
        assert last_event().detail == {"how": ["password", "mfa"]}

    def test_recovery_codes_once(self, client, stranger):
        self.activate(client)
        page = client.get("/account/second-factor/recovery-codes/")
        code = page.context["unused_codes"][0]
        other = Client()
        sign_in(other, stranger)
        assert other.post("/account/second-factor/authenticate/", {"code": code}).status_code == 302
        assert other.get("/account/").status_code == 200
        again = Client()
        sign_in(again, stranger)
        assert again.post("/account/second-factor/authenticate/", {"code": code}).status_code == 200
        assert client.get("/account/second-factor/recovery-codes/generate/").status_code == 200
        assert client.get("/account/second-factor/recovery-codes/download/").status_code == 200

    def test_turning_it_off_and_the_other_pages(self, client, django_capture_on_commit_callbacks):
        self.activate(client)
        for page in ("totp/deactivate/", "webauthn/", "webauthn/add/"):
            assert client.get(f"/account/second-factor/{page}").status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/account/second-factor/totp/deactivate/")
        assert AuditEvent.objects.filter(act="account.second_factor_remove").exists()

    def test_asks_once_more_who_it_is(self, stranger):
        client = Client()
        sign_in(client, stranger)
        response = client.get("/account/second-factor/totp/activate/", follow=True)
        assert response.redirect_chain[-1][0].startswith("/account/reauthenticate/")
        assert b"Confirm that it is you" in response.content
        wrong = client.post("/account/reauthenticate/", {"password": "not-the-password"})
        assert b"This is not your password" in wrong.content

    def test_a_seat_that_needs_one_opens_nothing_else(self, stranger, settings):
        settings.SECOND_FACTOR_SEATS = ["peer"]
        peer, client = make_person("peer"), Client()
        sign_in(client, peer)
        for page in ("/", "/account/", "/outbox/"):
            assert client.get(page)["Location"] == "/account/second-factor/"
        assert client.get("/", headers={"HX-Request": "true"})["HX-Redirect"] == "/account/second-factor/"
        assert client.get("/account/second-factor/").status_code == 200
        client.post("/account/reauthenticate/", {"password": PASSWORD})
        self.activate(client)
        assert client.get("/").status_code == 200
        assert client_for(stranger).get("/").status_code == 200
        assert Client().get("/account/login/").status_code == 200


class TestSessions:
    def test_sign_out_everywhere_else(self, stranger):
        here, there = Client(), Client()
        sign_in(here, stranger)
        sign_in(there, stranger)
        page = here.get("/account/sessions/")
        assert len(page.context["sessions"]) == 2
        here.post("/account/sessions/")
        assert there.get("/account/").status_code == 302
        assert here.get("/account/").status_code == 200
