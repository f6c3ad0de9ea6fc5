"""`make check` runs everything that is asked for and says what failed."""

import sys

import pytest

from tools import check


@pytest.fixture
def checks(monkeypatch):
    monkeypatch.setattr(
        check,
        "CHECKS",
        {
            "good": [sys.executable, "-c", "print('quiet')"],
            "bad": [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"],
            "slow": [sys.executable, "-c", "import time; time.sleep(60)"],
        },
    )
    monkeypatch.setattr(check, "SLOWEST", 1)


def test_one_failure_does_not_hide_the_others(checks, capsys):
    assert check.main(["bad", "good", "slow"]) == 1
    said = capsys.readouterr().out
    assert "ok      good" in said
    assert "quiet" not in said
    assert "the reason" in said
    assert "slow: not done in 1 s" in said
    assert "1 checks passed, 2 failed" in said


def test_all_good(checks):
    assert check.main(["good"]) == 0


def test_only_the_deployment_check_starts_as_production_does(monkeypatch):
    monkeypatch.setenv("DEMO", "1")
    assert environment("types")["TESTING"] == "1"
    production = environment("deployment")
    assert {"DEMO", "DEBUG", "TESTING"} & set(production) == set()
    assert production["ALLOWED_HOSTS"] == "cyber360.example.org"


def environment(name):
    return check.environment(name, "/tmp")
