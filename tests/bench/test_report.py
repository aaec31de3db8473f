"""The one form in which all benchmarks report."""

import json

import pytest
from bench._report import Figure, machine, report


@pytest.mark.parametrize(
    ("value", "goal", "met"),
    [(150, ">= 150", True), (149.9, ">= 150", False), (2.0, "<= 2.0", True), (2.1, "<= 2.0", False), (7, "", True)],
)
def test_a_goal_is_met_or_not(value: float, goal: str, met: bool) -> None:
    assert Figure("pages", value, "pages/s", goal).met is met


def test_a_goal_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="does not begin with >= or <="):
        Figure("pages", 1, "pages/s", "< 2")


def test_json_is_one_object(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["bench.py", "--quick", "--json"])
    report("rating", [Figure("one bill", 12.5, "us", "<= 50")])
    assert json.loads(capsys.readouterr().out) == {
        "bench": "rating",
        "machine": machine(),
        "figures": [{"name": "one bill", "value": 12.5, "unit": "us", "goal": "<= 50", "met": True}],
    }


def test_a_missed_goal_is_said_in_words(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["bench.py"])
    report("rating", [Figure("one bill", 90, "us", "<= 50")])
    assert "NOT MET" in capsys.readouterr().out
