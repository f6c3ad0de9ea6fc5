"""The report: sections from a template, team sign-off, factual check, and the issued version that never changes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TEXT_LIMIT = 20_000


class TemplateState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CURRENT = "current", _("In use")
    RETIRED = "retired", _("Retired")


class Source(models.TextChoices):
    """What stands under a section's text, drawn from the challenge. THEME is made for each theme in scope."""

    TEXT = "text", _("Text alone")
    RECOMMENDATIONS = "recommendations", _("Table of recommendations")
    TEAM = "team", _("The team")
    PROCESS = "process", _("What the team did, in numbers")
    THEMES = "themes", _("Findings by theme, with the levels")
    THEME = "theme", _("Findings of one theme")
    GOOD_PRACTICE = "good_practice", _("Good practice to share")
    NEXT_STEPS = "next_steps", _("Dates of the next steps")
    ANNEX_RECOMMENDATIONS = "annex_recs", _("Annex: recommendations with CAF outcomes")
    ANNEX_ROLES = "annex_roles", _("Annex: whom the team met, by role")
    ANNEX_DOCUMENTS = "annex_documents", _("Annex: documents seen")


class ReportTemplate(models.Model):
    """The sections of a report, editable data, in versions; a report keeps the version it began with."""

    title = models.CharField(_("title"), max_length=120)
    number = models.PositiveSmallIntegerField(_("version"), unique=True)
    state = models.CharField(max_length=8, choices=TemplateState, default=TemplateState.DRAFT)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=TemplateState.CURRENT), name="one_current_report_template"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=TemplateState.DRAFT), name="one_draft_report_template"
            ),
            models.CheckConstraint(condition=Q(state__in=TemplateState.values), name="report_template_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("reports:template", args=[self.pk])


class TemplateSection(models.Model):
    """One section. `boilerplate` is where its text begins, with `{{names}}` that are filled in (`prefill.NAMES`)."""

    template = models.ForeignKey(ReportTemplate, models.CASCADE, related_name="sections")
    code = models.SlugField(_("short name"), max_length=40)
    title = models.CharField(_("title"), max_length=120)
    source = models.CharField(_("what stands under the text"), max_length=16, choices=Source, default=Source.TEXT)
    guidance = models.TextField(_("guidance for the people who write"), blank=True, max_length=2000)
    boilerplate = models.TextField(_("text to begin with"), blank=True, max_length=TEXT_LIMIT)
    place = models.PositiveSmallIntegerField(_("place"), default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "code"],
                name="one_template_section_code",
                violation_error_message=_("Another section of this version has this short name."),
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="template_section_source_known"),
        ]

    def __str__(self) -> str:
        return self.title


class Report(models.Model):
    """`text_sha256` is the hash of every word the team answers for; a sign-off counts while it names the same one."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")

    challenge = models.OneToOneField("peers.Challenge", models.CASCADE, related_name="report")
    template = models.ForeignKey(ReportTemplate, models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    marking = models.CharField(_("marking"), max_length=40, default="OFFICIAL-SENSITIVE")
    show_levels = models.BooleanField(_("show levels, as words"), default=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=["draft", "issued"]), name="report_state_known")]

    def __str__(self) -> str:
        return f"Report on {self.challenge}"

    def get_absolute_url(self) -> str:
        return reverse("reports:report", args=[self.challenge.ref])

    @property
    def is_issued(self) -> bool:
        return self.state == self.State.ISSUED


class ReportSection(models.Model):
    """One section of one report. A section of a theme has the theme."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="sections")
    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    source = models.CharField(max_length=16, choices=Source)
    theme = models.ForeignKey("peers.Theme", models.PROTECT, null=True, blank=True, related_name="+")
    guidance = models.TextField(blank=True)
    text = models.TextField(_("text"), blank=True, max_length=TEXT_LIMIT)
    place = models.PositiveSmallIntegerField(default=0)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "code"], name="one_report_section_code"),
            models.CheckConstraint(
                condition=Q(source=Source.THEME, theme__isnull=False)
                | (~Q(source=Source.THEME) & Q(theme__isnull=True)),
                name="report_section_theme",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def challenge(self):
        return self.report.challenge

    def get_absolute_url(self) -> str:
        return reverse("reports:section", args=[self.report.challenge.ref, self.code])


class SectionVersion(models.Model):
    """What a section said before a change. Text saved while it is typed is kept once a quarter of an hour."""

    section = models.ForeignKey(ReportSection, models.CASCADE, related_name="history")
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.section_id}: {self.at:%Y-%m-%d %H:%M}"


class SignOff(models.Model):
    """A member of the team stands behind the draft as it reads; a later change of words voids it."""

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
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=11, choices=Outcome, blank=True)
    answer = models.TextField(_("why"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["section__place", "pk"]
        constraints = [models.CheckConstraint(condition=Q(outcome="") | ~Q(answer=""), name="fact_answer_has_reason")]

    def __str__(self) -> str:
        return f"Comment {self.pk}"

    @property
    def challenge(self):
        return self.report.challenge

    def get_absolute_url(self) -> str:
        return reverse("reports:fact", args=[self.report.challenge.ref, self.pk])


class IssuedReport(models.Model):
    """The frozen report: the HTML it was issued as, and the PDF made from it. Never changed.

    What is for the council alone stands in the annex, a document of its own with its own hash; "" when there is none.
    """

    report = models.OneToOneField(Report, models.PROTECT, related_name="issued")
    number = models.CharField(max_length=40, unique=True)
    html = models.TextField()
    html_sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    pdf = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    annex_html = models.TextField(blank=True)
    annex_html_sha256 = models.CharField(max_length=64, blank=True)
    annex_pdf = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    annex_pdf_sha256 = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.number

    @property
    def challenge(self):
        return self.report.challenge


class DraftPdf(models.Model):
    """A PDF of a draft as it read at one moment, made on request by a job from the HTML kept here."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="draft_pdfs")
    number = models.PositiveSmallIntegerField()
    text_sha256 = models.CharField(max_length=64)
    html = models.TextField()
    pdf = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    is_current = False  # set by a page that has compared the text with the report's

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "text_sha256"], name="one_pdf_per_draft_text"),
            models.UniqueConstraint(fields=["report", "number"], name="one_draft_pdf_number"),
        ]

    def __str__(self) -> str:
        return f"Draft {self.number}"
