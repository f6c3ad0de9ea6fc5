"""Is a PDF or picture what it says, and free of active content? `{"refusal": word, "notes": [words]}` as JSON.

`checks/child.py` has the sentences.
"""

import io
import json

import pikepdf
from PIL import Image, UnidentifiedImageError

OBJECTS = 200_000
VALUES = 4_000_000
PIXELS = 40_000_000
_END = 2048  # bytes in which readers look for the last words
ACTIONS = 1000  # that run one after the other by themselves
_ACTIONS = {"/JavaScript": "javascript", "/Launch": "launch", "/Rendition": "javascript", "/ImportData": "launch",
            "/SubmitForm": "launch", "/GoToR": "launch", "/GoToE": "launch"}  # fmt: skip
_KEYS = {"/JS": "javascript", "/EmbeddedFiles": "embedded", "/EF": "embedded", "/RichMediaContent": "embedded"}


class Refusal(Exception):
    """One word for what is wrong."""


def check_pdf(data: bytes) -> list[str]:
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if len(pdf.objects) > OBJECTS:
                raise Refusal("objects")
            for thing in pdf.objects:
                _refuse_active(thing)
            _refuse_active(pdf.trailer)
            if not len(pdf.pages):
                raise Refusal("cut")
            notes = ["form"] if "/AcroForm" in pdf.Root and "/XFA" in pdf.Root.AcroForm else []
            if pdf.is_encrypted:
                notes.append("owner")
            return [*notes, "repaired"] if _is_repaired(pdf, data) else notes
    except pikepdf.PasswordError as error:
        raise Refusal("password") from error
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal("cut") from error


def _is_repaired(pdf: pikepdf.Pdf, data: bytes) -> bool:
    """Whether its table of objects had to be made anew, as after a line that was broken or bytes that were added.

    Where the last words are lost, and the trailer before them, which has a size, it was cut off: what is left may look
    whole and lack most of its pages' content, and other readers do not open it. Raises Refusal.
    """
    if not any("reconstruct" in str(warning) for warning in pdf.get_warnings()):
        return False
    if "/Size" not in pdf.trailer and b"%%EOF" not in data[-_END:]:
        raise Refusal("cut")
    return True


def _refuse_active(thing) -> None:
    """Look through one indirect object; what it refers to is looked at on its own turn."""
    waiting, seen = [thing], 0
    while waiting:
        thing = waiting.pop()
        seen += 1
        if seen > VALUES:
            raise Refusal("objects")
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            waiting += _parts_of(thing)
        elif isinstance(thing, pikepdf.Array):
            waiting += [part for part in thing if _is_direct(part)]


def _parts_of(thing) -> list:
    if (action := thing.get("/S")) is not None and str(action) in _ACTIONS:
        raise Refusal(_ACTIONS[str(action)])
    parts = []
    for key, part in thing.items():
        if key in _KEYS:
            raise Refusal(_KEYS[key])
        if key == "/OpenAction":
            _refuse_opening([part])
        elif key == "/AA" and isinstance(part, pikepdf.Dictionary):
            _refuse_opening([action for _event, action in part.items()])
        if _is_direct(part):
            parts.append(part)
    return parts


def _refuse_opening(actions: list) -> None:
    """A link waits for a click; what runs by itself, or is run by that, must not open an address."""
    seen = 0
    while actions:
        action = actions.pop()
        seen += 1
        if seen > ACTIONS:
            raise Refusal("objects")
        if isinstance(action, pikepdf.Array):
            actions += list(action)
        elif isinstance(action, pikepdf.Dictionary) and "/S" in action:
            if str(action["/S"]) == "/URI":
                raise Refusal("opens")
            actions += [action["/Next"]] if "/Next" in action else []


def _is_direct(part) -> bool:
    return isinstance(part, pikepdf.Object) and not part.is_indirect


def check_image(data: bytes, kind: str) -> list[str]:
    try:
        for step in ("verify", "load"):
            with Image.open(io.BytesIO(data), formats=[kind]) as picture:
                if picture.width * picture.height > PIXELS:
                    raise Refusal("pixels")
                if kind == "PNG" and getattr(picture, "is_animated", False):
                    raise Refusal("frames")
                getattr(picture, step)()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refusal("pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise Refusal("broken") from error
    return []


def main(data: bytes, options: dict) -> list[bytes]:
    kind = options["kind"]
    try:
        notes = check_pdf(data) if kind == "pdf" else check_image(data, {"png": "PNG", "jpg": "JPEG"}[kind])
    except Refusal as refusal:
        return [json.dumps({"refusal": str(refusal), "notes": []}).encode()]
    return [json.dumps({"refusal": "", "notes": notes}).encode()]
