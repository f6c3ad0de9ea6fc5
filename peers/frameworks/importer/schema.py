"""The format `cyber360-framework/1` as pydantic models; the published JSON Schema is made from them."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

FORMAT = "cyber360-framework/1"
SCHEMA_ID = "https://cyber360.example.org/schemas/cyber360-framework-1.json"


def text(longest: int) -> Any:
    return Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)]


CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN, max_length=20)]
LongCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN, max_length=60)]
SetCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Prose = text(4000)


class Piece(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ScaleLevel(Piece):
    """One step of the scale, the same for all questions."""

    level: int = Field(ge=0, le=4, description="0 to 4, each once")
    word: text(40) = Field(description="one or two words, shown beside the number")
    meaning: Prose


class Outcome(Piece):
    """An outcome of digitalisation that questions can serve."""

    code: LongCode
    title: text(120)


class Evidence(Piece):
    """A paper that may already exist."""

    prompt: text(300) = Field(description="what to ask for")
    good: text(4000) | None = Field(default=None, description="what a good one shows")
    kind: Literal["communication", "data", "document", "minutes", "plan", "record"] = "document"


class Levels(Piece):
    """What an outsider would see at each level, written for this question."""

    level_0: Prose = Field(alias="0")
    level_1: Prose = Field(alias="1")
    level_2: Prose = Field(alias="2")
    level_3: Prose = Field(alias="3")
    level_4: Prose = Field(alias="4")

    def by_level(self) -> dict[int, str]:
        return {0: self.level_0, 1: self.level_1, 2: self.level_2, 3: self.level_3, 4: self.level_4}


class Question(Piece):
    code: Code = Field(description="unique in the whole set, for example T3.2")
    title: text(160)
    question: Prose = Field(description="the wording; it cannot be answered with yes")
    why: text(4000) | None = Field(default=None, description="why we ask")
    guidance: text(4000) | None = None
    who: list[text(120)] = Field(default=[], max_length=20, description="roles that should answer, never persons")
    required: bool = True
    levels: Levels
    evidence: list[Evidence] = Field(default=[], max_length=20)
    caf: dict[str, list[str]] = Field(default={}, description="CAF version to ids of its outcomes")
    outcomes: list[LongCode] = Field(default=[], max_length=20, description="codes from the list of outcomes")


class Theme(Piece):
    code: Code = Field(description="unique in the set, for example T3")
    title: text(120)
    purpose: Prose
    questions: list[Question] = Field(min_length=1, max_length=100)


class Document(Piece):
    """A questionnaire: a scale, themes, and questions with what would be seen at each level."""

    format: Literal["cyber360-framework/1"]
    code: SetCode = Field(description="the same for every version of this questionnaire")
    title: text(200)
    version: Annotated[str, StringConstraints(pattern=CODE_PATTERN, max_length=20)] = Field(description="in quotes")
    language: Literal["en-GB", "cy-GB"] = "en-GB"
    about: text(4000) | None = None
    credit: text(4000) | None = None
    scale: list[ScaleLevel] = Field(min_length=5, max_length=5)
    outcomes: list[Outcome] = Field(default=[], max_length=100)
    themes: list[Theme] = Field(min_length=1, max_length=50)

    def question_count(self) -> int:
        return sum(len(theme.questions) for theme in self.themes)


def json_schema() -> str:
    """The published JSON Schema (draft 2020-12), with a line break at its end."""
    schema = Document.model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"
