"""An agreement on paper: HTML, PDF, and the PDF kept encrypted with what outlives the evidence."""

import hashlib

from django.template.loader import render_to_string

from cyber360.files import cipher
from cyber360.files.keys import key_for
from cyber360.files.models import State, StoredFile
from cyber360.files.storage import vault
from cyber360.ui.pdf import render_pdf

from .models import Agreement
from .rendering import to_html


def pdf_of(agreement: Agreement) -> bytes:
    """The tagged PDF of the text with its signature. Raises PdfFailure."""
    html = render_to_string("agreements/pdf.html", {"agreement": agreement, "text": to_html(agreement.body)})
    return render_pdf(html, title=f"{agreement.title}, {agreement.challenge.ref}")


def keep_pdf(agreement: Agreement, data: bytes) -> StoredFile:
    """The bytes as a stored file under the key of what outlives the evidence, in the caller's transaction."""
    scope = agreement.challenge.record_scope
    stored = StoredFile(
        scope=scope, name=f"{agreement.challenge.ref} {agreement.title}.pdf"[:150], media_type="application/pdf",
        extension="pdf", size=len(data), sha256=hashlib.sha256(data).hexdigest(), state=State.STORED,
    )  # fmt: skip
    lock = cipher.encryptor(key_for(scope), cipher.file_context(scope, stored.pk))
    with vault().write(stored.path) as out:
        out.write(lock.update(data))
        out.write(lock.finalize())
    stored.full_clean()
    stored.save(force_insert=True)
    return stored
