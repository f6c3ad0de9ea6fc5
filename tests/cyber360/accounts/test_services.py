from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password, get_hasher, make_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from cyber360 import settings as real_settings
from cyber360.accounts import queries, services
from cyber360.accounts.models import Invitation, SignInLink, User
from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.notify.models import OutboxMail
from tests.cyber360.accounts.world import PASSWORD, client_for, make_person

pytestmark = pytest.mark.django_db


def invite(by, email="new@example.org", **fields):
    wanted = {"full_name": "New Person", "reason_line": "You are host lead of Northmere.", "link": "/challenges/1/"}
    return services.invite(email=email, by=by, **wanted | fields)


def token_of(mail):
    return mail.link.strip("/").split("/")[-1]


def acts():
    return list(AuditEvent.objects.order_by("number").values_list("act", flat=True))


class TestInvite:
    def test_creates_a_person_without_password_or_right(self, administrator):
        user, created = invite(administrator)
        assert created
        assert not user.has_usable_password()
        assert (user.is_staff, user.is_superuser, user.user_permissions.count()) == (False, False, 0)
        mail = OutboxMail.objects.get()
        assert (mail.kind, mail.address, mail.secret) == ("invitation", "new@example.org", True)
        assert acts() == ["account.create", "account.invite"]

    def test_keeps_only_the_hash_of_the_token(self, administrator):
        invite(administrator)
        token = token_of(OutboxMail.objects.get())
        assert len(token) >= 43
        row = Invitation.objects.values().get()
        assert token not in str(row)
        assert queries.open_invitation(token).pk == row["id"]

    def test_the_same_person_again_replaces_the_invitation(self, administrator):
        invite(administrator)
        user, created = invite(administrator, email="NEW@example.org")
        assert not created
        first, second = [token_of(mail) for mail in OutboxMail.objects.order_by("pk")]
        assert queries.open_invitation(first) is None
        assert queries.open_invitation(second).user == user
        assert User.objects.filter(email__iexact="new@example.org").count() == 1

    def test_somebody_with_a_password_gets_a_plain_mail(self, administrator, stranger):
        user, created = invite(administrator, email=stranger.email)
        assert (user, created) == (stranger, False)
        assert not Invitation.objects.exists()
        assert OutboxMail.objects.get().link == "/challenges/1/"

    def test_a_disabled_account_is_refused(self, administrator, stranger):
        User.objects.filter(pk=stranger.pk).update(is_active=False)
        with pytest.raises(NotNow, match="disabled"):
            invite(administrator, email=stranger.email)

    @pytest.mark.parametrize("link", ["https://evil.example.org/", "//evil.example.org/", "javascript:alert(1)", "x"])
    def test_a_link_elsewhere_is_refused(self, administrator, link):
        with pytest.raises(BadInput):
            invite(administrator, link=link)
        assert not User.objects.filter(email="new@example.org").exists()


class TestAccept:
    @pytest.fixture
    def token(self, administrator):
        invite(administrator)
        return token_of(OutboxMail.objects.get())

    def test_sets_name_and_password_once(self, token):
        user, path = services.accept_invitation(token=token, full_name="Nia Person", password=PASSWORD)
        assert (user.full_name, path) == ("Nia Person", "/challenges/1/")
        assert user.check_password(PASSWORD)
        with pytest.raises(NotNow):
            services.accept_invitation(token=token, full_name="Mallory", password="another-long-password")
        user.refresh_from_db()
        assert user.full_name == "Nia Person"

    @pytest.mark.parametrize("password", ["short", "passwordpassword", "1234567890123456", "new@example.org"])
    def test_weak_and_common_passwords_are_refused(self, token, password):
        with pytest.raises(ValidationError):
            services.accept_invitation(token=token, full_name="Nia", password=password)
        assert queries.open_invitation(token) is not None

    def test_expired_revoked_disabled_and_unknown_are_refused_alike(self, token, administrator):
        def refused(token):
            with pytest.raises(NotNow) as failure:
                services.accept_invitation(token=token, full_name="Nia", password=PASSWORD)
            return failure.value.message

        invitation = Invitation.objects.get()
        sentences = {refused("unknown")}
        for change in ({"expires_at": timezone.now()}, {"revoked_at": timezone.now()}):
            Invitation.objects.filter(pk=invitation.pk).update(**change)
            sentences.add(refused(token))
            Invitation.objects.filter(pk=invitation.pk).update(
                expires_at=timezone.now() + timedelta(days=1), revoked_at=None
            )
        User.objects.filter(pk=invitation.user_id).update(is_active=False)
        sentences.add(refused(token))
        assert len(sentences) == 1

    def test_resend_and_revoke_need_the_act(self, token, stranger, administrator):
        user = Invitation.objects.get().user
        for service in (services.resend_invitation, services.revoke_invitations):
            with pytest.raises(NoSeat):
                service(user=user, by=stranger)
        services.resend_invitation(user=user, by=administrator)
        assert queries.open_invitation(token) is None
        newest = token_of(OutboxMail.objects.order_by("-pk").first())
        assert queries.open_invitation(newest).reason_line == "You are host lead of Northmere."
        services.revoke_invitations(user=user, by=administrator)
        assert queries.open_invitation(newest) is None


