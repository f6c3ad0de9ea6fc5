"""What was given: files with their versions, links, and the word that lets an unscanned file through."""

from typing import NamedTuple

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cyber360.files.forms import refuse_sensitive
from cyber360.files.models import State as FileState
from cyber360.files.models import StoredFile, Verdict
from cyber360.files.steps import held_words
from peers.access import HOST, SeatName
from peers.challenges.models import Challenge
from peers.frameworks.models import CafOutcome, EvidenceKind, Question, Theme

from .addresses import NOWHERE, goes_in_clear
from .requests import EvidenceRequest


class Status(NamedTuple):
    """What a page says of an item's file: a word, its colour, a sentence, and whether to look again by itself."""

    word: str
    colour: str
    detail: str = ""
    waits: bool = False


# A file with one of these verdicts reaches the team only after a coordinator's release with a reason.
RELEASABLE = frozenset({Verdict.NOT_SCANNED, Verdict.ERROR, Verdict.TOO_BIG})
# Who can say "this is not that" of a file that is held back, and may open it for that.
MAY_ANSWER = HOST | {SeatName.CONTRIBUTOR}


class Marking(models.TextChoices):
    OFFICIAL = "official", "OFFICIAL"
    OFFICIAL_SENSITIVE = "official-sensitive", "OFFICIAL-SENSITIVE"


