"""`check_text`: every fault of a book at once, each with its line; and no text that it stumbles over."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.rules.plan import FACT_NAMES, rate_with
from gridhall.tariffs.book import load_book, read_yaml, shipped_books
from gridhall.tariffs.bounds import WORST_MAX, worst_case
from gridhall.tariffs.checking import check_text, minutes_of_year
from gridhall.tariffs.compile import compile_version
from tests.rules.golden import FOLDER

TRIES = int(os.environ.get("GRIDHALL_TRIES", "300"))
BAD = """\
tariff: bad-book
name: bad
currency: CNY
source: x
for: {class: residential}
versions:
  - from: 2024-01-01
    until: 2024-12-31
    rounding: once per bill, half up, to 0.01
    seasons: {summer: 06-01..08-31, other: rest}
    energy:
      - price per kWh: {summer: 1, winter: 2}
      - price per kWh: [1, 2]
        blocks: {count: the month's kWh, limits: [200, 100]}
    fixed: [{price per month: 5}]
    taxes: [{per cent: 13, on: [nothing]}]
  - from: 2025-01-01
    rounding: per line
    energy: [{price per kWh: dear, colour: red}]
  - from: 2026-01-01
    rounding: once per bill, half up, to 0.01
    periods: {peak: "08:00-20:00", valley: "19:00-08:00"}
    energy: [{price per kWh: {peak: 1, valley: 2}}]
  - from: 2027-01-01
    rounding: once per bill, half up, to 0.01
    energy: [{price per kWh: 1}]
    examples: [{month: 2027-01, kWh: 10, bill: 99}]
"""


def test_every_fault_is_told_with_its_line() -> None:
    told = [(fault.line, fault.path, fault.what.split(":")[0]) for fault in check_text(BAD).faults]
    assert told == [
        (12, "versions/0/energy/0/price per kWh/winter", "winter is no season or period of this version"),
        (14, "versions/0/energy/1/blocks/limits/1", "limits must rise from block to block"),
        (15, "versions/0/fixed/0", "say how the month is divided over days (divided"),
        (16, "versions/0/taxes/0/on/0", "no component before this one is called nothing"),
        (18, "versions/1/rounding", "rounding is written as “once per bill, half up, to 0.01”, not “per line”"),
        (19, "versions/1/energy/0", "there is nothing called “colour” here"),
        (
            19,
            "versions/1/energy/0/price per kWh",
            "a price, a list of prices by block, or prices by season or period, not “dear”",
        ),
        (20, "versions/2/from", "versions must follow one another"),
        (22, "versions/2/periods/valley", "19"),
        (24, "versions/3/from", "versions must follow one another"),
        (27, "versions/3/examples/0", "example “example 1” does not come out, 99.00 CNY stated, 10.00 CNY rated"),
    ]


def test_the_command_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    run = [sys.executable, "-m", "gridhall.doors.cli.main", "tariff", "check", "bad.yaml"]
    done = subprocess.run(run, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "bad.yaml:14: versions/0/energy/1/blocks/limits/1: limits must rise from block to block" in done.stderr
    assert len(done.stderr.splitlines()) == 11
    told = subprocess.run([*run, "--json"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert [each["line"] for each in json.loads(told.stdout)] == [12, 14, 15, 16, 18, 19, 19, 20, 22, 24, 27]


RIGHT = f"""{BAD[: BAD.index("  - from: 2024")]}  - from: 2027-01-01
    rounding: once per bill, half up, to 0.01
    energy: [{{price per kWh: -1}}]
"""


def _check(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "gridhall.doors.cli.main", "tariff", "check", *names]
    return subprocess.run(run, capture_output=True, text=True, check=False, cwd=folder)


def test_what_is_seldom_meant_is_said_and_allowed(tmp_path: Path) -> None:
    """A negative price and a book without examples are right; each is told with its line."""
    (tmp_path / "odd.yaml").write_text(RIGHT)
    done = _check(tmp_path, "odd.yaml")
    assert done.returncode == 0
    assert "odd.yaml:9: warning: negative price at versions/0/energy/0/price per kWh: -1" in done.stderr
    assert "odd.yaml:6: warning: no version has “examples”" in done.stderr
    (tmp_path / "even.yaml").write_text(
        RIGHT.replace("-1}]", "1}]\n    examples: [{month: 2027-01, kWh: 10, bill: 10}]")
    )
    assert _check(tmp_path, "even.yaml").stderr == ""


def test_a_misspelt_name_is_told_with_the_right_one() -> None:
    told = [fault.what for fault in check_text(RIGHT.replace("versions:", "verzions:")).faults]
    assert "there is nothing called “verzions” here; did you mean “versions”?" in told


def test_every_file_is_checked_and_named_whatever_the_others_are(tmp_path: Path) -> None:
    """One in GB18030 is read, binary is no text, and the one behind them is checked all the same."""
    (tmp_path / "office.yaml").write_bytes(RIGHT.replace("name: bad", "name: 居民生活用电").encode("gb18030"))
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)) * 3)
    (tmp_path / "bad.yaml").write_text(BAD)
    done = _check(tmp_path, "office.yaml", "binary.yaml", "bad.yaml")
    assert done.returncode == 2
    assert "office.yaml: right" in done.stdout
    assert "office.yaml: read as GB18030" in done.stderr
    assert "binary.yaml is no text" in done.stderr
    assert "bad.yaml:12: versions/0/energy/0/price per kWh/winter" in done.stderr
    assert "Traceback" not in done.stderr
    assert _check(tmp_path, ".").returncode == 2
    assert "Traceback" not in _check(tmp_path, ".").stderr


@pytest.mark.parametrize("code", sorted(shipped_books()))
def test_shipped_books_have_no_fault_and_room_to_spare(code: str) -> None:
    checked = check_text(shipped_books()[code])
    assert checked.faults == ()
    for each in checked.versions:
        assert each.room > 100
        assert not each.minutes or sum(each.minutes.values()) in (365 * 1440, 366 * 1440)


def test_every_minute_of_a_year_is_priced_once_whatever_the_clocks_do() -> None:
    """2024 has 366 days. Oslo's clocks take the hour from 02:00 out of the valley on 31 March and give it again on 27
    October. Christmas has 16 hours more of valley, and three days of it are a workday else (Tuesday to Thursday)."""
    text = """
tariff: minutes
name: minutes
currency: NOK
source: made for this test
for: {class: residential}
versions:
  - from: 2024-01-01
    rounding: once per bill, half up, to 0.01
    time zone: Europe/Oslo
    days: {holiday: 2024-12-24..2024-12-26, weekend: "saturday, sunday", workday: rest}
    periods: {peak: {workday: "06:00-22:00"}, valley: rest}
    energy: [{price per kWh: {peak: 2, valley: 1}}]
"""
    book = load_book(text)
    minutes = minutes_of_year(book, book.versions[0], compile_version(book, book.versions[0]), 2024)
    assert minutes == {"peak": (262 - 3) * 960, "valley": 366 * 1440 - 259 * 960}
    utc = text.replace("    time zone: Europe/Oslo\n", "")
    assert (
        minutes_of_year(load_book(utc), load_book(utc).versions[0], compile_version(book, book.versions[0])) == minutes
    )


def test_a_percentage_of_percentages_may_not_outgrow_64_bits() -> None:
    head = BAD[: BAD.index("    seasons")]
    taxes = ", ".join(f"{{key: t{k}, per cent: 1000, on: [everything]}}" for k in range(12))
    [fault] = check_text(f"{head}    energy: [{{price per kWh: 100}}]\n    taxes: [{taxes}]\n").faults
    assert (fault.line, fault.path) == (11, "versions/0/taxes/11")
    assert "more than can be counted" in fault.what


def test_the_worst_case_is_never_below_a_bill_at_the_bounds() -> None:
    """4.4 TWh at the highest price of the second block, and 13 % on it."""
    head = BAD[: BAD.index("    seasons")]
    blocks = "blocks: {count: the month's kWh, limits: [100]}"
    book = load_book(
        f"{head}    energy: [{{price per kWh: [1, 3], {blocks}}}]\n    taxes: [{{per cent: 13, on: [energy]}}]\n"
    )
    plan = compile_version(book, book.versions[0])
    bill = rate_with([plan], [{"from_day": 739_000, "to_day": 739_030, "wh_total": 1 << 42}])
    assert bill.fault == 0
    assert bill.amount <= worst_case(plan).total <= WORST_MAX


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _documents() -> list[Any]:
    """All shipped and golden books as plain data."""
    texts = list(shipped_books().values())
    for name in ("bills", "components"):
        pieces = (FOLDER / f"{name}.yaml").read_text("utf-8").split("\n  - tariff: ")[1:]
        texts += ["\n".join(line[4:] for line in f"    tariff: {piece}".split("\n")) for piece in pieces]
    return [_plain(read_yaml(text)[0]) for text in texts]


DOCUMENTS = _documents()
KEYS = sorted({key for each in DOCUMENTS for version in each["versions"] for key in (*version, "limits", "on")})
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**13), st.floats(allow_nan=True), st.text(max_size=8),
    st.sampled_from(["rest", "2024-02-30", "200 per kW", "7 a day", "08:00-08:00", "everything", "energy", "½", "1e9"]),
    st.sampled_from([[], {}, [1, 2], {"peak": 1}, [{}], {"summer": {"peak": [1]}}, [[1]], "as metered", "none"]),
)  # fmt: skip


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += _places(inner, (*at, key))
    return found


def _mutate(data: st.DataObject, document: Any) -> None:
    """Take away, replace, add or rename one thing somewhere."""
    *way, last = data.draw(st.sampled_from(_places(document)))
    parent = document
    for key in way:
        parent = parent[key]
    act = data.draw(st.sampled_from(["delete", "replace", "replace", "copy", "add"]))
    if act == "delete":
        del parent[last]
    elif act == "replace":
        parent[last] = data.draw(JUNK)
    elif act == "copy":
        other = data.draw(st.sampled_from(DOCUMENTS))
        source = data.draw(st.sampled_from(_places(other)))
        taken = other
        for key in source:
            taken = taken[key]
        parent[last] = json.loads(json.dumps(taken))
    elif isinstance(parent, dict):
        parent[data.draw(st.sampled_from(KEYS))] = data.draw(JUNK)


@settings(max_examples=TRIES // 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_book_with_anything_in_it_is_right_or_explained(data: st.DataObject) -> None:
    """What the schema accepts the compiler explains: a changed book compiles and rates, or each fault names a place
    that is in the text; nothing else is ever raised."""
    document = json.loads(json.dumps(data.draw(st.sampled_from(DOCUMENTS))))
    for _ in range(data.draw(st.integers(1, 3))):
        if _places(document):
            _mutate(data, document)
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    checked = check_text(text)
    lines = text.count("\n") + 1
    for fault in checked.faults:
        assert 0 <= fault.line <= lines
        assert fault.what
    if not checked.faults:
        assert checked.versions
        for each in checked.versions:
            segment = dict.fromkeys(FACT_NAMES, 1) | {"plan": 0, "from_day": 739_000, "to_day": 739_030}
            rate_with([each.plan], [segment | {"period_days": 30, "period": 202_405}])
