"""`make run`: prepare the data, then web server and queue worker under this one parent. `reset`: remove the data.

Environment: `BIND` (127.0.0.1), `PORT` (8000), `DEMO` (1), `VAR_DIR` (var), `SITE_URL`, and what settings.py reads.
Ends with 0 after Ctrl-C or SIGTERM, with 1 when the web server cannot start or dies.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

from prepare import ROOT, manage, prepare

STARTS_WITHIN = 60  # seconds for the first answer of /healthz
STOPS_WITHIN = 25  # seconds between a polite signal and the last one
WORKER_PAUSE = 2  # seconds before a dead queue worker is started again; doubled up to a minute while it keeps dying
WEB_WORKERS = 2
WEB_THREADS = 4


def set_defaults() -> tuple[str, int, Path]:
    """Fill in the environment that the children inherit. Returns address, port and the folder of the data."""
    values = os.environ
    values.setdefault("DJANGO_SETTINGS_MODULE", "cyber360.settings")
    values.setdefault("DEMO", "1")
    bind, port = values.setdefault("BIND", "127.0.0.1"), values.setdefault("PORT", "8000")
    if not (port.isdigit() and 0 < int(port) < 65536):
        sys.exit(f"PORT must be a number from 1 to 65535, not {port!r}.")
    var_dir = Path(values.setdefault("VAR_DIR", str(ROOT / "var"))).resolve()
    values["VAR_DIR"] = str(var_dir)
    values.setdefault("SITE_URL", f"http://{local_name(bind)}:{port}")
    if is_demo():
        values.setdefault("LOG_LEVEL", "WARNING")
        values.setdefault("EMAIL_URL", f"filemail:///{quote(str(var_dir / 'mail'))}")
    return bind, int(port), var_dir


def is_demo() -> bool:
    return os.environ["DEMO"].lower() in ("1", "true", "yes", "on")


def local_name(bind: str) -> str:
    """The host by which this machine itself reaches what listens on `bind`."""
    if bind in ("0.0.0.0", "::"):  # noqa: S104  (a comparison, not a bind)
        return "127.0.0.1"
    return f"[{bind}]" if ":" in bind else bind


def refuse_taken_port(bind: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            sys.exit(f"Cannot listen on {bind}:{port}: {error.strerror}. Choose another: make run PORT={port + 1}")


def hold(var_dir: Path) -> int:
    """Take the data folder for this process; the lock goes when the process does. Returns the open file."""
    var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):  # a folder of somebody else's, lent to us
        var_dir.chmod(0o700)
    handle = os.open(var_dir / "running.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        where = (var_dir / "running.lock").read_text().strip()
        sys.exit(f"Already running on the data in {var_dir}: {where}\nStop that first, or set VAR_DIR.")
    os.truncate(handle, 0)
    os.write(handle, os.environ.get("SITE_URL", "").encode())
    return handle


# --- the children ---------------------------------------------------------------------------------
def die_with_parent() -> None:
    """In the child: ask Linux for a SIGTERM should the parent be killed without a chance to say so."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)


