from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Stage(TextChoices):
    INTEREST = "interest", _("Interest")
    SCOPING = "scoping", _("Scoping")
    SETUP = "setup", _("Set-up")
    PREPARATION = "preparation", _("Preparation")
    DESK_REVIEW = "desk_review", _("Desk review")
    ON_SITE = "on_site", _("On site")
    MODERATION = "moderation", _("Moderation")
    FEEDBACK = "feedback", _("Feedback")
    DRAFTING = "drafting", _("Drafting")
    FACTUAL_CHECK = "factual_check", _("Factual check")
    ISSUED = "issued", _("Issued")
    ACTION_PLANNING = "action_planning", _("Action planning")
    FOLLOW_UP = "follow_up", _("Follow-up")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")

    @property
    def place(self) -> int:
        """Position in the order of the lifecycle, from 0; withdrawn stands last."""
        return list(Stage).index(self)
