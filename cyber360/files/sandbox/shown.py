"""What of this machine's files a child in bubblewrap may see: the interpreter, its packages, the libraries they load.

The libraries are not listed by hand: the programs are loaded once without a document and say what the loader found.
A place where that set is not enough (an unusual build of Python) is shown the system's folders of libraries instead,
never its programs, its settings or anybody's data.
"""

import json
import logging
import os
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)

SECONDS = 30
FONTS = Path("/usr/share/fonts")  # PDFs name fonts that they do not hold
_LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib32", "/usr/lib64")
_LINKS = ("lib", "lib32", "lib64")


def interpreter() -> str:
    """The program behind the links of a virtual environment, so that nothing of the environment need be there."""
    return os.path.realpath(sys.executable)


def package_folders() -> list[str]:
    """Where the packages lie that the programs use; handed to the child, which reads no `.pth` file of theirs."""
    return [str(folder) for folder in map(Path, site.getsitepackages()) if folder.is_dir()]


def fixed_places() -> set[Path]:
    """The interpreter, its library and the packages: the names by which they are found, and what those lead to."""
    told = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), *package_folders()}
    folders = {folder for folder in told if Path(folder).is_dir()}
    places = {Path(place) for folder in folders for place in (folder, os.path.realpath(folder))}
    note = Path(interpreter()).parent.parent / "pyvenv.cfg"  # an environment with a copy of the interpreter
    return {*places, Path(interpreter()), *([note] if note.is_file() else [])}


def libraries_of(words: Iterable[str]) -> frozenset[Path]:
    """What the loader finds while `words` runs `needs`; empty when it does not answer."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and program
            list(words), input=b"{}\n", capture_output=True, env={}, timeout=SECONDS, check=True
        )
        told = [Path(os.path.normpath(str(name))) for name in json.loads(done.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.info("The programs for documents could not be loaded: %s", type(error).__name__)
        return frozenset()
    return frozenset(told)


def binds(places: Iterable[Path]) -> list[str]:
    """Bubblewrap's words that show these places. Our code and data are hidden where they lie inside one of them."""
    shown = set(places)
    ours = (Path(settings.BASE_DIR).resolve(), Path(settings.VAR_DIR).resolve())
    hidden = {place for place in ours if shown.intersection(place.parents)} - shown
    words: list[str] = []
    for place in sorted(shown | hidden):  # the outer folder first, so that what lies deeper is laid over it
        around = next((folder for folder in place.parents if folder in shown | hidden), None)
        if place in hidden:
            words += ["--tmpfs", str(place)]
        elif around not in shown:  # each mount costs time, and what lies in a shown folder is shown with it
            words += ["--ro-bind", str(place), str(place)]
    return words


def system_words() -> list[str]:
    """The wider set: every shared library of the system."""
    words = [word for folder in _LIBRARY_FOLDERS if Path(folder).is_dir() for word in ("--ro-bind", folder, folder)]
    for place in (Path("/") / name for name in _LINKS):
        if place.is_symlink():
            words += ["--symlink", str(place.readlink()), str(place)]
        elif place.exists():
            words += ["--ro-bind", str(place), str(place)]
    return words
