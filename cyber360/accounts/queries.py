"""Reading accounts, invitations and sign-in links."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from cyber360.accounts.models import Invitation, SignInLink, User
from cyber360.accounts.tokens import token_hash

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def person_by_email(email: str) -> User | None:
    """The account of an address, whatever its case."""
    return User.objects.filter(email__iexact=email.strip()).first()


def accounts(*, search: str = "", state: str = "") -> QuerySet[User]:
    """All accounts by name, each with `second_factor` and `invited`; state is "active", "disabled" or "invited"."""
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    waiting = Invitation.objects.filter(user=OuterRef("pk"), used_at=None, revoked_at=None)
    found = User.objects.annotate(second_factor=Exists(factor), invited=Exists(waiting))
    if search:
        found = found.filter(Q(full_name__icontains=search) | Q(email__icontains=search))
    wanted = {"active": Q(is_active=True), "disabled": Q(is_active=False), "invited": Q(invited=True, is_active=True)}
    return found.filter(wanted[state]) if state in wanted else found


def open_invitation(token: str) -> Invitation | None:
    """The invitation of a token, if it may still be used."""
    invitation = Invitation.objects.select_related("user").filter(token_hash=token_hash(token)).first()
    return invitation if invitation and invitation.is_open and invitation.user.is_active else None


def open_link(token: str) -> SignInLink | None:
    """The sign-in link of a token, if it has neither expired nor been revoked."""
    link = SignInLink.objects.select_related("user").filter(token_hash=token_hash(token)).first()
    return link if link and link.is_open and link.user.is_active else None


def may_sign_in_by_link(user: User) -> bool:
    """Only people without a password whose seats are all a contributor's."""
    return not user.has_usable_password() and bool(import_string(settings.LINK_SIGN_IN_ALLOWED)(user))


def was_used(user: User) -> bool:
    """Whether anybody has ever come in with the account: by password, passkey, invitation or link."""
    return (
        user.last_login is not None
        or user.has_usable_password()
        or user.invitations.exclude(used_at=None).exists()
        or user.sign_in_links.filter(Q(uses__gt=0) | Q(last_used_at__isnull=False)).exists()
        or Authenticator.objects.filter(user=user).exists()
    )


def why_name_is_held(user: User) -> str:
    """Why the person may not change their own name now, in a sentence; empty when they may."""
    return str(import_string(settings.NAME_IS_HELD)(user))


def demo_people() -> list[tuple[str, list[tuple[User, str]]]]:
    """The demo people in groups, each with a sentence."""
    return list(import_string(settings.DEMO_PEOPLE)())


def demo_person(pk: int) -> User | None:
    """One of the demo people; nobody else can be signed in to from the demo page."""
    return next((user for _group, people in demo_people() for user, _sentence in people if user.pk == pk), None)
