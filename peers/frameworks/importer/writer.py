"""A document to YAML that reads back equal, in the order and style of the files people edit."""

from typing import Any

import yaml

from peers.frameworks.importer.schema import Document, Question


class Long(str):
    """Text that is written folded over several lines."""

    __slots__ = ()


class Writer(yaml.SafeDumper):
    """Indents lists under their name, as an editor would."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class Inline(list):  # type: ignore[type-arg]
    """A short list that is written on one line: [A1.a, A1.b]."""


def _represent_long(writer: yaml.SafeDumper, text: Long) -> yaml.Node:
    # Folding cannot keep line breaks next to indented lines; quotes can keep everything.
    style = ">" if "\n" not in text else None
    return writer.represent_scalar("tag:yaml.org,2002:str", str(text), style=style)


Writer.add_representer(Long, _represent_long)
Writer.add_representer(
    Inline, lambda writer, rows: writer.represent_sequence("tag:yaml.org,2002:seq", rows, flow_style=True)
)


def to_yaml(document: Document) -> str:
    return yaml.dump(
        _plain(document), Dumper=Writer, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
    )


def _plain(document: Document) -> dict[str, Any]:
    head = document.model_dump(include={"format", "code", "title", "version", "language"})
    prose = {name: Long(text) for name in ("about", "credit") if (text := getattr(document, name))}
    return {
        **head,
        **prose,
        "scale": [{"level": row.level, "word": row.word, "meaning": Long(row.meaning)} for row in document.scale],
        **({"outcomes": [row.model_dump() for row in document.outcomes]} if document.outcomes else {}),
        "themes": [
            {
                "code": theme.code,
                "title": theme.title,
                "purpose": Long(theme.purpose),
                "questions": [_question(question) for question in theme.questions],
            }
            for theme in document.themes
        ],
    }


def _question(question: Question) -> dict[str, Any]:
    rows: dict[str, Any] = {"code": question.code, "title": question.title, "question": Long(question.question)}
    rows |= {name: Long(text) for name in ("why", "guidance") if (text := getattr(question, name))}
    if question.who:
        rows["who"] = list(question.who)
    rows["required"] = question.required
    rows["levels"] = {level: Long(text) for level, text in question.levels.by_level().items()}
    if question.evidence:
        rows["evidence"] = [
            {"prompt": row.prompt, **({"good": Long(row.good)} if row.good else {}), "kind": row.kind}
            for row in question.evidence
        ]
    if question.caf:
        rows["caf"] = {version: Inline(ids) for version, ids in question.caf.items()}
    if question.outcomes:
        rows["outcomes"] = Inline(question.outcomes)
    return rows
