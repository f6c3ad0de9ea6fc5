"""A child program that does what a test says, on each rung that this machine has."""

import shutil

import pytest

from cyber360.files.sandbox import ladder, run

RUNGS = ["bwrap", "unshare", "limits"]
HOW_TO_HAVE = {
    "bwrap": "bubblewrap does not work here: apt-get install bubblewrap, and allow user namespaces",
    "unshare": "user namespaces are not allowed here",
    "limits": "this machine cannot start its own interpreter",
}


@pytest.fixture(scope="session")
def has_rung():
    return {kind: ladder.works(kind) for kind in RUNGS}


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A copy of the programs with a processor limit of one second, and one that runs the code in its options."""
    folder = tmp_path / "sandbox" / "programs"
    shutil.copytree(ladder.PROGRAMS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    confine = folder / "confine.py"
    text = confine.read_text()
    assert "\nCPU_SECONDS = 20\n" in text
    confine.write_text(text.replace("\nCPU_SECONDS = 20\n", "\nCPU_SECONDS = 1\n"))
    (folder / "told.py").write_text(
        "def main(data, options):\n"
        "    known = {'data': data, 'answer': b''}\n"
        "    exec(options['code'], known)\n"
        "    return known['answer'] if not isinstance(known['answer'], bytes) else [known['answer']]\n"
    )
    monkeypatch.setattr(ladder, "PROGRAMS", folder)
    monkeypatch.setattr(ladder, "_chosen", {})
    return folder


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.installed if name == "bwrap" else ()) for name in RUNGS])
def rung(request, has_rung, programs, settings):
    if not has_rung[request.param]:
        pytest.skip(HOW_TO_HAVE[request.param])
    settings.FILES_SANDBOX = request.param
    return request.param


@pytest.fixture
def told():
    """`told(code, data=b"")` -> what the code put into `answer`, in a child of its own."""

    def ask(code: str, data: bytes = b"", **more) -> bytes:
        return run("told", pieces=[data], size=len(data), options={"code": code}, **more)

    return ask
