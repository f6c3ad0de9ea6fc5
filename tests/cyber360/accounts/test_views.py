from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from cyber360.accounts import services
from cyber360.accounts.erasing import erase_account
from cyber360.accounts.middleware import SecondFactor
from cyber360.accounts.models import SignInLink, User
from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NotNow
from cyber360.notify.models import OutboxMail
from tests.cyber360.accounts.world import PASSWORD, client_for, make_person

pytestmark = pytest.mark.django_db


class TestInvitation:
    @pytest.fixture
    def path(self, administrator):
        services.invite(
            email="new@example.org", full_name="New Person", by=administrator, link="/account/", reason_line="You lead."
        )
        return OutboxMail.objects.get().link

    def test_from_the_link_to_being_signed_in(self, client, path):
        page = client.get(path)
        assert b"You lead." in page.content
        assert b"new@example.org" in page.content
        response = client.post(path, {"full_name": "Nia", "password": PASSWORD, "password_again": PASSWORD})
        assert response["Location"] == "/account/"
        assert client.get("/account/").status_code == 200
        assert AuditEvent.objects.order_by("-number").first().detail == {"how": ["invitation"]}
        again = Client().get(path)
        assert (again.status_code, b"no longer works" in again.content) == (410, True)

    @pytest.mark.parametrize(
        "fields",
        [
            {"password": "short", "password_again": "short"},
            {"password": PASSWORD, "password_again": PASSWORD + "x"},
            {"password": "Password2027!", "password_again": "Password2027!"},
            {"full_name": ""},
            {"full_name": "12"},
            {"full_name": "N\u202eia"},
            {"full_name": "N\u0456a Person"},
        ],
    )
    def test_a_bad_form_is_explained_and_nobody_signed_in(self, client, path, fields):
        response = client.post(path, {"full_name": "Nia", "password": PASSWORD, "password_again": PASSWORD} | fields)
        assert response.status_code == 200
        assert b"govuk-error-summary" in response.content
        assert client.get("/account/").status_code == 302

    def test_a_held_name_is_shown_and_stays_as_it_was_given(self, client, path):
        User.objects.filter(email="new@example.org").update(job_title="reader")  # whose name is held
        page = client.get(path).content.decode()
        assert "If your name is wrong, tell whoever invited you" in page
        assert "New Person" in page
        assert 'name="full_name"' not in page
        client.post(path, {"full_name": "Head of Internal Audit", "password": PASSWORD, "password_again": PASSWORD})
        person = User.objects.get(email="new@example.org")
        assert (person.full_name, person.has_usable_password()) == ("New Person", True)

    def test_all_closed_ones_look_the_same(self, client, path):
        unknown = client.get("/invitation/nothing-of-the-kind/")
        user = User.objects.get(email="new@example.org")
        user.invitations.update(expires_at=timezone.now())
        expired = client.get(path)
        assert (unknown.status_code, expired.status_code) == (410, 410)

        def main(response):
            return response.content.decode().partition("<main")[2].partition("</main>")[0]

        assert main(unknown) == main(expired)


