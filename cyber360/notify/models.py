from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    HELD = "held", _("Held for the daily mail")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")


class OutboxMail(models.Model):
    """One mail, written in the transaction of the act that causes it and sent after its commit.

    A mail carries a sentence and a link, never content. `secret` marks a link that signs somebody in:
    no page shows it, and it is erased once sent.
    """

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="outbox_mails"
    )
    address = models.EmailField(max_length=254)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True)
    secret = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    may_be_twice = models.BooleanField(default=False)
    digest = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="digested")
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "not_before"], name="mail_state_due"),
            models.Index(fields=["-created_at"], name="mail_created"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=MailState.values), name="mail_state_known"),
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True) | models.Q(state="sent"), name="mail_sent_at_means_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.address})"
