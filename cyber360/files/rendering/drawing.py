"""Draws words across a picture. Loaded only when asked for, because it brings Pillow along."""

import io
import math
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# Pillow's own font knows little more than English; a machine that makes reports has Liberation Sans.
_FONTS = (
    "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/liberation/LiberationSans-Regular.ttf",
)
_DEGREES = 30
_OPACITY = 80  # of 255: stands out on white and on a photograph, and lets small print through
_EDGE = 60  # opacity of the light edge that keeps the words legible on dark ground
_DARK, _LIGHT = 80, 255


def draw(png: bytes, lines: list[str]) -> bytes:
    """A new PNG with the lines drawn across, again and again."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as given:
        picture = given.convert("L" if given.mode == "L" else "RGB")
    ink, where = _overlay(tuple(lines), picture.size)
    picture.paste(ink if picture.mode == "L" else ink.convert("RGB"), mask=where)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


@lru_cache(maxsize=2)
def _overlay(lines: tuple[str, ...], size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """The greys to put on a page of this size and how strongly, point by point; the pages of a document share them."""
    letters, edges = _blocks(lines, max(14, max(size) // 60))
    across, down = letters.width, letters.height
    ink, where = Image.new("L", size), Image.new("L", size)
    for row, top in enumerate(range(-down // 3, size[1], max(1, round(down * 0.8)))):
        for left in range(-across // 2 if row % 2 else -across // 8, size[0], max(1, round(across * 0.9))):
            for block, grey, opacity in ((edges, _LIGHT, _EDGE), (letters, _DARK, _OPACITY)):
                ink.paste(grey, (left, top), block)
                where.paste(opacity, (left, top), block)
    return ink, where


def _blocks(lines: tuple[str, ...], height: int) -> tuple[Image.Image, Image.Image]:
    """The lines once, turned: the letters, and the same a little thicker."""
    font, text = _font(height)
    words = "\n".join(line if text else _plain(line) for line in lines)
    measure = ImageDraw.Draw(Image.new("L", (1, 1)))
    box = measure.multiline_textbbox((0, 0), words, font=font, spacing=height // 3, stroke_width=1)
    size = (math.ceil(box[2] - box[0]) + height, math.ceil(box[3] - box[1]) + height)
    made = []
    for stroke in (0, 2):
        flat = Image.new("L", size)
        place = (height / 2 - box[0], height / 2 - box[1])
        ImageDraw.Draw(flat).multiline_text(place, words, fill=255, font=font, spacing=height // 3, stroke_width=stroke)
        made.append(flat.rotate(_DEGREES, resample=Image.Resampling.BICUBIC, expand=True))
    return made[0], made[1]


@lru_cache(maxsize=8)
def _font(height: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, bool]:
    """The font, and whether it has more than plain letters."""
    for name in _FONTS:
        if Path(name).exists():
            return ImageFont.truetype(name, height), True
    return ImageFont.load_default(height), False


def _plain(line: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", line) if not unicodedata.combining(c))
