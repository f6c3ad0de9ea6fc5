"""What the domain answers in these tests, by the person's job title: the platform only knows the dotted paths."""

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat

RIGHTS = {
    "administrator": {"account.read", "account.edit", "job.read", "job.retry"},
    "coordinator": {"outbox.read", "outbox.retry"},
    "reader": {"account.read", "job.read", "outbox.read"},
}


def guard(user, act):
    if act not in RIGHTS.get(user.job_title, set()):
        raise NoSeat
    return user.job_title


def link_sign_in_allowed(user):
    return user.job_title == "contributor"


def demo_people():
    return [("The council", [(user, "answers the questions") for user in User.objects.filter(job_title="demo")])]


def second_factor_needed(user, names):
    return user.job_title in names


def why_name_is_held(user):
    return "Ask your coordinator to change your name." if user.job_title == "reader" else ""
