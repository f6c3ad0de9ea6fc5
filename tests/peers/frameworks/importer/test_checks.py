"""What is wrong in a questionnaire, with line and field."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from peers.frameworks.importer.caf import read_caf
from peers.frameworks.importer.checks import check
from peers.frameworks.importer.compare import compare
from peers.frameworks.importer.schema import Document, Evidence, json_schema
from peers.frameworks.importer.writer import to_yaml
from peers.frameworks.models import EvidenceKind
from tests.peers.frameworks.documents import CAF, question, raw, text

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


def found(data: bytes) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.path, problem.message) for problem in check(data, caf=CAF).problems]


def test_a_good_file_has_no_problem():
    checked = check(raw(), caf=CAF)
    assert checked.problems == []
    assert checked.document.question_count() == 2


def test_a_problem_names_line_and_field():
    data = text(questions=question("T1.1") + question("T1.2", levels="{0: a, 1: b, 2: c, 3: [d], 4: e}"))
    line = next(n for n, row in enumerate(data.splitlines(), start=1) if "[d]" in row)
    problem = check(data.encode(), caf=CAF).problems[0]
    assert (
        str(problem) == f"line {line}, themes[1].questions[2].levels.3: Text is wanted here. Put the value in quotes."
    )


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"required": "yes"}, "required", "true or false"),
        ({"required": "1"}, "required", "true or false"),
        ({"title": "7"}, "title", "in quotes"),
        ({"title": ""}, "title", "in quotes"),
        ({"title": '" "'}, "title", "empty"),
        ({"title": '"' + "x" * 161 + '"'}, "title", "the most is 160"),
        ({"who": "Chief executive"}, "who", "A list"),
        ({"levels": "{0: a, 1: b, 2: c, 4: e}"}, "levels.3", "missing"),
        ({"levels": "{0: a, 1: b, 2: c, 3: d, 4: e, 5: f}"}, "levels.5", "not known"),
        ({"levels": "{0: a, 1: b, 2: c, 3: c, 4: e}"}, "levels.3", "levels.2 already"),
        ({"levels": "[a, b, c, d, e]"}, "levels", "name: value"),
        ({"caf": '{"9.9": [A1.a]}'}, "caf.9.9", "CAF 9.9 is not known here. Known: 3.2, 4.0"),
        ({"caf": '{"4.0": [Z9.z]}'}, "caf.4.0[1]", "no outcome “Z9.z”"),
        ({"caf": '{"4.0": [A1.a, A1.a]}'}, "caf.4.0[2]", "already"),
        ({"outcomes": "[nonsense]"}, "outcomes[1]", "No outcome has the code"),
        ({"outcomes": "[value, value]"}, "outcomes[2]", "already"),
        ({"evidence": "[{prompt: a, kind: rumour}]"}, "evidence[1].kind", "Write one of"),
        ({"evidence": "[{prompt: a}, {prompt: a}]"}, "evidence[2].prompt", "already"),
        ({"colour": "red"}, "colour", "not known here"),
        ({"code": "T1.1"}, "code", "already"),
    ],
)
def test_each_fault_of_a_question(changes, path, words):
    second = "code" in changes
    questions = question("T1.1") + (question("T1.1") if second else question("T1.2", **changes))
    problems = found(text(questions=questions).encode())
    assert [name for _line, name, _message in problems] == [f"themes[1].questions[2].{path}"]
    assert words in problems[0][2]


@pytest.mark.parametrize(
    ("head", "path", "words"),
    [
        ({"format": "other/1"}, "format", "cyber360-framework/1"),
        ({"code": "Not A Code"}, "code", "A code is wanted"),
        ({"version": "1.0"}, "version", "in quotes"),
        ({"language": "fr"}, "language", "Write one of"),
        ({"scale": "[]"}, "scale", "at least 5"),
        ({"scale": "many"}, "scale", "A list"),
        ({"outcomes": "[{code: value, title: A}, {code: value, title: B}]"}, "outcomes[2].code", "already"),
    ],
)
def test_each_fault_of_the_head(head, path, words):
    data = text(**head) if "version" not in head else text().replace('version: "1.0"', "version: 1.0")
    problems = found(data.encode())
    assert problems[0][1] == path
    assert words in problems[0][2]


def test_duplicate_themes_and_scale_levels():
    twice = text() + text().split("themes:\n")[1].replace("T1.", "T2.")
    assert {(path, "already" in words) for _line, path, words in found(twice.encode())} == {
        ("themes[2].code", True),
        ("themes[2].title", True),
    }
    scale = text().replace("level: 4, word: Word 4", "level: 3, word: Word 3")
    assert [path for _line, path, _words in found(scale.encode())] == ["scale[5].level", "scale[5].word"]


@pytest.mark.parametrize("data", [b"[]", b"7", b"text", b"{}", b"null", b"true", b"a: 1"])
def test_a_file_of_another_kind_is_refused(data):
    assert check(data, caf=CAF).document is None
    assert found(data) != []


# No deadline: other work on the machine would decide.
@hypothesis(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_raise(data):
    assert check(data, caf=CAF).document is None


# --- writing -------------------------------------------------------------------------------------------
def test_written_text_reads_back_equal():
    document = check(raw(), caf=CAF).document
    assert check(to_yaml(document).encode(), caf=CAF).document == document


awkward = st.one_of(
    st.text(
        st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc", "Cn"]),
        min_size=1,
        max_size=200,
    ),
    st.lists(
        st.sampled_from(["no", "1.0", "- a", "# b", ": c", "  indented", "&a", "*a", "!t", "'", '"', "%", "", "~"]),
        min_size=1,
    ).map("\n".join),
).filter(lambda words: words.strip())


@hypothesis(deadline=None)
@given(awkward, awkward)
def test_any_text_survives_writing_and_reading(wording, prompt):
    document = check(raw(), caf=CAF).document.model_copy(deep=True)
    first = document.themes[0].questions[0]
    first.question, first.levels.level_3 = wording.strip(), prompt.strip()
    back = check(to_yaml(document).encode(), caf=CAF)
    assert back.problems == []
    assert back.document == document


# --- the published schema and the shipped set -------------------------------------------------------------
def test_the_published_schema_is_the_one_in_force():
    assert (FIXTURES / "frameworks" / "framework.schema.json").read_text(encoding="utf-8") == json_schema()


def test_the_schema_itself_accepts_and_refuses():
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = check(raw(), caf=CAF).document.model_dump(mode="json", by_alias=True)
    assert validator.is_valid(good)
    del good["themes"][0]["questions"][0]["levels"]["3"]
    assert not validator.is_valid(good)


def test_the_kinds_of_evidence_agree_with_the_models():
    assert set(Evidence.model_json_schema()["properties"]["kind"]["enum"]) == set(EvidenceKind.values)


def caf_of_file() -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for row in read_caf((FIXTURES / "caf" / "caf.csv").read_text(encoding="utf-8")):
        codes.setdefault(row.version, set()).add(row.code)
    return codes


def test_the_reference_lists_are_whole():
    codes = caf_of_file()
    assert {version: len(ids) for version, ids in codes.items()} == {"3.2": 39, "4.0": 41}
    assert codes["4.0"] - codes["3.2"] == {"A2.c", "A4.b", "C1.f"}
    assert codes["3.2"] - codes["4.0"] == {"C2.b"}


@pytest.mark.parametrize("bad", ["version,code\n", "{head}\n4.0,A1.a,,A1,G,A,M\n", "{head}\n4.0,A1.a,T,B1,G,A,M\n"])
def test_a_broken_reference_list_is_refused(bad):
    head = "version,code,title,principle,principle_title,objective,objective_title"
    with pytest.raises(ValueError, match="line"):
        read_caf(bad.replace("{head}", head))


def test_the_shipped_set_is_valid_and_survives_export():
    data = (FIXTURES / "frameworks" / "cyber360-example-1.0.yaml").read_bytes()
    checked = check(data, caf=caf_of_file())
    assert checked.problems == []
    assert checked.document.model_dump() == Document.model_validate(_as_text_keys(yaml.safe_load(data))).model_dump()
    assert check(to_yaml(checked.document).encode(), caf=caf_of_file()).document == checked.document


def _as_text_keys(value):
    if isinstance(value, dict):
        return {str(key): _as_text_keys(item) for key, item in value.items()}
    return [_as_text_keys(item) for item in value] if isinstance(value, list) else value


# --- comparing ------------------------------------------------------------------------------------------
def test_compare_names_what_was_added_removed_and_changed():
    old = check(raw(), caf=CAF).document
    data = text(
        "1.1",
        question("T1.1", question="Something else?", levels="{0: a, 1: One, 2: Two, 3: Three, 4: Four}")
        + question("T1.3"),
    )
    changes = compare(old, check(data.encode(), caf=CAF).document)
    assert (changes["scale"], changes["themes"]) == ([], [])
    assert [(row.kind, row.code) for row in changes["questions"]] == [
        ("changed", "T1.1"),
        ("added", "T1.3"),
        ("removed", "T1.2"),
    ]
    assert changes["questions"][0].fields == (
        ("Question", "What happens in T1.1?", "Something else?"),
        ("Level 0", "None seen", "a"),
    )
    assert not any(compare(old, old).values())
