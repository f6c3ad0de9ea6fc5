"""How strongly this machine can shut a child in: bubblewrap, else a namespace without network, else not at all.

The limits on memory, time and files, and the filter of system calls, hold on every rung: the child sets them itself
before it reads a byte (`programs/confine.py`). A rung adds what a process cannot take away from itself.
"""

import logging
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from . import shown

log = logging.getLogger(__name__)

PROGRAMS = Path(__file__).resolve().parent / "programs"
PROBE_SECONDS = 15
ASK_AGAIN_SECONDS = 60  # a machine that has just been given bubblewrap need not be started anew


class SandboxState(NamedTuple):
    """`kind` is bwrap, unshare, limits or missing; `sentence` is for the people who look after the installation."""

    kind: str
    sentence: str


class HealthLine(NamedTuple):
    """One line of the page about the installation's health; `colour` is one of the tags' colours."""

    title: str
    word: str
    colour: str
    sentence: str


def _sentences() -> dict[str, str]:
    return {
        "bwrap": _("Documents are read in a sandbox without network and without any other file."),
        "unshare": _(
            "Documents are read in a process without network that could still read other files of this machine. "
            "Install bubblewrap to shut it in fully."
        ),
        "limits": _(
            "Documents are read in a process with limits only, not in a sandbox. Never do this with real documents: "
            "install bubblewrap."
        ),
        "missing": _(
            "There is no sandbox on this machine, so PDFs and pictures are not taken and nothing is shown in the page. "
            "Install bubblewrap, or allow user namespaces."
        ),
    }


# --- what each rung puts in front of the interpreter ------------------------------------------------
_known: dict[str, frozenset[Path]] = {}


def bwrap_prefix() -> list[str]:
    """No network, no other process, and of the files only what `shown` says, for reading."""
    return _shut_in(_libraries())


def _shut_in(libraries: frozenset[Path]) -> list[str]:
    words = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    words += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    words += ["--ro-bind-try", str(shown.FONTS), str(shown.FONTS)]
    words += ["--dev-bind", "/dev/urandom", "/dev/urandom"]  # pikepdf opens no encrypted file without it
    words += [] if libraries else shown.system_words()
    words += shown.binds({PROGRAMS, *shown.fixed_places(), *libraries})
    return [_found("bwrap"), *words, "--remount-ro", "/", "--chdir", "/"]


def _libraries() -> frozenset[Path]:
    """Those that the programs load, tried in the sandbox; empty where more is needed. Found out once per process."""
    program = shown.interpreter()
    if program not in _known:
        found = shown.libraries_of(command("limits", "needs", 0))
        enough = bool(found and shown.libraries_of([*_shut_in(found), *_child("needs", 0)]))
        if not enough and not shown.libraries_of([*_shut_in(frozenset()), *_child("needs", 0)]):
            return frozenset()  # bubblewrap does not work at all, which somebody may mend
        if not enough:
            log.warning("The sandbox shows every library of the system: the programs need more than they name.")
        _known[program] = found if enough else frozenset()
    return _known[program]


def unshare_prefix() -> list[str]:
    """A user namespace of its own, so that no root is needed, and a network namespace with nothing in it.

    Nobody is mapped to root in it: the child holds no right even there.
    """
    return [_found("unshare"), "--user", "--net", "--ipc"]


def command(kind: str, program: str, size: int) -> list[str]:
    """What starts one of the programs on a rung, for a document of `size` bytes."""
    return [*PREFIXES[kind](), *_child(program, size)]


def _child(program: str, size: int) -> list[str]:
    return [*python(), str(PROGRAMS / "start.py"), program, str(size), *shown.package_folders()]


def python() -> list[str]:
    """The interpreter without the environment's variables, the user's packages and any `.pth` file."""
    return [shown.interpreter(), "-I", "-S", "-B"]


def _found(program: str) -> str:
    return shutil.which(program) or program


PREFIXES: dict[str, Callable[[], list[str]]] = {
    "bwrap": bwrap_prefix,
    "unshare": unshare_prefix,
    "limits": lambda: [],
}


# --- which one holds here ---------------------------------------------------------------------------
_chosen: dict[tuple[str, bool], tuple[str, float]] = {}


def rung() -> str:
    """The strongest rung that the setting allows and this machine has, else "missing"; asked once per process."""
    asked = (settings.FILES_SANDBOX, settings.PRODUCTION)
    kind, until = _chosen.get(asked, ("", 0.0))
    if until > time.monotonic():
        return kind
    kind = next((one for one in _allowed(*asked) if works(one)), "missing")
    log.log(logging.INFO if kind == "bwrap" else logging.WARNING, "Sandbox for documents: %s", kind)
    _chosen[asked] = (kind, time.monotonic() + ASK_AGAIN_SECONDS if kind == "missing" else float("inf"))
    return kind


def _allowed(wanted: str, production: bool) -> list[str]:
    if wanted != "auto":
        return [wanted] if wanted in PREFIXES else []
    return ["bwrap", "unshare"] if production else ["bwrap", "unshare", "limits"]


def works(kind: str) -> bool:
    """Starts the probe on this rung and has it answer."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and program
            command(kind, "probe", 0),
            input=b"{}\n",
            capture_output=True,
            env={},
            timeout=PROBE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout == b"ready"


def state() -> SandboxState:
    kind = rung()
    return SandboxState(kind, _sentences()[kind])


def health_line() -> HealthLine:
    kind, sentence = state()
    words = {
        "bwrap": (_("Shut in"), "green"),
        "unshare": (_("Partly shut in"), "yellow"),
        "limits": (_("Not shut in"), "red"),
        "missing": (_("Missing"), "red"),
    }
    return HealthLine(_("Sandbox for documents"), *words[kind], sentence)
