from django.db import models
from django.utils import timezone


class SentForm(models.Model):
    """A form that was sent, so that a second click on its button does nothing twice. Kept for a few minutes.

    `key` is a hash of the form's address and body; the body's CSRF field is masked anew on every page, so the
    same body can only come from the same page. `location` is where the first answer led, "" while it is worked on.
    """

    key = models.CharField(max_length=64, primary_key=True)
    location = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.location
