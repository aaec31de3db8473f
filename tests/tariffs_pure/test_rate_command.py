"""`gridhall tariff rate` and `import-urdb`, as a person calls them: no database, one JSON line a tariff."""

import gzip
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

RUN = [sys.executable, "-m", "gridhall.doors.cli.main", "tariff"]
RECORD = {
    "label": "westar",
    "energyratestructure": [[{"max": 85, "rate": 0.085533, "unit": "kWh/kW"}, {"rate": 0.07, "unit": "kWh/kW"}]],
    "fixedchargefirstmeter": 1.15,
    "fixedchargeunits": "$/day",
    "demandreactivepowercharge": 0.2,
}
MIXED = {
    "label": "mixed",
    "energyratestructure": [[{"max": 9, "rate": 1, "unit": "kWh/kW"}, {"max": 9, "rate": 1}, {"rate": 2}]],
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("load")
    (folder / "load.csv").write_text("Wh\n" + "20000\n" * 8760)
    (folder / "bad.csv").write_text("Wh\n20000\n12.5\n")
    (folder / "one.json").write_text(json.dumps({"items": [RECORD]}))
    with gzip.open(folder / "many.jsonl.gz", "wt") as lines:
        lines.write(f"{json.dumps(RECORD)}\n{json.dumps(MIXED)}\nnot json\n")
    (folder / "cut.csv.gz").write_bytes(gzip.compress((folder / "load.csv").read_bytes())[:-20])
    (folder / "cut.jsonl.gz").write_bytes((folder / "many.jsonl.gz").read_bytes()[:-20])
    return folder


def _run(files: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*RUN, *words], capture_output=True, text=True, check=False, cwd=files)


