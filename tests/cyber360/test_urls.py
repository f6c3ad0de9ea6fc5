"""The reference-data admin opens no side door."""


def test_the_admin_has_no_sign_in_of_its_own(client, db):
    answer = client.get("/reference-data/login/?next=/reference-data/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_the_admins_sign_in_takes_no_password(client, cast):
    cast.superuser.set_password("long-enough-words-here")
    cast.superuser.save()
    client.post("/reference-data/login/", {"username": cast.superuser.email, "password": "long-enough-words-here"})
    assert "_auth_user_id" not in client.session
