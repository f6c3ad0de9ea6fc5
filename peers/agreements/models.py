"""Documents that are issued and signed before a challenge begins. An issued text never changes again."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cyber360.exceptions import NotNow


class DocumentKind(models.TextChoices):
    EXPECTATIONS = "statement_of_expectations", _("Statement of expectations")
    CONFIDENTIALITY = "confidentiality", _("Information confidentiality agreement")
    SENIOR_BRIEFING = "senior_briefing", _("Briefing for senior colleagues")
    DRAFT_SCHEDULE = "draft_schedule", _("Draft schedule of conversations")
    PEER_TERMS = "peer_terms", _("Peer terms")


# The council signs these two; the briefing and the schedule are only sent to it.
TO_RETURN = (DocumentKind.EXPECTATIONS, DocumentKind.CONFIDENTIALITY)
FOR_THE_COUNCIL = (*TO_RETURN, DocumentKind.SENIOR_BRIEFING, DocumentKind.DRAFT_SCHEDULE)


def text_hash(text: str) -> str:
    """SHA-256 of the text in UTF-8, as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


class TemplateState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CURRENT = "current", _("In use")
    RETIRED = "retired", _("Retired")


class DocumentTemplate(models.Model):
    """One version of one document's text: Markdown with `{{name}}` placeholders (`rendering.PLACEHOLDERS`)."""

    kind = models.CharField(max_length=28, choices=DocumentKind)
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"), max_length=60_000)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(max_length=8, choices=TemplateState, default=TemplateState.DRAFT)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="template_number_once"),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(state=TemplateState.CURRENT), name="one_current_template"
            ),
            models.UniqueConstraint(fields=["kind"], condition=Q(state=TemplateState.DRAFT), name="one_draft_template"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="template_kind_known"),
            models.CheckConstraint(condition=Q(state__in=TemplateState.values), name="template_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.number}"

    def save(self, *args, **kwargs) -> None:
        """Refuses (NotNow) to change the text of a version that is in use or retired."""
        if self.pk:
            before = DocumentTemplate.objects.filter(pk=self.pk).values_list("state", "title", "body").first()
            if before and before[0] != TemplateState.DRAFT and before[1:] != (self.title, self.body):
                raise NotNow("A version that was in use never changes. Start a new one.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("agreements:template", args=[self.pk])


class AgreementState(models.TextChoices):
    ISSUED = "issued", _("Issued")
    RETURNED = "returned", _("Returned")
    SUPERSEDED = "superseded", _("Superseded")


class Agreement(models.Model):
    """One document of one challenge, its text frozen at issue. No row: not issued.

    `for_user` is set for peer terms only. `returned_file` is the scanned copy where the council signed on paper.
    """

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="agreements")
    kind = models.CharField(max_length=28, choices=DocumentKind)
    template = models.ForeignKey(DocumentTemplate, models.PROTECT, related_name="agreements")
    title = models.CharField(max_length=120)
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    for_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="peer_terms"
    )
    state = models.CharField(max_length=10, choices=AgreementState, default=AgreementState.ISSUED)
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    signed_name = models.CharField(_("your name"), max_length=120, blank=True)
    signed_job_title = models.CharField(_("your job title"), max_length=120, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    returned_file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="agreements"
    )
    pdf_file = models.ForeignKey("files.StoredFile", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["challenge", "kind", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="agreement_kind_known"),
            models.CheckConstraint(condition=Q(state__in=AgreementState.values), name="agreement_state_known"),
            models.CheckConstraint(
                condition=Q(kind=DocumentKind.PEER_TERMS, for_user__isnull=False)
                | (~Q(kind=DocumentKind.PEER_TERMS) & Q(for_user=None)),
                name="peer_terms_are_for_a_peer",
            ),
            models.UniqueConstraint(
                fields=["challenge", "kind"],
                condition=Q(for_user=None) & ~Q(state=AgreementState.SUPERSEDED),
                name="one_agreement_in_force",
            ),
            models.UniqueConstraint(
                fields=["challenge", "for_user"],
                condition=Q(for_user__isnull=False) & ~Q(state=AgreementState.SUPERSEDED),
                name="one_peer_terms_in_force",
            ),
            models.CheckConstraint(
                condition=~Q(state=AgreementState.RETURNED)
                | Q(~Q(signed_name=""), ~Q(signed_job_title=""), signed_at__isnull=False, signed_by__isnull=False),
                name="returned_agreement_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement", args=[self.challenge.ref, self.pk])

    @property
    def owner_id(self) -> int | None:
        return self.for_user_id

    @property
    def is_returned(self) -> bool:
        return self.state == AgreementState.RETURNED

    @property
    def needs_signature(self) -> bool:
        return self.kind in TO_RETURN or self.kind == DocumentKind.PEER_TERMS
