"""Real office files, made afresh: what a council uploads."""

from pathlib import Path

import docx
import openpyxl
import pikepdf


def word_paper(folder: Path, name: str = "Board paper.docx") -> Path:
    document = docx.Document()
    document.add_heading("Cyber culture: paper to the board", 1)
    document.add_paragraph("The board read this in March and asked for exercises with suppliers.")
    document.save(folder / name)
    return folder / name


def spreadsheet(folder: Path, name: str = "Training record.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Service", "People trained", "Of"])
    sheet.append(["Revenues", 41, 44])
    sheet.append(["Housing", 38, 61])
    book.save(folder / name)
    return folder / name


def pdf_minutes(folder: Path, name: str = "Minutes.pdf") -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.docinfo["/Title"] = "Minutes of the audit committee"
        pdf.save(folder / name)
    return folder / name
