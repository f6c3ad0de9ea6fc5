import threading
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.audit import queries
from cyber360.audit.models import AuditChain, AuditEvent
from cyber360.audit.services import record, verify_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return User.objects.create_user("ann@example.org", "Ann Field", "a-long-walk-by-the-river")


def raw():
    """Rows as somebody with the database's own password could change them."""
    return QuerySet(AuditEvent)


class TestRecord:
    def test_says_who_what_when_in_which_seat(self, ann):
        event = record(act="council.edit", by=ann, seat="coordinator", obj=ann, scope="challenge:7", detail={"n": 1})
        event.refresh_from_db()
        assert (event.act, event.actor_id, event.actor_name, event.seat) == (
            "council.edit", ann.pk, "Ann Field", "coordinator"
        )  # fmt: skip
        assert (event.object_type, event.object_id, event.object_label) == ("user", str(ann.pk), "Ann Field")
        assert (event.scope, event.number, event.detail, event.previous_hash) == ("challenge:7", 1, {"n": 1}, "")
        assert abs((timezone.now() - event.at).total_seconds()) < 5

    def test_outlives_what_it_is_about(self, ann):
        record(act="a", by=ann, obj=ann)
        ann.delete()
        assert AuditEvent.objects.get().actor_name == "Ann Field"

    def test_chains_are_one_for_each_scope(self):
        for scope in ("platform", "challenge:1", "platform"):
            record(act="a", scope=scope)
        assert list(AuditEvent.objects.values_list("scope", "number")) == [
            ("challenge:1", 1), ("platform", 1), ("platform", 2)
        ]  # fmt: skip
        first, second = AuditEvent.objects.filter(scope="platform")
        assert second.previous_hash == first.hash

    def test_goes_with_its_transaction(self):
        def act():
            with transaction.atomic():
                record(act="a")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            act()
        assert not AuditEvent.objects.exists()
        assert verify_scope("platform") is None

    @pytest.mark.parametrize(
        "at", [datetime(2027, 3, 28, 1, 30, tzinfo=UTC), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)]
    )
    def test_the_hash_is_the_same_when_read_again_around_the_clock_change(self, at):
        record(act="a", at=at, detail={"words": "Llanfair – £5", "list": [1, None, True]})
        assert verify_scope("platform") is None


@pytest.mark.django_db(transaction=True)
def test_needs_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        record(act="a")


class TestAppendOnly:
    def test_nothing_is_changed_or_deleted(self):
        event = record(act="a")
        event.act = "b"
        for change in (
            event.save,
            event.delete,
            AuditEvent.objects.all().delete,
            lambda: AuditEvent.objects.update(act="b"),
            lambda: AuditEvent.objects.filter(pk=event.pk).update(act="b"),
        ):
            with pytest.raises(TypeError):
                change()
        assert AuditEvent.objects.get().act == "a"

    def test_nor_in_bulk(self):
        event = record(act="a")
        for change in (
            lambda: AuditEvent.objects.bulk_update([event], ["act"]),
            lambda: AuditEvent.objects.update_or_create(pk=event.pk, defaults={"act": "b"}),
        ):
            with pytest.raises(TypeError):
                change()
        assert AuditEvent.objects.get().act == "a"


class TestVerify:
    @pytest.fixture(autouse=True)
    def events(self, ann):
        for number in range(5):
            record(act=f"act.{number}", by=ann, scope="challenge:1")
        record(act="other")

    def verify(self, *scopes):
        out, err = StringIO(), StringIO()
        try:
            call_command("verify_audit", *scopes, stdout=out, stderr=err)
        except CommandError as failure:
            return failure.returncode, err.getvalue()
        return 0, out.getvalue()

    def test_whole(self):
        assert self.verify() == (0, "2 chains are whole.\n")

    @pytest.mark.parametrize(
        "change",
        [{"act": "x"}, {"actor_name": "Somebody Else"}, {"detail": {"x": 1}}, {"seat": "peer"}, {"hash": "0" * 64},
         {"at": datetime(2020, 1, 1, tzinfo=UTC)}],
    )  # fmt: skip
    def test_a_changed_event_is_named(self, change):
        raw().filter(scope="challenge:1", number=3).update(**change)
        code, said = self.verify()
        assert code == 1
        assert "challenge:1: event 3" in said
        assert "changed" in said
        assert self.verify("platform") == (0, "1 chains are whole.\n")

    def test_a_missing_event_is_named(self):
        raw().filter(scope="challenge:1", number=2).delete()
        assert self.verify() == (1, "challenge:1: event 2 is missing.\n")

    def test_missing_last_events_are_noticed(self):
        raw().filter(scope="challenge:1", number__gte=4).delete()
        assert self.verify() == (1, "challenge:1: 5 events were written, 3 are there.\n")

    def test_a_scope_that_lost_all_or_its_chain_is_noticed(self):
        raw().filter(scope="challenge:1").delete()
        AuditChain.objects.filter(scope="platform").delete()
        code, said = self.verify()
        assert code == 1
        assert "5 events were written, 0 are there" in said
        assert "platform" in said

    def test_two_events_in_each_others_place_are_noticed(self):
        raw().filter(scope="challenge:1", number=2).update(number=99)
        raw().filter(scope="challenge:1", number=3).update(number=2)
        raw().filter(scope="challenge:1", number=99).update(number=3)
        assert self.verify()[0] == 1


class TestQueries:
    def test_events_of_a_scope_for_those_who_may_see_them(self):
        for act in ("a.read", "b.write", "a.read"):
            record(act=act, scope="challenge:1")
        record(act="a.read", scope="challenge:2")
        assert [event.number for event in queries.events_for("challenge:1")] == [3, 2, 1]
        assert [event.number for event in queries.events_for("challenge:1", acts=["a.read"])] == [3, 1]
        assert list(queries.events_for("challenge:1", acts=[])) == []

    def test_events_about_a_row(self, ann):
        record(act="a", obj=ann)
        record(act="b")
        assert [event.act for event in queries.events_about(ann)] == ["a"]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_the_chain_unbroken():
    """Threads write to one new scope: the first also race to create its chain."""
    workers, each = 8, 12
    gate, failures = threading.Barrier(workers), []

    def write(name):
        gate.wait()
        try:
            for number in range(each):
                with transaction.atomic():
                    record(act=f"act.{name}.{number}", scope="challenge:9")
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[name]) for name in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    numbers = list(AuditEvent.objects.filter(scope="challenge:9").values_list("number", flat=True))
    assert numbers == list(range(1, workers * each + 1))
    assert verify_scope("challenge:9") is None
