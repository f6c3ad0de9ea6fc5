"""The process that makes one PDF and ends: `python -m cyber360.ui.pdf_child`. Reads `pdf._message`, writes the PDF.

Imports neither Django nor its settings.
"""

import contextlib
import gc
import io
import json
import logging
import mimetypes
import os
import resource
import sys
from pathlib import Path
from typing import Any

OUT_OF_MEMORY = 3
NICE = 10  # whoever waits for a page goes before a document that shows its progress
PACKAGED = Path(__file__).resolve().parent / "pdf_assets"


def main() -> int:
    source, target = sys.stdin.buffer, sys.stdout.buffer
    head = json.loads(source.readline())
    resource.setrlimit(resource.RLIMIT_CPU, (head["cpu"], head["cpu"] + 5))
    resource.setrlimit(resource.RLIMIT_AS, (head["memory"], head["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICE)
    html = source.read(head["html"]).decode()
    assets = {name: source.read(length) for name, length in head["assets"]}
    try:
        # What libraries print must not get into the PDF.
        with contextlib.redirect_stdout(sys.stderr):
            document = render(html, assets, head["title"], head["lang"])
    except MemoryError:
        return OUT_OF_MEMORY
    target.write(document)
    target.flush()
    return 0


def render(html: str, assets: dict[str, bytes], title: str, lang: str) -> bytes:
    """WeasyPrint's PDF with mended tags. Imported here, so that the limits hold for the imports as well."""
    import weasyprint  # noqa: PLC0415

    from cyber360.ui.pdf_tags import mend  # noqa: PLC0415

    logging.getLogger("weasyprint").addHandler(logging.StreamHandler(sys.stderr))
    # One document and exit: what is alive now stays, so the collector need not look at it again (a fifth faster).
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    page = weasyprint.HTML(string=html, base_url="asset:", url_fetcher=_fetcher(assets))
    # The identifier is the document's own: pikepdf writes one from the content.
    raw = page.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"cyber360", presentational_hints=True)
    return mend(io.BytesIO(raw), title=title, lang=lang)


def _fetcher(assets: dict[str, bytes]) -> Any:
    """Answers `asset:` and `package:` alone; every other address is refused and its picture left out."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class Fetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            scheme, _colon, name = url.partition(":")
            name = name.lstrip("/")
            if scheme == "asset" and name in assets:
                data = assets[name]
            elif scheme == "package" and (PACKAGED / name).parent == PACKAGED and (PACKAGED / name).is_file():
                data = (PACKAGED / name).read_bytes()
            elif url.startswith("data:image/"):
                return super().fetch(url, headers)
            else:
                raise ValueError(f"Not an asset of this document: {url[:80]}")
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, data, {"Content-Type": kind})

    return Fetcher(allowed_protocols={"data"}, allow_redirects=False)


if __name__ == "__main__":
    sys.exit(main())