class TestLinks:
    @pytest.fixture
    def contributor(self):
        return make_person("contributor", password=None)

    def make(self, user, **fields):
        wanted = {"path": "/challenges/1/answers/", "expires_at": timezone.now() + timedelta(days=7)} | fields
        return services.make_link_session(user, **wanted).strip("/").split("/")[-1]

    def test_counts_uses_and_keeps_only_the_hash(self, contributor):
        token = self.make(contributor)
        services.use_link(token=token)
        services.use_link(token=token)
        row = SignInLink.objects.values().get()
        assert row["uses"] == 2
        assert token not in str(row)

    def test_only_people_without_password_whose_seats_allow_it(self, contributor, stranger):
        with_password = make_person("contributor", "Has Password")
        without_seat = make_person("peer", password=None)
        for person in (stranger, with_password, without_seat):
            with pytest.raises(NotNow):
                services.use_link(token=self.make(person))

    def test_expired_revoked_and_disabled(self, contributor):
        late = self.make(contributor, expires_at=timezone.now())
        ended, other = self.make(contributor), self.make(contributor, path="/other/")
        assert services.revoke_links(user=contributor, by=None, path="/challenges/1/answers/") == 1
        for token in (late, ended, "unknown"):
            with pytest.raises(NotNow):
                services.use_link(token=token)
        services.use_link(token=other)
        User.objects.filter(pk=contributor.pk).update(is_active=False)
        with pytest.raises(NotNow):
            services.use_link(token=other)


class TestAccess:
    def test_disable_ends_sessions_invitations_and_links(self, administrator):
        person = make_person("contributor", password=None)
        client = client_for(person)
        assert client.get("/account/").status_code == 200
        services.make_link_session(person, "/x/", timezone.now() + timedelta(days=1))
        services.disable_account(user=person, by=administrator, reason="Left the council")
        assert client.get("/account/").status_code == 302
        assert SignInLink.objects.get().revoked_at is not None
        event = AuditEvent.objects.get(act="account.disable")
        assert (event.seat, event.detail) == ("administrator", {"reason": "Left the council"})

    def test_not_oneself_and_not_without_the_act(self, administrator, stranger):
        with pytest.raises(NotNow):
            services.disable_account(user=administrator, by=administrator, reason="x")
        for service in (services.disable_account, services.enable_account):
            with pytest.raises(NoSeat):
                service(user=administrator, by=stranger, reason="x")

    def test_enable(self, administrator, stranger):
        services.disable_account(user=stranger, by=administrator, reason="x")
        services.enable_account(user=stranger, by=administrator, reason="back")
        stranger.refresh_from_db()
        assert stranger.is_active

    def test_idle_accounts(self, administrator):
        year_ago = timezone.now() - timedelta(days=366)
        idle, never, back = make_person("idle"), make_person("never"), make_person("back")
        User.objects.filter(pk=idle.pk).update(last_login=year_ago, date_joined=year_ago)
        User.objects.filter(pk=never.pk).update(date_joined=year_ago)
        User.objects.filter(pk=back.pk).update(last_login=timezone.now(), date_joined=year_ago)
        out = StringIO()
        call_command("disable_idle_accounts", "--dry-run", stdout=out)
        assert User.objects.filter(is_active=False).count() == 0
        assert idle.email in out.getvalue()
        call_command("disable_idle_accounts", stdout=out)
        assert set(User.objects.filter(is_active=False)) == {idle, never}


class TestUser:
    def test_one_account_for_an_address_whatever_its_case(self, stranger):
        with pytest.raises(ValidationError):
            User.objects.create_user(stranger.email.upper(), "Somebody Else")

    def test_passwords_are_kept_with_argon2(self, settings):
        settings.PASSWORD_HASHERS = real_settings.PASSWORD_HASHERS
        assert get_hasher("default").algorithm == "argon2"
        kept = make_password(PASSWORD)
        assert kept.startswith("argon2$argon2id$")
        assert check_password(PASSWORD, kept)
