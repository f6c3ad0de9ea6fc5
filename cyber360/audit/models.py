from django.db import models


class AppendOnly(models.QuerySet):
    def update(self, **fields):
        raise TypeError("Audit events are never changed.")

    def bulk_update(self, *args, **kwargs):
        raise TypeError("Audit events are never changed.")

    def delete(self):
        raise TypeError("Audit events are never deleted.")


class AuditChain(models.Model):
    """The end of one scope's chain; its row lock puts the events of a scope in one order."""

    scope = models.CharField(max_length=60, unique=True)
    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.scope} ({self.length})"


class AuditEvent(models.Model):
    """One thing that happened: who, what act, which object, when, in which seat.

    No foreign keys, so that nothing deleted elsewhere takes its trace along.
    """

    scope = models.CharField(max_length=60)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=60)
    actor_id = models.PositiveBigIntegerField(null=True)
    actor_name = models.CharField(max_length=120, blank=True)
    seat = models.CharField(max_length=40, blank=True)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    object_label = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["scope", "number"]
        constraints = [models.UniqueConstraint(fields=["scope", "number"], name="one_event_per_place_in_chain")]
        indexes = [
            models.Index(fields=["scope", "-at"], name="audit_scope_at"),
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act} {self.object_label}"

    def save(self, *args, **kwargs):
        if self.pk is not None:
            raise TypeError("Audit events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("Audit events are never deleted.")
