"""The text that stands in a PDF; a scanned page has none."""

import pypdfium2

from .collected import PAGE, Collected


def read_pdf(data: bytes, words: Collected) -> None:
    with_pages = pypdfium2.PdfDocument(data)
    for number in range(len(with_pages)):
        if number:
            words.turn(even_if_empty=True)
        page = with_pages[number]
        text = page.get_textpage()
        words.add(text.get_text_range(0, min(text.count_chars(), PAGE)))
        text.close()
        page.close()
