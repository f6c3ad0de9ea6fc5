import smtplib
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from cyber360.accounts.models import User
from cyber360.exceptions import BadInput
from cyber360.notify import services
from cyber360.notify.models import MailState, OutboxMail

pytestmark = pytest.mark.django_db


class BrokenServer(EmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("lost, with ann@example.org's address in the text")


@pytest.fixture
def ann():
    return User.objects.create_user("ann@example.org", "Ann Field")


@pytest.fixture
def broken(settings):
    settings.EMAIL_BACKEND = "tests.cyber360.notify.test_services.BrokenServer"


def queue(to, key="k", **fields):
    wanted = {"kind": "test", "subject": "Something waits for you", "link": "/challenges/C360-2027-001/"} | fields
    return services.queue_mail(to=to, key=key, **wanted)


def past(seconds=60):
    return timezone.now() - timedelta(seconds=seconds)


class TestQueue:
    def test_one_mail_for_a_key_and_one_ring_after_commit(self, ann, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            first, second = queue(ann), queue(ann, subject="Another")
            assert OrmQ.objects.count() == 0
        assert first.pk == second.pk
        assert (second.subject, OrmQ.objects.count()) == ("Something waits for you", 1)

    def test_nothing_for_a_disabled_account(self, ann):
        User.objects.filter(pk=ann.pk).update(is_active=False)
        ann.refresh_from_db()
        assert queue(ann) is None

    def test_a_rolled_back_act_leaves_no_mail(self, ann):
        def act():
            with transaction.atomic():
                queue(ann)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            act()
        assert not OutboxMail.objects.exists()

    @pytest.mark.parametrize(
        "fields", [{"subject": "Hello\nBcc: all@example.org"}, {"link": "/x\r\nTo: me@example.org"}]
    )
    def test_header_lines_are_refused(self, ann, fields):
        with pytest.raises(BadInput):
            queue(ann, **fields)
        assert not OutboxMail.objects.exists()


class TestSend:
    def test_sends_once_with_link_and_marking(self, ann, settings):
        settings.SITE_URL = "https://c360.example.org"
        mail = queue(ann, body="Your team has been agreed.")
        assert services.send_mail(mail_id=mail.pk)
        assert not services.send_mail(mail_id=mail.pk)
        [sent] = django_mail.outbox
        assert (sent.to, sent.subject) == (["ann@example.org"], "Something waits for you")
        assert "Dear Ann Field,\n\nYour team has been agreed.\n" in sent.body
        assert "https://c360.example.org/challenges/C360-2027-001/" in sent.body
        assert "OFFICIAL" in sent.body
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.lease_until) == (MailState.SENT, 1, None)

    def test_text_is_not_escaped(self, ann):
        User.objects.filter(pk=ann.pk).update(full_name="Ann O'Field")
        services.send_mail(mail_id=queue(ann, body="Questions & answers").pk)
        assert "Ann O'Field" in django_mail.outbox[0].body
        assert "Questions & answers" in django_mail.outbox[0].body

    def test_a_broken_server_is_tried_again_with_pauses_then_given_up(self, ann, broken):
        mail = queue(ann)
        for attempt in range(1, services.MAX_ATTEMPTS):
            assert not services.send_mail(mail_id=mail.pk)
            mail.refresh_from_db()
            assert (mail.state, mail.attempts) == (MailState.WAITING, attempt)
            assert mail.not_before > timezone.now()
            assert not services.send_mail(mail_id=mail.pk)  # not due
            OutboxMail.objects.filter(pk=mail.pk).update(not_before=past())
        services.send_mail(mail_id=mail.pk)
        mail.refresh_from_db()
        assert (mail.state, mail.attempts) == (MailState.FAILED, services.MAX_ATTEMPTS)
        assert "SMTPServerDisconnected" in mail.last_error
        assert "ann@" not in mail.last_error

    def test_a_sender_that_died_is_followed_after_its_lease_and_says_so(self, ann):
        mail = queue(ann)
        OutboxMail.objects.filter(pk=mail.pk).update(attempts=1, lease_until=timezone.now() + timedelta(minutes=2))
        assert not services.send_mail(mail_id=mail.pk)
        OutboxMail.objects.filter(pk=mail.pk).update(lease_until=past())
        assert services.send_mail(mail_id=mail.pk)
        mail.refresh_from_db()
        assert (mail.state, mail.may_be_twice) == (MailState.SENT, True)
        assert "may have been sent" in mail.last_error

    def test_a_secret_link_is_erased_once_sent(self, ann):
        mail = queue(ann, link="/in/abcdef/", secret=True)
        services.send_mail(mail_id=mail.pk)
        assert "/in/abcdef/" in django_mail.outbox[0].body
        mail.refresh_from_db()
        assert (mail.link, mail.body) == ("", "")

    def test_the_sweep_rings_for_forgotten_mails_only(self, ann):
        old, new, held = queue(ann, "old"), queue(ann, "new"), queue(ann, "held")
        OutboxMail.objects.filter(pk=old.pk).update(created_at=past())
        OutboxMail.objects.filter(pk=held.pk).update(created_at=past(), state=MailState.HELD)
        assert services.ring_waiting() == 1
        assert new.state == MailState.WAITING


class TestDigest:
    @pytest.fixture
    def daily(self, ann):
        ann.daily_digest = True
        ann.save()
        return ann

    def at(self, hour, day=10):
        return datetime(2027, 3, day, hour, 30, tzinfo=ZoneInfo("Europe/London"))

    def test_mails_are_held_and_one_lists_them(self, daily, settings):
        settings.SITE_URL = "https://c360.example.org"
        first, second = queue(daily, "1", subject="First"), queue(daily, "2", subject="Second", link="/two/")
        assert {first.state, second.state} == {MailState.HELD}
        assert not services.send_mail(mail_id=first.pk)
        assert services.queue_digests(now=self.at(6)) == 0
        assert services.queue_digests(now=self.at(7)) == 1
        assert services.queue_digests(now=self.at(8)) == 0
        digest = OutboxMail.objects.get(kind="digest")
        services.send_mail(mail_id=digest.pk)
        [sent] = django_mail.outbox
        assert sent.subject == "Cyber 360: 2 messages"
        assert "- First\n" in sent.body
        assert "- Second\n  https://c360.example.org/two/" in sent.body
        assert set(OutboxMail.objects.values_list("state", flat=True)) == {MailState.SENT}

    def test_what_comes_later_waits_for_tomorrow(self, daily):
        queue(daily, "1")
        services.queue_digests(now=self.at(7))
        queue(daily, "2")
        assert services.queue_digests(now=self.at(9)) == 0
        assert services.queue_digests(now=self.at(9, day=11)) == 1

    def test_a_link_that_signs_in_is_never_held(self, daily):
        assert queue(daily, secret=True).state == MailState.WAITING


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_one_mail():
    mail = queue(User.objects.create_user("ann@example.org", "Ann Field"))
    gate, sent = threading.Barrier(6), []

    def send():
        gate.wait()
        try:
            sent.append(services.send_mail(mail_id=mail.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [False] * 5 + [True]
    assert len(django_mail.outbox) == 1
