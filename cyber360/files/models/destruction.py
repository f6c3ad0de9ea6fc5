"""Keys that were destroyed, and the one row under which changes of the key table wait for each other."""

from django.db import models


class Keyring(models.Model):
    """One row. Whoever adds a key or changes the master writes it first: no key is wrapped by a master that goes.

    A row lock by SELECT would do nothing on SQLite; an UPDATE holds both databases.
    """

    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_keyring")]

    def __str__(self) -> str:
        return f"{self.changed_at:%Y-%m-%d %H:%M:%S}"


class DestroyedScope(models.Model):
    """A scope whose key was deleted: it never gets another.

    `masters` are the fingerprints of every master that was loaded then: only when none of them is held any more can
    no old copy of the key table open the scope. `retired_at` is when that was found to be so.
    """

    scope = models.CharField(max_length=60, unique=True)
    key_made_at = models.DateTimeField(null=True, blank=True)
    master_id = models.CharField(max_length=40, blank=True)
    masters = models.JSONField(default=list)
    destroyed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["destroyed_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(scope=""), name="destroyed_scope_is_named"),
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True) | models.Q(retired_at__gte=models.F("destroyed_at")),
                name="master_retired_after_destruction",
            ),
        ]

    def __str__(self) -> str:
        return self.scope
