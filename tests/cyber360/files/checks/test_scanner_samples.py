"""The harmless samples by which scanners are tested (Debian's clamav-testfiles): none is accepted under any name."""

import io
from pathlib import Path

import pytest

from cyber360.exceptions import BadInput
from cyber360.files.checks import TYPES, check_content, refuse_extension

FOLDER = Path("/usr/share/clamav-testfiles")
SAMPLES = sorted(place.name for place in FOLDER.glob("*") if place.is_file()) if FOLDER.is_dir() else []
with_samples = pytest.mark.skipif(not SAMPLES, reason="no samples here: apt-get install clamav-testfiles")


@pytest.mark.installed
@with_samples
@pytest.mark.parametrize("sample", SAMPLES or ["none"])
def test_a_sample_is_refused_as_whatever_it_is_sent(sample):
    data = (FOLDER / sample).read_bytes()
    for extension in TYPES:
        with pytest.raises(BadInput):
            check_content(f"plan.{extension}", io.BytesIO(data))


@pytest.mark.installed
@with_samples
def test_under_their_own_names_all_but_the_pdf_are_refused_unread():
    accepted = []
    for sample in SAMPLES:
        try:
            refuse_extension(sample)
        except BadInput:
            continue
        accepted.append(sample)
    assert accepted == ["clam.pdf"]
