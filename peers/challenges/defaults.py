"""What a new installation begins with: a programme and two deadline profiles. Editable data from then on."""

from peers.stages import Stage as S

from .models import DeadlineLine, DeadlineProfile, Programme

REGISTERED, FIRST, LAST = (
    DeadlineLine.Anchor.REGISTERED,
    DeadlineLine.Anchor.VISIT_FIRST,
    DeadlineLine.Anchor.VISIT_LAST,
)

# stage, anchor, days, working days
CYBER_360 = (
    (S.INTEREST, REGISTERED, 10, True),
    (S.SCOPING, FIRST, -120, False),
    (S.SETUP, FIRST, -70, False),
    (S.PREPARATION, FIRST, -21, False),
    (S.DESK_REVIEW, FIRST, -1, False),
    (S.ON_SITE, LAST, 0, False),
    (S.MODERATION, LAST, 0, False),
    (S.FEEDBACK, LAST, 0, False),
    (S.DRAFTING, LAST, 21, False),
    (S.FACTUAL_CHECK, LAST, 35, False),
    (S.ISSUED, LAST, 42, False),
    (S.ACTION_PLANNING, LAST, 90, False),
    (S.FOLLOW_UP, LAST, 300, False),
    (S.CLOSED, LAST, 365, False),
)
# The publication limits of the corporate peer challenge: report within 3 months, action plan within 5,
# review at 10 to 12.
CORPORATE_LIMITS = (
    *((stage, anchor, days, working) for stage, anchor, days, working in CYBER_360 if stage.place <= S.FEEDBACK.place),
    (S.DRAFTING, LAST, 60, False),
    (S.FACTUAL_CHECK, LAST, 75, False),
    (S.ISSUED, LAST, 90, False),
    (S.ACTION_PLANNING, LAST, 150, False),
    (S.FOLLOW_UP, LAST, 330, False),
    (S.CLOSED, LAST, 365, False),
)


def load_defaults() -> Programme:
    """Idempotent: makes what is missing, changes nothing that is there."""
    programme, _made = Programme.objects.get_or_create(title="Cyber 360")
    for title, lines, default in (
        ("Cyber 360", CYBER_360, True),
        ("Corporate peer challenge limits", CORPORATE_LIMITS, False),
    ):
        profile, made = DeadlineProfile.objects.get_or_create(title=title, defaults={"is_default": default})
        if made:
            DeadlineLine.objects.bulk_create(
                [
                    DeadlineLine(profile=profile, stage=stage, anchor=anchor, days=days, working_days=working)
                    for stage, anchor, days, working in lines
                ]
            )
    return programme
