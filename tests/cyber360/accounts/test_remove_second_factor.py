import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from cyber360.audit.models import AuditEvent


def test_the_factor_goes_and_leaves_an_event(cast):
    Authenticator.objects.create(user=cast.peer, type=Authenticator.Type.TOTP, data={"secret": "x"})
    call_command("remove_second_factor", cast.peer.email.upper())
    assert not Authenticator.objects.filter(user=cast.peer).exists()
    assert AuditEvent.objects.filter(act="account.second_factor_removed", object_id=str(cast.peer.pk)).count() == 1


@pytest.mark.parametrize("email", ["nobody@example.org", None])
def test_nothing_to_remove_is_said(cast, email):
    with pytest.raises(CommandError):
        call_command("remove_second_factor", email or cast.peer.email)
    assert not AuditEvent.objects.filter(act="account.second_factor_removed").exists()
