"""Skills are kept under the nine themes of the example set; a renamed theme there must be renamed here."""

from pathlib import Path

import yaml

from peers.pool.models import SkillTheme

EXAMPLE = Path(__file__).resolve().parents[3] / "fixtures" / "frameworks" / "cyber360-example-1.0.yaml"


def test_skill_themes_are_the_themes_of_the_example_set():
    themes = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["themes"]
    assert {theme["code"]: theme["title"] for theme in themes} == {row.value: str(row.label) for row in SkillTheme}