class TestLink:
    @pytest.fixture
    def contributor(self):
        return make_person("contributor", "Con Tributor", password=None)

    @pytest.fixture
    def path(self, contributor):
        return services.make_link_session(contributor, "/account/", timezone.now() + timedelta(days=3))

    def test_asks_for_a_click_then_opens_a_session_of_the_browser(self, client, path):
        page = client.get(path)
        assert b"Continue as Con Tributor" in page.content
        assert client.get("/account/").status_code == 302
        assert client.post(path)["Location"] == "/account/"
        assert client.get("/account/").status_code == 200
        assert client.session.get_expire_at_browser_close()
        assert AuditEvent.objects.order_by("-number").first().detail == {"how": ["link"]}
        assert client.get(path)["Location"] == "/account/"
        assert SignInLink.objects.get().uses == 1

    def test_takes_the_place_of_somebody_elses_session(self, path, stranger, contributor):
        client = client_for(stranger)
        assert b"signs you out first" in client.get(path).content
        client.post(path)
        assert client.get("/").content == b"home of Con Tributor"

    def test_somebody_with_more_than_a_contributors_seat_signs_in_normally(self, client, path, contributor):
        User.objects.filter(pk=contributor.pk).update(job_title="peer")
        for response in (client.get(path), client.post(path)):
            assert response["Location"] == "/account/login/?next=%2Faccount%2F"
        assert client.get("/account/").status_code == 302

    def test_closed(self, client, path):
        SignInLink.objects.update(revoked_at=timezone.now())
        for response in (client.get(path), client.post(path), client.get("/in/nothing/")):
            assert response.status_code == 410
        assert client.get("/account/").status_code == 302

    def test_a_forged_post_is_refused(self, path):
        assert Client(enforce_csrf_checks=True).post(path).status_code == 403


class TestDemo:
    def test_one_click_each(self, client, stranger):
        person = make_person("demo", "Dai Demo")
        page = client.get("/demo/")
        assert b"Dai Demo" in page.content
        assert b"answers the questions" in page.content
        assert client.post(f"/demo/{person.pk}/")["Location"] == "/"
        assert client.get("/").content == b"home of Dai Demo"

    def test_nobody_but_the_demo_people(self, client, stranger):
        assert client.post(f"/demo/{stranger.pk}/").status_code == 404
        assert client.get(f"/demo/{stranger.pk}/").status_code == 405

    def test_does_not_exist_otherwise(self, client, settings):
        settings.ROOT_URLCONF = "cyber360.urls"
        assert client.get("/demo/").status_code == 404
        with pytest.raises(NoReverseMatch):
            reverse("demo:people")


class TestOwnAccount:
    def test_change_of_details(self, stranger):
        client = client_for(stranger)
        assert client.get("/account/").status_code == 200
        fields = {
            "full_name": "Sally Stranger",
            "job_title": "Head of IT",
            "daily_digest": "on",
            "email": "x@example.org",
        }
        assert client.post("/account/", fields).status_code == 302
        stranger.refresh_from_db()
        assert (stranger.full_name, stranger.job_title, stranger.daily_digest) == ("Sally Stranger", "Head of IT", True)
        assert stranger.email == "the.stranger@example.org"

    def test_a_name_that_stands_in_marks_stays(self):
        reader = make_person("reader", "Rhys Reader")
        client = client_for(reader)
        fields = {"full_name": "Somebody Else", "job_title": "reader", "daily_digest": "on"}
        refused = client.post("/account/", fields)
        assert (refused.status_code, b"Ask your coordinator" in refused.content) == (200, True)
        with pytest.raises(NotNow):
            services.save_own_details(by=reader, full_name="Somebody Else", job_title="", daily_digest=False)
        reader.refresh_from_db()
        assert (reader.full_name, reader.daily_digest) == ("Rhys Reader", False)
        assert client.post("/account/", fields | {"full_name": " Rhys  Reader"}).status_code == 302
        reader.refresh_from_db()
        assert (reader.full_name, reader.daily_digest) == ("Rhys Reader", True)

    @pytest.mark.parametrize(
        "name", ["A", "7 8", "Sal\u200bly", "Sally\u3164", "\u202eyllaS", "Sal\tly", "\ufe0fSally"]
    )
    def test_a_name_is_one_that_can_be_read_back(self, stranger, name):
        answer = client_for(stranger).post("/account/", {"full_name": name})
        assert (answer.status_code, b"govuk-error-summary" in answer.content) == (200, True)
        with pytest.raises(BadInput):
            services.ensure_user(email="new@example.org", full_name=name, by=None)
        stranger.refresh_from_db()
        assert stranger.full_name == "The stranger"

    @pytest.mark.parametrize("name", ["Li", "Siân O’Neill-Łukasz", "王芳", "محمد علي"])
    def test_names_of_every_script_are_taken(self, stranger, name):
        assert client_for(stranger).post("/account/", {"full_name": name}).status_code == 302
        stranger.refresh_from_db()
        assert stranger.full_name == name