def start(command: list[str]) -> subprocess.Popen:
    """A child in a process group of its own, so that Ctrl-C reaches it only through us."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=die_with_parent)


def web_command(bind: str, port: int) -> list[str]:
    host = f"[{bind}]" if ":" in bind else bind
    sizes = ["--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)]
    logs = ["--log-level", os.environ.get("WEB_LOG_LEVEL", "warning")]
    # Preloaded: the code is read once and its memory shared by the workers.
    fixed = [
        "--worker-class",
        "gthread",
        "--preload",
        "--no-control-socket",
        "--graceful-timeout",
        "10",
        "--keep-alive",
        "5",
    ]
    own = [sys.executable, "-m", "gunicorn", "cyber360.wsgi:application", "--bind", f"{host}:{port}"]
    return [*own, *sizes, *fixed, *logs]


def stop(children: list[subprocess.Popen]) -> None:
    """Ask every child to end, wait, then end whatever is left of its process group."""
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
    deadline = time.monotonic() + STOPS_WITHIN
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
    for child in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def answers(address: str, path: str) -> int | None:
    """The status of a page of ours; None when nothing answers in time."""
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=5) as reply:  # noqa: S310  (our own address)
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


class Supervisor:
    """Web server and queue worker: starts both, restarts the worker, ends both."""

    def __init__(self, bind: str, port: int) -> None:
        self.address = f"http://{local_name(bind)}:{port}"
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)
        self.web = start(web_command(bind, port))
        self.worker: subprocess.Popen | None = None
        self.pause, self.worker_since = WORKER_PAUSE, time.monotonic()

    def ask_to_stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def wait_for_web(self) -> bool:
        """True as soon as /healthz answers; False when the server died or never answered."""
        deadline = time.monotonic() + STARTS_WITHIN
        while not self.stopping and time.monotonic() < deadline and self.web.poll() is None:
            if answers(self.address, "/healthz") is not None:
                return True
            time.sleep(0.1)
        return False

    def start_worker(self) -> None:
        """Once the page is up: on a small machine each waits for the other's start."""
        self.worker, self.worker_since = start(manage("run_worker")), time.monotonic()

    def restart_worker(self) -> None:
        """The worker's own watch ended; the queue's workers it has already ended itself."""
        lived = time.monotonic() - self.worker_since
        self.pause = WORKER_PAUSE if lived > 60 else min(60, self.pause * 2)
        print(
            f"The queue worker ended with {self.worker.returncode}; starting it again in {self.pause} s.",
            file=sys.stderr,
            flush=True,
        )
        stop([self.worker])
        until = time.monotonic() + self.pause
        while not self.stopping and time.monotonic() < until:
            time.sleep(0.2)
        if not self.stopping:
            self.start_worker()

    def watch(self) -> int:
        """Until asked to stop (0) or the web server dies (1)."""
        self.start_worker()
        while not self.stopping:
            if (code := self.web.poll()) is not None:
                print(f"The web server ended with {code}.", file=sys.stderr)
                return 1
            if self.worker.poll() is not None:
                self.restart_worker()
            time.sleep(0.2)
        return 0

    def close(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop([child for child in (self.web, self.worker) if child])


def run() -> int:
    begun = time.monotonic()
    os.umask(0o077)  # the children inherit it: database and mails are read by this user only
    bind, port, var_dir = set_defaults()
    handle = hold(var_dir)
    refuse_taken_port(bind, port)
    if not prepare(var_dir, is_demo()):
        return 1
    supervisor = Supervisor(bind, port)
    try:
        if not supervisor.wait_for_web():
            if not supervisor.stopping:
                print("The web server did not start; the lines above say why.", file=sys.stderr)
            return 0 if supervisor.stopping else 1
        announce(supervisor.address, var_dir, time.monotonic() - begun)
        return supervisor.watch()
    finally:
        supervisor.close()
        os.close(handle)
        print("\nStopped.", flush=True)


def announce(address: str, var_dir: Path, seconds: float) -> None:
    print(f"\nCyber 360 is at {os.environ['SITE_URL']} (started in {seconds:.1f} s)", flush=True)
    if is_demo():
        print(f"This is a demo: anyone who can reach it may sign in as anyone. Its mail is in {var_dir / 'mail'}.")
        sys.stdout.flush()
        subprocess.run(manage("demo_people"), cwd=ROOT)
    print("Ctrl-C stops it. The data stays; `make reset` removes it.", flush=True)


def reset() -> int:
    """Remove everything that a run has made. Refuses while one is running."""
    _, _, var_dir = set_defaults()
    if not var_dir.is_dir():
        print(f"Nothing to remove: {var_dir} does not exist.")
        return 0
    if not any((var_dir / name).exists() for name in ("prepared.json", "running.lock", "secrets")):
        sys.exit(f"{var_dir} does not look like a data folder of Cyber 360; nothing was removed.")
    handle = hold(var_dir)
    for path in sorted(var_dir.iterdir()):
        print(f"removing {path}")
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    os.close(handle)
    return 0


def interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)  # until the supervisor takes it over
    try:
        sys.exit(reset() if sys.argv[1:] == ["reset"] else run())
    except KeyboardInterrupt:
        sys.exit("\nStopped before it was ready; the next run goes on from here.")
