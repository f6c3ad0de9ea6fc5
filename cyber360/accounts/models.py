from typing import Any
from unicodedata import category

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ERASED_DOMAIN = "erased.invalid"  # no mail can ever be delivered there (RFC 2606)


def plain_line(text: str) -> str:
    """One line without control, direction and invisible characters: it stands in mails and in the record."""
    kept = ("" if category(one) == "Cf" else " " if category(one)[0] in "CZ" else one for one in text)
    return " ".join("".join(kept).split())


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, full_name: str, password: str | None = None, **fields):
        user = self.model(email=self.normalize_email(email).strip(), full_name=full_name, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def create_superuser(self, email: str, full_name: str, password: str | None = None, **fields):
        return self.create_user(email, full_name, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None):
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Holds no right of its own: rights come from seats (`peers.access`)."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    full_name = models.CharField(_("full name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    is_active = models.BooleanField(_("can sign in"), default=True)
    is_staff = models.BooleanField(_("may open the reference-data admin"), default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    daily_digest = models.BooleanField(_("one mail a day instead of one for each task"), default=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)  # of name, job title and address

    objects = UserManager()

    # Set by a page that belongs to one challenge; the header reads from it in which seat the person acts.
    acting_on: Any = None

    USERNAME_FIELD = "email"  # unique without regard to case, by the constraint below
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True)
                | models.Q(
                    is_active=False, is_staff=False, is_superuser=False, job_title="",
                    email__endswith=f"@{ERASED_DOMAIN}", password__startswith="!",  # noqa: S106 - Django’s mark of none
                ),
                name="erased_account_names_nobody",
            ),
        ]  # fmt: skip
        ordering = ["full_name", "pk"]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args, **kwargs) -> None:
        self.full_name, self.job_title = plain_line(self.full_name), plain_line(self.job_title)
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0]


class FormerPerson(models.Model):
    """Gives an erased account its number, which is never given again: the account cannot be deleted either."""

    user = models.OneToOneField(User, models.PROTECT, related_name="former_person")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In one language, whoever erases: it stands in every list from then on."""
        return f"Former person {self.pk}"

    @property
    def address(self) -> str:
        return f"former-person-{self.pk}@{ERASED_DOMAIN}"


class Invitation(models.Model):
    """A way in for somebody who has no password yet. Only the hash of its token is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    reason_line = models.CharField(max_length=300, blank=True)
    link = models.CharField(max_length=300, default="/")
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at"]

    def __str__(self) -> str:
        return f"Invitation of {self.user}"

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.revoked_at is None and self.expires_at > timezone.now()


class SignInLink(models.Model):
    """An e-mailed link that opens a session for a contributor without a password, until it expires or is revoked."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Link of {self.user} to {self.path}"

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()
