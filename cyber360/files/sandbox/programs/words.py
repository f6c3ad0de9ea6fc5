"""The words of one document as JSON: `{"pages": [text], "cut": bool}`, or `{"refusal": word}`."""

import json

from . import words_mail, words_office, words_open, words_pdf, words_text
from .collected import Collected, Enough

_READERS = {
    "pdf": words_pdf.read_pdf,
    "docx": words_office.read_docx,
    "xlsx": words_office.read_xlsx,
    "pptx": words_office.read_pptx,
    "odt": words_open.read_odt,
    "ods": words_open.read_ods,
    "odp": words_open.read_odp,
    "txt": words_text.read_text,
    "csv": words_text.read_text,
    "eml": words_mail.read_eml,
    "msg": words_mail.read_msg,
}
_FLOWING = {"docx", "odt", "txt", "csv", "eml", "msg"}


def main(data: bytes, options: dict) -> list[bytes]:
    words = Collected(flowing=options["kind"] in _FLOWING)
    try:
        _READERS[options["kind"]](data, words)
    except Enough:
        words.cut = True
    answer = {"pages": words.pages(), "cut": words.cut}
    return [json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")]
