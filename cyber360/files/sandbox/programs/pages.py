"""Pictures of pages: for each a length of four bytes (network order) and a PNG, at most `options["pages"]`.

The first four bytes are the number of pages that the document has.
"""

import io
import struct
import time
from collections.abc import Iterator

import pypdfium2
from PIL import Image, ImageOps

LONGEST = 1600  # points of the longer side
LARGEST_SCALE = 4.0
PIXELS = 40_000_000
# After that long no further page is begun: some pages are better than the end by a limit, which leaves none.
ENOUGH_CPU_SECONDS, ENOUGH_SECONDS = 14, 22
_FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG"}


def main(data: bytes, options: dict) -> Iterator[bytes]:
    if options["kind"] == "pdf":
        yield from _of_pdf(data, options["pages"])
    else:
        yield struct.pack("!L", 1)
        yield _framed(_of_picture(data, _FORMATS[options["kind"]]))


def _of_pdf(data: bytes, most: int) -> Iterator[bytes]:
    document = pypdfium2.PdfDocument(data)
    document.init_forms()
    yield struct.pack("!L", len(document))
    begun = time.monotonic()
    for number in range(min(len(document), most)):
        if number and (time.process_time() > ENOUGH_CPU_SECONDS or time.monotonic() - begun > ENOUGH_SECONDS):
            return
        page = document[number]
        longest = max(page.get_width(), page.get_height(), 1)
        bitmap = page.render(scale=min(LONGEST / longest, LARGEST_SCALE), rev_byteorder=True)
        picture = bitmap.to_pil().convert("RGB")
        bitmap.close()
        page.close()
        yield _framed(picture)


def _of_picture(data: bytes, kind: str) -> Image.Image:
    """Turned as its camera meant it, on white, and without a word of what was written beside the points."""
    Image.MAX_IMAGE_PIXELS = PIXELS
    with Image.open(io.BytesIO(data), formats=[kind]) as given:
        if given.width * given.height > PIXELS:
            raise ValueError("too large")
        given.draft("RGB", (LONGEST, LONGEST))
        picture = ImageOps.exif_transpose(given)
        assert picture is not None
        if picture.mode.startswith("I"):  # sixteen bits of grey, of which a page shows eight
            picture = picture.convert("I").point(lambda value: value / 256).convert("L")
        picture.thumbnail((LONGEST, LONGEST))
        if picture.mode in {"P", "PA", "LA", "La", "RGBa"} or "transparency" in picture.info:
            picture = picture.convert("RGBA")
        clean = Image.new("RGB", picture.size, "white")
        clean.paste(picture, mask=picture if picture.mode == "RGBA" else None)
        return clean


def _framed(picture: Image.Image) -> bytes:
    out, grey = io.BytesIO(), picture.convert("L")
    if grey.convert("RGB") == picture:  # a third of the points to pack, here and each time a mark is drawn on it
        picture = grey
    picture.save(out, "PNG", compress_level=3)
    return struct.pack("!L", out.tell()) + out.getvalue()
