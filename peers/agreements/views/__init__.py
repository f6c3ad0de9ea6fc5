from .documents import accept, agreement, agreement_list, issue, pdf, pdf_file, reissue, return_copy, sign, signed_copy
from .templates import template, template_edit, template_list, template_new, template_use

__all__ = [
    "accept", "agreement", "agreement_list", "issue", "pdf", "pdf_file", "reissue", "return_copy", "sign",
    "signed_copy", "template", "template_edit", "template_list", "template_new", "template_use",
]  # fmt: skip
