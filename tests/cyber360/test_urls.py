"""The reference-data admin opens no side door."""

from peers.admin import reference_data


def test_the_admin_has_no_sign_in_of_its_own(client, db):
    answer = client.get("/reference-data/login/?next=/reference-data/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_the_admins_sign_in_takes_no_password(client, cast):
    cast.superuser.set_password("long-enough-words-here")
    cast.superuser.save()
    client.post("/reference-data/login/", {"username": cast.superuser.email, "password": "long-enough-words-here"})
    assert "_auth_user_id" not in client.session


def test_the_admin_holds_our_reference_data_and_nothing_else():
    """Other packages register queued functions, second factors and sessions with the default site."""
    names = {model._meta.label for model in reference_data._registry}
    assert names == {
        "peers.CafOutcome", "peers.Council", "peers.CouncilNeighbour", "peers.CouncilSuccession",
        "peers.DeadlineProfile", "peers.Programme",
    }  # fmt: skip


def test_a_superuser_cannot_queue_a_function(cast):
    assert cast.client_for(cast.superuser).get("/reference-data/django_q/schedule/add/").status_code == 404
