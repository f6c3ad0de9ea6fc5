"""Mends what WeasyPrint 70 leaves open in a tagged PDF. Says nothing about conformance: no validator is at hand.

1. TH cells get a Scope: Column in a table head, Row in its body.
2. Running headers and footers, whose marks hang outside the structure tree, become pagination artifacts.
3. Link annotations get the Print flag.
4. Title and language are the ones handed in; the title is shown in the window.
"""

import io
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Pdf, String

PRINT_FLAG = 4
Found = set[tuple[tuple[int, int], int]]


def mend(document: BinaryIO, *, title: str, lang: str) -> bytes:
    """The PDF with mended tags; the same input gives the same bytes."""
    with pikepdf.open(document) as pdf:
        found: Found = set()
        if "/StructTreeRoot" in pdf.Root:
            for element in _elements(pdf.Root.StructTreeRoot.get("/K"), found, None):
                if element.get("/S") == Name.TH:
                    _set_scope(element)
            for page in pdf.pages:
                _mark_artifacts(pdf, page, found)
        for page in pdf.pages:
            for note in page.get("/Annots", []):
                if note.get("/Subtype") == Name.Link:
                    note.F = int(note.get("/F", 0)) | PRINT_FLAG
        _name(pdf, title, lang)
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _elements(kids: object, found: Found, page: object) -> Iterator[Dictionary]:
    """Every structure element under `kids`, in reading order; fills `found` with (page, mark) of reachable content."""
    stack = [(kids, page)]
    while stack:
        item, page = stack.pop()
        if isinstance(item, Array):
            stack += [(kid, page) for kid in reversed(list(item))]
        elif isinstance(item, int):
            found.add((page.objgen, int(item)))
        elif isinstance(item, Dictionary):
            here = item.get("/Pg", page)
            if item.get("/Type") == Name.MCR:
                found.add((here.objgen, int(item.MCID)))
            elif item.get("/Type") != Name.OBJR:
                yield item
                stack.append((item.get("/K"), here))


def _set_scope(cell: Dictionary) -> None:
    """Column under a THead; Row elsewhere, and Column for a whole row of TH in a table without a head."""
    row = cell.get("/P", Dictionary())
    section = row.get("/P", Dictionary()).get("/S")
    kids = row.get("/K", [])
    cells = [kid for kid in (kids if isinstance(kids, Array) else [kids]) if isinstance(kid, Dictionary)]
    all_heads = len(cells) > 1 and all(kid.get("/S") == Name.TH for kid in cells)
    scope = Name.Column if section == Name.THead or all_heads else Name.Row
    attributes = cell.get("/A", Dictionary(O=Name.Table))
    if isinstance(attributes, Array):
        table = next(
            (item for item in attributes if isinstance(item, Dictionary) and item.get("/O") == Name.Table), None
        )
        if table is None:
            table = Dictionary(O=Name.Table)
            attributes.append(table)
        table.Scope = scope
    else:
        attributes.Scope = scope
    cell.A = attributes


def _mark_artifacts(pdf: Pdf, page: pikepdf.Page, found: Found) -> None:
    """Rewrites the page's marks that no structure element reaches, and forgets them in the parent tree."""
    lost, out = set(), []
    for operands, operator in pikepdf.parse_content_stream(page):
        if operator == Operator("BDC") and len(operands) == 2 and isinstance(operands[1], Dictionary):
            mark = operands[1].get("/MCID")
            if mark is not None and (page.objgen, int(mark)) not in found:
                lost.add(int(mark))
                operands = [Name.Artifact, Dictionary(Type=Name.Pagination)]
        out.append((operands, operator))
    if not lost:
        return
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(out))
    owners = _owners(pdf.Root.StructTreeRoot.get("/ParentTree"), page.get("/StructParents"))
    for mark in lost if owners is not None else ():
        if mark < len(owners):
            owners[mark] = None


def _owners(tree: Dictionary | None, key: object) -> Array | None:
    """The parent tree's list for one page: who owns which mark."""
    if tree is None or key is None:
        return None
    pairs = list(tree.get("/Nums", []))
    for number, value in zip(pairs[::2], pairs[1::2], strict=False):
        if int(number) == int(key) and isinstance(value, Array):
            return value
    return None


def _name(pdf: Pdf, title: str, lang: str) -> None:
    pdf.Root.Lang = String(lang)
    preferences = pdf.Root.get("/ViewerPreferences", Dictionary())
    preferences.DisplayDocTitle = True
    pdf.Root.ViewerPreferences = preferences
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["dc:title"] = title
    pdf.docinfo["/Title"] = title