class EvidenceItem(models.Model):
    """A file (with its versions) or a link to something the council keeps elsewhere; a link is never fetched.

    `current` is the version that counts; `once` makes a form that is sent twice add one link only. `themes` and
    `outcomes` are those that it serves beside the ones of its `questions`. `taken_from_ref`, `taken_from_on` and
    `still_true` say from which earlier challenge it was taken over, how it was dated there, and why it still holds.
    """

    class Kind(models.TextChoices):
        FILE = "file", _("File")
        LINK = "link", _("Link")

    class State(models.TextChoices):
        LIVE = "live", _("In use")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="evidence_items")
    request = models.ForeignKey(
        EvidenceRequest, models.SET_NULL, null=True, blank=True, related_name="items", verbose_name=_("request")
    )
    title = models.CharField(_("title"), max_length=200)
    shows = models.TextField(_("what this shows"), blank=True, max_length=2000)
    source = models.CharField(_("kind of source"), max_length=20, choices=EvidenceKind, blank=True)
    document_date = models.DateField(_("date of the document"), null=True, blank=True)
    period_from = models.DateField(_("covers the time from"), null=True, blank=True)
    period_to = models.DateField(_("covers the time to"), null=True, blank=True)
    review_on = models.DateField(_("to be reviewed by"), null=True, blank=True)
    kind = models.CharField(max_length=4, choices=Kind)
    marking = models.CharField(_("marking"), max_length=20, choices=Marking, default=Marking.OFFICIAL_SENSITIVE)
    url = models.URLField(
        _("address"), max_length=1000, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    where = models.CharField(_("where it is kept"), max_length=200, blank=True)
    who_can_open = models.CharField(_("who can open it"), max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.LIVE)
    withdrawn_reason = models.CharField(max_length=400, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    questions = models.ManyToManyField(Question, through="EvidenceLink", related_name="evidence_items")
    themes = models.ManyToManyField(Theme, blank=True, related_name="evidence_items")
    outcomes = models.ManyToManyField(CafOutcome, blank=True, related_name="evidence_items")
    taken_from_ref = models.CharField(max_length=20, blank=True, editable=False)
    taken_from_on = models.DateField(null=True, blank=True, editable=False)
    still_true = models.CharField(_("why it still holds"), max_length=400, blank=True)
    current = models.OneToOneField(
        "peers.EvidenceVersion", models.SET_NULL, null=True, blank=True, related_name="current_of", editable=False
    )
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    once = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-added_at", "-pk"]
        indexes = [models.Index(fields=["challenge", "state"], name="evidence_item_challenge_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="link", current__isnull=True) & ~Q(url="") | Q(kind="file", url=""),
                name="evidence_item_file_or_link",
            ),
            models.CheckConstraint(
                condition=Q(state="live", withdrawn_reason="", withdrawn_at__isnull=True)
                | Q(state="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="evidence_withdrawn_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(period_from=None) | Q(period_to=None) | Q(period_to__gte=F("period_from")),
                name="evidence_period_in_order",
                violation_error_message=_("The time it covers ends before it begins. Change one of the two days."),
            ),
            models.CheckConstraint(condition=Q(source__in=["", *EvidenceKind.values]), name="evidence_source_known"),
            models.CheckConstraint(
                condition=Q(taken_from_ref="", still_true="") | ~Q(taken_from_ref="") & ~Q(still_true=""),
                name="evidence_taken_over_still_true",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evidence:item", args=[self.challenge.ref, self.pk])

    def clean(self) -> None:
        """What people type about evidence may not hold what the file itself may not."""
        if self.is_live:
            for words in (self.title, self.shows, self.where, self.who_can_open):
                refuse_sensitive(words)

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE

    @property
    def is_link(self) -> bool:
        return self.kind == self.Kind.LINK

    @property
    def goes_in_clear(self) -> bool:
        return goes_in_clear(self.url)

    @property
    def is_safe(self) -> bool:
        """Nothing stands between the item and the team but the pack's release."""
        return self.is_link or (self.current is not None and self.current.is_safe)

    @property
    def is_released(self) -> bool:
        """What the team may read; `queries.released_items` says the same in SQL."""
        return self.is_live and self.challenge.pack_locked_at is not None and self.is_safe

    @property
    def status(self) -> Status:
        if not self.is_live:
            return Status(_now("Withdrawn"), "grey", self.withdrawn_reason)
        if self.is_link:
            return Status(_now("Disposed of"), "grey") if self.url == NOWHERE else Status(_now("Link"), "teal")
        return self.current.status if self.current is not None else Status(_now("Not kept"), "red")

    @property
    def is_review_late(self) -> bool:
        """The day by which the document itself was to be looked at again has passed."""
        return self.review_on is not None and self.review_on < timezone.localdate()

    def handed_to(self) -> list[int]:
        return self.request.handed_to() if self.request is not None else []


class EvidenceVersion(models.Model):
    """One file given for an item. A replaced one is kept. `once` as in EvidenceItem."""

    item = models.ForeignKey(EvidenceItem, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    stored_file = models.OneToOneField(StoredFile, models.PROTECT, related_name="evidence_version")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    once = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["item", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="evidence_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="evidence_version_from_one"),
        ]

    def __str__(self) -> str:
        return _now("%(title)s, version %(number)s") % {"title": self.item.title, "number": self.number}

    @property
    def is_release_given(self) -> bool:
        return hasattr(self, "release")

    @property
    def may_be_released(self) -> bool:
        """A coordinator may let it through: never an infected or refused file, nor one still being checked."""
        stored = self.stored_file
        if not stored.is_readable or stored.has_open_concern:
            return False
        return stored.verdict in RELEASABLE and not self.is_release_given

    def is_held_from(self, seat: SeatName | None) -> bool:
        """Until its concerns are answered a held file opens only for those who can answer them."""
        return self.stored_file.has_open_concern and seat not in MAY_ANSWER

    @property
    def status(self) -> Status:
        stored = self.stored_file
        if stored.refusal or stored.state == FileState.GONE:
            gone = stored.state == FileState.GONE and not stored.refusal
            return Status(_now("Disposed of"), "grey") if gone else Status(_now("Not kept"), "red", stored.refusal)
        if stored.verdict == Verdict.INFECTED:
            return Status(_now("Infected"), "red", _now("Nobody can open it. Replace or withdraw it."))
        if stored.has_open_concern:
            waits = stored.verdict == Verdict.PENDING
            return Status(_now("Held back"), "orange", held_words(stored.held_for.split()), waits=waits)
        if stored.verdict in RELEASABLE and self.is_release_given:
            return Status(_now("Released unscanned"), "yellow", stored.get_verdict_display())
        colours: dict[str, str] = {Verdict.CLEAN: "green", Verdict.PENDING: "blue"}
        colour = colours.get(stored.verdict, "orange")
        return Status(stored.get_verdict_display(), colour, waits=stored.verdict == Verdict.PENDING)

    @property
    def is_safe(self) -> bool:
        stored = self.stored_file
        if not stored.is_readable or stored.has_open_concern:
            return False
        return stored.verdict == Verdict.CLEAN or (stored.verdict in RELEASABLE and self.is_release_given)


class EvidenceLink(models.Model):
    """One item serves many questions."""

    item = models.ForeignKey(EvidenceItem, models.CASCADE, related_name="links")
    question = models.ForeignKey(Question, models.PROTECT, related_name="evidence_links")

    class Meta:
        ordering = ["question__theme__place", "question__place", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "question"], name="evidence_serves_question_once")]

    def __str__(self) -> str:
        return f"{self.item_id} > {self.question_id}"


class Release(models.Model):
    """A coordinator's word that a file without a clean verdict may reach the team."""

    version = models.OneToOneField(EvidenceVersion, models.CASCADE, related_name="release")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=400)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="evidence_release_has_reason")]

    def __str__(self) -> str:
        return self.reason
