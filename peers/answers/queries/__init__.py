"""Reading the self-assessment, in three parts: the answers, the question's own text, what still waits."""

from .departed import left_behind, questions_held
from .material import (
    LevelText,
    Material,
    material_for,
)
from .reading import (
    EarlierText,
    Progress,
    ThemeProgress,
    answers_hash,
    answers_visible_to,
    attach_assignments,
    codes_visible_to,
    comments_visible_to,
    earlier_texts,
    get_answer,
    get_assignment,
    get_position,
    my_questions,
    overview,
    own_assignment,
    progress_by_theme,
    seats_by_challenge,
    standing_sign_off,
)
from .waiting import (
    missing_position,
    missing_sign_off,
    tasks_for,
    unanswered,
)

__all__ = [
    "EarlierText",
    "LevelText",
    "Material",
    "Progress",
    "ThemeProgress",
    "answers_hash",
    "answers_visible_to",
    "attach_assignments",
    "codes_visible_to",
    "comments_visible_to",
    "earlier_texts",
    "get_answer",
    "get_assignment",
    "get_position",
    "left_behind",
    "material_for",
    "missing_position",
    "missing_sign_off",
    "my_questions",
    "overview",
    "own_assignment",
    "progress_by_theme",
    "questions_held",
    "seats_by_challenge",
    "standing_sign_off",
    "tasks_for",
    "unanswered",
]