def _rated(files: Path, *words: str) -> list[dict[str, Any]]:
    done = _run(files, "rate", "--load", "load.csv", "--steps-per-hour", "1", *words, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_record_is_one_line_of_exact_decimals(files: Path) -> None:
    """20 kW: 1700 kWh at 0.085533 and 13180 at 0.07 in January; 1.15 × 365/12 to twelve places."""
    [line] = _rated(files, "--urdb", "one.json", "--blocks", "chrono")
    assert (line["label"], line["refused"], len(line["months"])) == ("westar", None, 12)
    assert line["months"][0] == {
        "energy": "1068.0061", "demand_flat": "0", "demand_tou": "0", "fixed": "34.979166666667", "minimum": "0",
        "total": "1102.985266666667", "total_minor": 110299,
    }  # fmt: skip
    assert line["left_out"] == ["demandreactivepowercharge: the load has no reactive energy"]


def test_a_load_of_several_columns(files: Path) -> None:
    """kWh with decimals that are whole Wh, packed, between columns that are not energy; else the heading is named."""
    with gzip.open(files / "wide.csv.gz", "wt") as wide:
        wide.write("\ufeffhour;load [kWh];temperature\r\n" + "2018-01-01T00:00;20.000;7.5\r\n" * 8760)
    words = ("--steps-per-hour", "1", "--urdb", "one.json", "--json")
    assert (
        _run(files, "rate", "--load", "wide.csv.gz", *words).stdout
        == _run(files, "rate", "--load", "load.csv", *words).stdout
    )
    for heading, cell, told in (
        ("hour,load", "0,20", "heading of one must say Wh"), ("a Wh,b Wh", "1,2", "heading of one must say Wh"),
        ("t,kWh", "0,20.0005", "line 2"), ("t,kWh", "0", "line 2"), ("t,kWh", "0,NaN", "line 2"),
    ):  # fmt: skip
        (files / "odd.csv").write_text(f"{heading}\n{cell}\n")
        done = _run(files, "rate", "--load", "odd.csv", *words)
        assert done.returncode != 0
        assert told in done.stderr
        assert "Traceback" not in done.stderr


def test_a_power_factor_shows_reactive_power(files: Path) -> None:
    """20 kW at 0.8 are 15 kVAr: 15 × 0.2 a month."""
    [line] = _rated(files, "--urdb", "one.json", "--power-factor", "0.8")
    assert line["left_out"] == []
    assert line["months"][0]["reactive"] == "3"
    assert line["months"][0]["total"] == "1105.985266666667"


def test_lines_are_rated_or_refused_one_by_one(files: Path) -> None:
    lines = _rated(files, "--urdb-lines", "many.jsonl.gz")
    assert [line["label"] for line in lines] == ["westar", "mixed", ""]
    assert lines[0]["refused"] is None
    assert lines[1]["refused"].startswith("energyratestructure.unit: ")
    assert (lines[1]["months"], lines[1]["annual"]) == ([], None)
    assert lines[2]["refused"] == "line 3: not JSON"


def test_a_summary_says_what_was_refused_and_people_see_the_currency(files: Path) -> None:
    """A refused record is an answer (exit code 0), and nobody has to look for it in the lines."""
    words = ["rate", "--load", "load.csv", "--urdb-lines", "many.jsonl.gz"]
    for done in (_run(files, *words), _run(files, *words, "--json")):
        assert done.returncode == 0
        assert "1 rated, 2 refused (first: mixed: energyratestructure.unit: " in done.stderr
    assert "USD" in _run(files, *words).stdout
    assert "USD" not in _run(files, *words, "--json").stdout
    (files / "binary.yaml").write_bytes(bytes(range(256)))
    none = _run(files, "rate", "--load", "load.csv", "--tariff", "binary.yaml")
    assert "0 rated, 1 refused (first: binary: book: binary.yaml is no text" in none.stderr


def test_a_book_is_rated_beside_records(files: Path) -> None:
    """500 × 0.085 + 2000 × 0.0775 + 12380 × 0.067 + 20 = 42.5 + 155 + 829.46 + 20."""
    book = Path(__file__).parents[2] / "src" / "gridhall" / "tariffs" / "books" / "us-elkhorn-municipal.yaml"
    [line] = _rated(files, "--tariff", str(book))
    assert (line["label"], line["months"][0]["total"]) == ("us-elkhorn-municipal", "1046.96")
    assert line["months"][0]["total_minor"] == 104_696


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--load", "bad.csv", "--urdb", "one.json"], "line 3: “12.5” is not a whole number of Wh"),
        (
            ["--load", "load.csv", "--urdb", "one.json", "--steps-per-hour", "4"],
            "8760 values, but 2018 has 35040 steps",
        ),
        (["--load", "load.csv", "--urdb", "one.json", "--blocks", "both"], "blocks can be"),
        (["--load", "load.csv", "--urdb", "load.csv"], "not readable as JSON"),
        (["--load", "load.csv", "--urdb-lines", "cut.jsonl.gz"], "damaged or cut off"),
        (["--load", "cut.csv.gz", "--urdb", "one.json"], "damaged or cut off"),
        (["--load", "load.csv"], "Name a tariff"),
        (["--load", "load.csv", "--urdb", "one.json", "--power-factor", "1.2"], "no power factor"),
        (["--load", "load.csv", "--urdb", "one.json", "--power-factor", "NaN"], "no power factor"),
        (["--load", "load.csv", "--urdb", "one.json", "--system", "bad.csv"], "line 3"),
    ],
)
def test_a_wrong_call_is_one_sentence(files: Path, words: list[str], says: str) -> None:
    done = _run(files, "rate", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_records_are_told_as_they_are_read(files: Path) -> None:
    done = _run(files, "import-urdb", "one.json", "many.jsonl.gz", "--json")
    assert done.returncode == 0, done.stderr
    first = json.loads(done.stdout.splitlines()[0])
    assert first["energy"] == [{"upto": ["85"], "prices": ["0.085533", "0.07"], "unit": "kWh/kW"}]
    assert first["fixed"] == ["1.15", "$/day"]
    assert "4 records, 2 read, 2 refused (first: mixed: energyratestructure.unit: " in done.stderr


def test_the_lines_of_the_page_do_what_it_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "rate-a-load.md").read_text("utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["bills"][0].total == 744 * 2 + 5


BOOK = """
tariff: by-the-hour
name: by the hour
currency: EUR
source: made for this test
for: {class: commercial}
versions:
  - from: 2017-01-01
    rounding: once per bill, half up, to 0.01
    hourly: [{series: spot}]
    capacity: [{price per kVA a month: 2, divided: once a bill}]
    export: [{price per kWh: 0.05}]
"""


def test_a_book_by_the_hour_takes_prices_capacity_and_what_is_fed_in(files: Path) -> None:
    """January: 20 kWh an hour at 0.10 × 744 = 1488; 100 kVA × 2; 1 kWh an hour fed in at 0.05 = 37.20 back."""
    (files / "hourly.yaml").write_text(BOOK)
    hours = [f"2018-{day}T{hour:02}:00,0.10" for day in _days() for hour in range(24)]
    (files / "spot.csv").write_text("from,price\n" + "\n".join(hours))
    (files / "fed.csv").write_text("1000\n" * 8760)
    words = ("--tariff", "hourly.yaml", "--prices", "spot=spot.csv", "--capacity-kva", "100", "--fed-in", "fed.csv")
    [line] = _rated(files, *words, "--in-force")
    assert (line["refused"], line["left_out"]) == (None, [])
    assert (line["version"], line["months"][0]["total"]) == ("in force in 2018", "1650.8")
    [bare] = _rated(files, "--tariff", "hourly.yaml", "--prices", "spot=spot.csv")
    assert bare["left_out"] == ["capacity", "energy fed in"]
    [unpriced] = _rated(files, "--tariff", "hourly.yaml")
    assert unpriced["refused"] == "versions/0/hourly/0/series: the prices of spot are not given"
    assert (
        "NAME=FILE" in _run(files, "rate", "--load", "load.csv", "--tariff", "hourly.yaml", "--prices", "spot").stderr
    )


NEXT = """
tariff: next-year
name: next year
currency: EUR
source: made for this test
for: {class: commercial}
versions:
  - from: 2018-01-01
    until: 2018-12-31
    rounding: once per bill, half up, to 0.01
    energy: [{price per kWh: 1}]
    reactive: [{price per kvarh: 1}]
  - from: 2019-01-01
    rounding: once per bill, half up, to 0.01
    energy: [{price per kWh: 1}]
    capacity: [{price per kVA a month: 2, divided: once a bill}]
"""


def test_what_is_left_out_is_told_of_the_versions_that_rated(files: Path) -> None:
    """In force in 2018 is the version with reactive energy; the capacity comes with the newest, a year later."""
    (files / "next.yaml").write_text(NEXT)
    [in_force] = _rated(files, "--tariff", "next.yaml", "--in-force")
    [newest] = _rated(files, "--tariff", "next.yaml")
    assert (in_force["left_out"], newest["left_out"]) == (["reactive energy"], ["capacity"])


def _days() -> list[str]:
    first = date(2018, 1, 1).toordinal()
    return [f"{date.fromordinal(first + k):%m-%d}" for k in range(365)]
