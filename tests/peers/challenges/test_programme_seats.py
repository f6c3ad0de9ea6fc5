"""Programme seats: given and ended by the administrator alone, each with its event."""

from cyber360.audit.models import AuditEvent
from peers.access import SeatName, seats_on

PAGE = "/programme/seats/"


def test_the_administrator_gives_and_ends_a_seat(cast):
    client = cast.client_for(cast.administrator)
    body = {"name": "coordinator", "full_name": "Nia Vale", "email": "nia.vale@example.org"}
    assert client.post(PAGE, body).status_code == 302
    seat = cast.programme.seats.get(user__email="nia.vale@example.org")
    assert seats_on(seat.user) == {SeatName.COORDINATOR}
    assert client.post(f"{PAGE}{seat.pk}/end/").status_code == 302
    assert seats_on(seat.user) == frozenset()
    acts = AuditEvent.objects.filter(object_label__startswith="Nia Vale: ").values_list("act", flat=True)
    assert sorted(acts) == ["programme.seat_end", "programme.seat_grant"]


def test_nobody_else_reaches_the_page(cast):
    seat = cast.programme.seats.get(user=cast.coordinator)
    for name in ("coordinator", "host_lead", "manager", "editor", "stranger", "superuser", "pool_peer"):
        client = cast.client_for(getattr(cast, name))
        assert client.get(PAGE).status_code == 404, name
        assert client.post(f"{PAGE}{seat.pk}/end/").status_code == 404, name


def test_a_challenge_seat_is_not_a_choice(cast):
    client = cast.client_for(cast.administrator)
    answer = client.post(PAGE, {"name": "peer", "full_name": "A B", "email": "a.b@example.org"})
    assert answer.status_code == 200
    assert not cast.programme.seats.filter(user__email="a.b@example.org").exists()
