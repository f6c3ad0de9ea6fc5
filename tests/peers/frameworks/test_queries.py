"""Questions in order, with all their parts, in a fixed number of queries."""

import pytest

from peers.frameworks.queries import question_beside, questions_of, scale_of, themes_of, versions_with_counts
from tests.factories.worlds import make_framework


def read_all(version, themes=None) -> list[str]:
    return [
        f"{question.code} {question.theme.code} {len(question.levels.all())} {len(question.roles.all())} "
        f"{len(question.evidence_prompts.all())} {len(question.caf.all())} {len(question.outcomes.all())}"
        for question in questions_of(version, themes)
    ]


@pytest.mark.parametrize("size", [1, 8])
def test_questions_take_six_queries_whatever_their_number(db, django_assert_num_queries, size):
    version = make_framework(themes=size, questions=size)
    with django_assert_num_queries(6):
        rows = read_all(version)
    assert len(rows) == size * size
    assert rows[0] == "T1.1 T1 5 1 1 1 0"


def test_questions_of_some_themes_in_order(db):
    version, _other = make_framework(themes=3, questions=2), make_framework()
    second, third = version.themes.all()[1:]
    assert [row.code for row in questions_of(version, [third, second])] == ["T2.1", "T2.2", "T3.1", "T3.2"]
    assert list(questions_of(version, [])) == []


def test_scale_tree_counts_and_neighbours(db):
    version = make_framework(themes=2, questions=3)
    make_framework(themes=1, questions=1)
    assert [row.level for row in scale_of(version)] == [0, 1, 2, 3, 4]
    assert [[q.code for q in theme.questions.all()] for theme in themes_of(version)] == [
        ["T1.1", "T1.2", "T1.3"],
        ["T2.1", "T2.2", "T2.3"],
    ]
    row = versions_with_counts().get(pk=version.pk)
    assert (row.theme_count, row.question_count) == (2, 6)
    questions = list(questions_of(version))
    assert question_beside(questions[0]) == (None, questions[1])
    assert question_beside(questions[3]) == (questions[2], questions[4])
    assert question_beside(questions[5]) == (questions[4], None)
