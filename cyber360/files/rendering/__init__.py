"""What may be shown of a file in the page: its words, and pictures of its pages, made in the sandbox.

The original never reaches a browser by this way. What was made is kept encrypted under the file's scope and ends with
it. Rights and receipts are the caller's. Nothing here may be called inside a transaction: a child takes seconds.
"""

from .failures import NoPreview
from .kinds import preview_kind
from .marking import marked_pdf, marked_picture
from .pages import make_pages, page_count, page_picture, pages_in_document
from .words import words_are_cut, words_of, words_with_end

__all__ = [
    "NoPreview",
    "make_pages",
    "marked_pdf",
    "marked_picture",
    "page_count",
    "page_picture",
    "pages_in_document",
    "preview_kind",
    "words_are_cut",
    "words_of",
    "words_with_end",
]
