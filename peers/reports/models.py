"""The report: sections from a template, team sign-off, factual check, and the issued version that never changes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReportTemplate(models.Model):
    """The sections of a report, editable data, in versions; a report keeps the version it began with."""

    title = models.CharField(max_length=120)
    version = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["title", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["title", "version"], name="one_report_template_version"),
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="one_current_report_template"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class TemplateSection(models.Model):
    """One section. `source` says what fills it: text written by hand, or something drawn from the challenge."""

    class Source(models.TextChoices):
        TEXT = "text", _("Text")
        RECOMMENDATIONS = "recommendations", _("Recommendations")
        PROCESS = "process", _("The process and the team")
        THEMES = "themes", _("Findings by theme, with charts")
        GOOD_PRACTICE = "good_practice", _("Good practice to share")
        NEXT_STEPS = "next_steps", _("Next steps and dates")
        ANNEXES = "annexes", _("Annexes")

    template = models.ForeignKey(ReportTemplate, models.CASCADE, related_name="sections")
    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    source = models.CharField(max_length=16, choices=Source, default=Source.TEXT)
    guidance = models.TextField(blank=True)
    boilerplate = models.TextField(blank=True)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [models.UniqueConstraint(fields=["template", "code"], name="one_template_section_code")]

    def __str__(self) -> str:
        return self.title


class Report(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")

    challenge = models.OneToOneField("peers.Challenge", models.CASCADE, related_name="report")
    template = models.ForeignKey(ReportTemplate, models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    marking = models.CharField(max_length=40, default="OFFICIAL-SENSITIVE")
    draft_number = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Report on {self.challenge}"


class ReportSection(models.Model):
    report = models.ForeignKey(Report, models.CASCADE, related_name="sections")
    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    source = models.CharField(max_length=16, choices=TemplateSection.Source)
    guidance = models.TextField(blank=True)
    text = models.TextField(_("text"), blank=True, max_length=20000)
    place = models.PositiveSmallIntegerField(default=0)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [models.UniqueConstraint(fields=["report", "code"], name="one_report_section_code")]

    def __str__(self) -> str:
        return self.title


class SignOff(models.Model):
    """A member of the team stands behind the draft as it reads; a later change of text voids it."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="sign_offs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "owner"], name="one_sign_off_per_peer")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.report}"


class FactComment(models.Model):
    """One factual comment of the host on one place of the draft, and the team's answer to it."""

    class Outcome(models.TextChoices):
        CHANGED = "changed", _("Changed")
        NOT_CHANGED = "not_changed", _("Not changed")

    report = models.ForeignKey(Report, models.CASCADE, related_name="fact_comments")
    section = models.ForeignKey(ReportSection, models.CASCADE, related_name="fact_comments")
    passage = models.CharField(_("the words it is about"), max_length=600)
    comment = models.TextField(_("what is not right"), max_length=2000)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=11, choices=Outcome, blank=True)
    answer = models.TextField(_("why"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["section__place", "pk"]
        constraints = [models.CheckConstraint(condition=Q(outcome="") | ~Q(answer=""), name="fact_answer_has_reason")]

    def __str__(self) -> str:
        return self.passage[:60]


class IssuedReport(models.Model):
    """The frozen report: the HTML it was issued as, and the PDF made from it. Never changed, only superseded by law."""

    report = models.OneToOneField(Report, models.PROTECT, related_name="issued")
    number = models.CharField(max_length=40, unique=True)
    html = models.TextField()
    html_sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    pdf = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    pdf_sha256 = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.number


class DraftPdf(models.Model):
    """A PDF of a draft as it read at one moment, made on request by a job."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="draft_pdfs")
    text_sha256 = models.CharField(max_length=64)
    pdf = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["report", "text_sha256"], name="one_pdf_per_draft_text")]

    def __str__(self) -> str:
        return f"Draft of {self.report}"
