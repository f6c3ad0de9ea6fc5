from .checking import fact, fact_add, facts
from .files import annex, annex_pdf, draft_pdf, issued_html, issued_pdf, pdf
from .reading import preview, report
from .templates import (
    template,
    template_list,
    template_new,
    template_section,
    template_section_add,
    template_section_remove,
    template_use,
)
from .writing import reword, section, section_save, settings, sign_off

__all__ = [
    "annex", "annex_pdf", "draft_pdf", "fact", "fact_add", "facts", "issued_html", "issued_pdf", "pdf", "preview",
    "report", "reword", "section", "section_save", "settings", "sign_off", "template", "template_list", "template_new",
    "template_section", "template_section_add", "template_section_remove", "template_use",
]  # fmt: skip
