"""A small valid questionnaire as text, for tests to bend."""

import textwrap

CAF = {"3.2": {"A1.a", "B6.a"}, "4.0": {"A1.a", "B6.a"}}


def question(code: str, **changes: str) -> str:
    rows = {
        "title": f"Title of {code}",
        "question": f"What happens in {code}?",
        "why": "Because.",
        "who": "[Chief executive]",
        "required": "true",
        "levels": "{0: None seen, 1: One, 2: Two, 3: Three, 4: Four}",
        "evidence": "[{prompt: Minutes, good: Dated, kind: minutes}]",
        "caf": '{"4.0": [A1.a], "3.2": [B6.a, A1.a]}',
        "outcomes": "[value, data]",
    } | changes
    return f"- code: {code}\n" + "".join(f"  {name}: {value}\n" for name, value in rows.items())


def text(version: str = "1.0", questions: str = "", **head: str) -> str:
    rows = {
        "format": "cyber360-framework/1",
        "code": "small-set",
        "title": "Small set",
        "version": f'"{version}"',
        "language": "en-GB",
        "about": "For tests.",
        "scale": "\n"
        + "".join(f"  - {{level: {n}, word: Word {n}, meaning: Meaning {n}}}\n" for n in range(5)).rstrip("\n"),
        "outcomes": "[{code: value, title: Value}, {code: data, title: Data}]",
    } | head
    body = "".join(f"{name}: {value}\n" for name, value in rows.items())
    inner = textwrap.indent(questions or question("T1.1") + question("T1.2"), "      ")
    return f"{body}themes:\n  - code: T1\n    title: First\n    purpose: To test.\n    questions:\n{inner}"


def raw(*args: str, **head: str) -> bytes:
    return text(*args, **head).encode()