class TestAccounts:
    PAGES = ("/accounts/", "/accounts/{pk}/")
    WRITES = ("/accounts/{pk}/", "/accounts/{pk}/invite/", "/accounts/{pk}/revoke/")

    def test_for_the_administrator_alone(self, administrator, stranger):
        for page in self.PAGES:
            path = page.format(pk=stranger.pk)
            assert Client().get(path)["Location"].startswith("/account/login/")
            assert client_for(stranger).get(path).status_code == 404
            assert client_for(make_superuser()).get(path).status_code == 404
            assert client_for(administrator).get(path).status_code == 200

    def test_a_reader_changes_nothing(self, stranger):
        client = client_for(make_person("reader"))
        for page in self.WRITES:
            assert client.post(page.format(pk=stranger.pk), {"reason": "x"}).status_code == 404
        stranger.refresh_from_db()
        assert stranger.is_active
        assert not AuditEvent.objects.exclude(act__startswith="account.sign").exists()

    def test_search_and_filters(self, administrator, stranger):
        disabled = make_person("other", "Olga Other", is_active=False)
        client = client_for(administrator)

        def found(query):
            return list(client.get(f"/accounts/{query}").context["page"].object_list)

        assert found("?search=olga") == [disabled]
        assert found("?state=disabled") == [disabled]
        assert found("?state=active&search=STRANGER@") == [stranger]
        assert len(found("?state=nonsense")) == 3

    def test_disable_invite_again_and_revoke(self, administrator, stranger):
        client = client_for(administrator)
        assert client.post(f"/accounts/{stranger.pk}/", {"reason": ""}).status_code == 200
        client.post(f"/accounts/{stranger.pk}/", {"reason": "Left"})
        stranger.refresh_from_db()
        assert not stranger.is_active
        assert b"Enable this account" in client.get(f"/accounts/{stranger.pk}/").content
        invited = make_person("invited", password=None)
        client.post(f"/accounts/{invited.pk}/invite/")
        mail = OutboxMail.objects.get(kind="invitation")
        assert Client().get(mail.link).status_code == 200
        assert b"works until" in client.get(f"/accounts/{invited.pk}/").content
        client.post(f"/accounts/{invited.pk}/revoke/")
        assert Client().get(mail.link).status_code == 410

    def test_an_erased_person_is_not_offered_to_be_let_in_again(self, administrator, stranger):
        erase_account(user=stranger)
        page = client_for(administrator).get(f"/accounts/{stranger.pk}/").content
        assert b"Enable this account" not in page
        assert b"The account stays closed" in page

    def test_as_many_queries_for_one_as_for_many(self, administrator, django_assert_max_num_queries):
        client = client_for(administrator)
        for number in range(30):
            make_person("other", f"Person {number}")
        with django_assert_max_num_queries(5):
            client.get("/accounts/")


def make_superuser():
    found = User.objects.filter(is_superuser=True).first()
    return found or User.objects.create_superuser("root@example.org", "Root", PASSWORD)


class TestMiddleware:
    def test_a_page_that_asks_nobody_loads_nobody(self, django_assert_num_queries):
        def asked():
            raise AssertionError("the person was loaded")

        request = RequestFactory().get("/")
        request.user = SimpleLazyObject(asked)
        SecondFactor(lambda request: "response")(request)

    def test_seats_are_kept_for_one_request(self, stranger):
        request = RequestFactory().get("/")
        request.user = SimpleLazyObject(lambda: stranger)
        SecondFactor(lambda request: "response")(request)
        assert request.user.seat_cache == {}
        request.user.seat_cache["x"] = 1
        assert request.user.seat_cache == {"x": 1}
        assert isinstance(request.user, User)
        assert request.user == stranger
