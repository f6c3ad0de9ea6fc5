import pytest
from django.test import Client

from cyber360.audit.models import AuditEvent
from cyber360.notify import services
from cyber360.notify.models import MailState, OutboxMail
from tests.cyber360.accounts.world import client_for, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return make_person("coordinator")


def make_mail(to, key="k", **fields):
    wanted = {"kind": "test", "subject": "A subject", "link": "/x/", "body": "The text."} | fields
    return services.queue_mail(to=to, key=key, **wanted)


def test_for_the_coordinator_alone(coordinator, stranger, administrator):
    mail = make_mail(stranger)
    for path in ("/outbox/", f"/outbox/{mail.pk}/"):
        assert Client().get(path).status_code == 302
        assert client_for(stranger).get(path).status_code == 404
        assert client_for(administrator).get(path).status_code == 404
        assert client_for(coordinator).get(path).status_code == 200
    assert client_for(coordinator).get("/outbox/999/").status_code == 404


def test_shows_the_text_but_never_a_link_that_signs_in(coordinator, stranger):
    mail = make_mail(stranger)
    assert b"The text." in client_for(coordinator).get(f"/outbox/{mail.pk}/").content
    secret = make_mail(stranger, "s", link="/in/the-token/", secret=True)
    for path in ("/outbox/", f"/outbox/{secret.pk}/"):
        assert b"the-token" not in client_for(coordinator).get(path).content


def test_filters(coordinator, stranger):
    make_mail(stranger)
    failed = make_mail(coordinator, "f", kind="other", subject="Find me")
    OutboxMail.objects.filter(pk=failed.pk).update(state=MailState.FAILED)
    client = client_for(coordinator)
    for query in ("state=failed", "kind=other", "search=find", "search=coordinator@"):
        assert list(client.get(f"/outbox/?{query}").context["page"].object_list) == [failed]


def test_retry(coordinator, stranger):
    mail = make_mail(stranger)
    OutboxMail.objects.filter(pk=mail.pk).update(state=MailState.FAILED, attempts=5)
    assert client_for(make_person("reader")).post(f"/outbox/{mail.pk}/retry/").status_code == 404
    client = client_for(coordinator)
    assert client.post(f"/outbox/{mail.pk}/retry/").status_code == 302
    assert services.send_mail(mail_id=mail.pk)
    assert AuditEvent.objects.filter(act="outbox.retry", actor_id=coordinator.pk).count() == 1
    assert client.post(f"/outbox/{mail.pk}/retry/").status_code == 403


def test_as_many_queries_for_many(coordinator, django_assert_max_num_queries):
    for number in range(40):
        make_mail(coordinator, str(number))
    client = client_for(coordinator)
    with django_assert_max_num_queries(8):
        client.get("/outbox/")
