"""The numbered proof of a disposal."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.urls import reverse


class DisposalCertificate(models.Model):
    """Numbered per programme without gaps; the HTML it was issued as, and the PDF made from it. Never changed."""

    programme = models.ForeignKey("peers.Programme", models.PROTECT, related_name="disposal_certificates")
    number = models.PositiveIntegerField()
    run = models.OneToOneField("peers.DisposalRun", models.PROTECT, related_name="certificate")
    issued_at = models.DateTimeField()
    html = models.TextField()
    html_sha256 = models.CharField(max_length=64)
    pdf = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    pdf_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["programme", "number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="one_certificate_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="certificate_from_one"),
            models.CheckConstraint(condition=Q(Exact(Length("html_sha256"), 64)), name="certificate_has_its_hash"),
            models.CheckConstraint(
                condition=Q(pdf__isnull=True, pdf_sha256="") | Q(Exact(Length("pdf_sha256"), 64), pdf__isnull=False),
                name="certificate_pdf_has_its_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Such as `C360-D-0007`: the programme's prefix, and a number without gaps."""
        return f"{self.programme.ref_prefix}-D-{self.number:04d}"

    @property
    def challenge(self):
        return self.run.challenge

    def get_absolute_url(self) -> str:
        return reverse("records:certificate", args=[self.run.challenge.ref, self.pk])
