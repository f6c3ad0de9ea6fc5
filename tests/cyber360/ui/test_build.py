"""What the browser gets: no licensed font or crest, no map of a file that is not shipped, no address of a registry."""

import json
import re

import pytest
from django.conf import settings

BUILT = settings.BASE_DIR / "build" / "static" / "cyber360"
OWN = settings.BASE_DIR / "cyber360" / "ui" / "static" / "cyber360"


@pytest.mark.skipif(not BUILT.exists(), reason="run `npm run build` first")
def test_built_styles_have_nothing_of_gov_uk_itself():
    css = (BUILT / "govuk.css").read_text(encoding="utf-8")
    for unwanted in ("GDS Transport", "@font-face", "crest", "url(", "sourceMappingURL"):
        assert unwanted not in css
    assert "Liberation Sans" in css
    assert "sourceMappingURL" not in (BUILT / "govuk-frontend.min.js").read_text(encoding="utf-8")


def test_own_styles_and_scripts_fetch_nothing():
    for file in OWN.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text
        assert "@import" not in text


def test_lock_names_no_download_address():
    lock = json.loads((settings.BASE_DIR / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_brand_and_quiet_text_are_seven_to_one_on_white_and_tint():
    css = (OWN / "product.css").read_text(encoding="utf-8")
    tokens = dict(re.findall(r"--c360-([a-z-]+): (#[0-9a-f]{6})", css))
    for name in ("brand", "brand-dark", "quiet"):
        assert contrast(tokens[name], "#ffffff") >= 7
        assert contrast(tokens[name], tokens["tint"]) >= 7
