"""Files of interval data: what is taken, what is refused by row and code, and what hostile files come to."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from gridhall.doors.cli.intervals import app
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from gridhall.metering.intervals import loading
from gridhall.metering.intervals.delivery import Refused
from gridhall.metering.intervals.loading import LoadTerms, deliveries
from gridhall.rules.interval_use import ESTIMATED, MEASURED, REVISED, SUSPECT
from tests.metering.homes import ACTOR, UNIT, homes

pytestmark = pytest.mark.django_db

DAY, MONTH = date(2026, 11, 2), 202611
WIDE = "meter,date," + ",".join(f"v{k}" for k in range(1, 25)) + "\n"
CLOCKED = "表号,日期," + ",".join(f"{k:02}:00" for k in range(24)) + "\n"


@pytest.fixture(autouse=True)
def late_in_2026() -> Iterator[None]:
    shutil.rmtree(home() / "intervals", ignore_errors=True)
    with clock.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC)):
        yield
    shutil.rmtree(home() / "intervals", ignore_errors=True)


def written(tmp_path: Path, text: str, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def codes(done: metering.IntervalsLoaded) -> list[tuple[int, str]]:
    return [(refusal.row, refusal.code) for _, refusal in done.rows]


def row(serial: str, day: str, values: list[str]) -> str:
    return ",".join([serial, day, *values]) + "\n"


@pytest.mark.parametrize("head", [WIDE, CLOCKED])
def test_a_wide_file(tmp_path: Path, head: str) -> None:
    made = homes(2)
    values = [f"0.{k:03}" for k in range(24)]
    path = written(tmp_path, head + row("M000000", "2026-11-02", values) + row("M000001", "2026/11/3", ["1"] * 24))
    done = metering.load_intervals(ACTOR, [path], LoadTerms())
    assert (done.given, done.written, done.refused) == (2, 2, {})
    (found,) = metering.load_days(made.registers[0], [MONTH])
    assert (found.day, found.minutes, list(found.wh), set(found.quality)) == (DAY, 60, list(range(24)), {MEASURED})
    (other,) = metering.load_days(made.registers[1], [MONTH], unit_id=UNIT)
    assert other.wh_total == 24_000
    entry = AuditEntry.objects.get(act="metering.load_intervals")
    assert entry.after == {"files": 1, "names": ["a.csv"], "refused": 0}


def test_rows_are_refused_one_by_one(tmp_path: Path) -> None:
    homes(1)
    good = ["1"] * 24
    path = written(tmp_path, WIDE + "".join([
        row("M000000", "2026-11-02", good),                        # line 2
        row("UNKNOWN", "2026-11-02", good),                        # 3
        row("M000000", "2024-11-02", good),                        # 4: before the meter hung
        row("M000000", "2026-12-02", good),                        # 5: to come
        row("M000000", "2026-11-03", ["-1", *good[1:]]),           # 6
        row("M000000", "2026-11-04", ["0.0005", *good[1:]]),       # 7: half a watt-hour
        row("M000000", "2026-11-05", ["x", *good[1:]]),            # 8
        row("M000000", "2026-13-05", good),                        # 9
        row("", "2026-11-05", good),                               # 10
        row("M000000", "2026-11-06", ["3000000", *good[1:]]),      # 11: 3 GWh in an hour
        row("M000000", "2026-11-02", ["2", *good[1:]]),            # 12: another value for line 2
    ]))  # fmt: skip
    done = metering.load_intervals(ACTOR, [path], LoadTerms())
    assert sorted(codes(done)) == [
        (3, "unknown_meter"), (4, "not_installed"), (5, "future_date"), (6, "negative_value"), (7, "too_many_decimals"),
        (8, "not_a_number"), (9, "bad_date"), (10, "serial_missing"), (11, "beyond_bounds"), (12, "step_twice"),
    ]  # fmt: skip
    assert done.written == 1
    nobody = Actor("staff", "else", "test", permissions=frozenset({"readings.take"}), units=frozenset({999}))
    assert codes(metering.load_intervals(nobody, [path], LoadTerms()))[-1][1] == "not_your_unit"
    with pytest.raises(Refusal, match="may not"):
        metering.load_intervals(Actor("staff", "none", "test"), [path], LoadTerms())


def test_a_long_file_with_offsets_quality_and_the_end_of_a_step(tmp_path: Path) -> None:
    made = homes(1)
    text = "meter,time,value,quality\n" + "".join([
        "M000000,2026-11-01T16:30Z,250,\n",              # the end of 00:15..00:30 in Shanghai
        "M000000,2026-11-02 00:45,300,estimated\n",
        "M000000,2026-11-02T00:15:00+08:00,200,\n",
        "M000000,2026-11-02 01:00,,missing\n",
        "M000000,2026-11-02 01:10,1,\n",                 # line 6: off the grid
        "M000000,2026-11-02 25:10,1,\n",
    ])  # fmt: skip
    done = metering.load_intervals(ACTOR, [written(tmp_path, text)], LoadTerms("wh", stamp_ends=True, minutes=15))
    assert codes(done) == [(6, "off_grid"), (7, "bad_time")]
    (found,) = metering.load_days(made.registers[0], [MONTH])
    assert list(found.wh[:4]) == [200, 250, 300, 0]
    assert list(found.quality[:4]) == [MEASURED, MEASURED, ESTIMATED, 0]
    assert found.missing == 93


def test_values_of_the_register_become_steps(tmp_path: Path) -> None:
    """100.0004 → 100.5009 → 101.0012 kWh: 500 and 501 Wh as counted from the whole Wh of the register, none lost;
    what lies behind a reading that is missing stays missing."""
    made = homes(1)
    text = "meter,time,value\n" + "".join([
        "M000000,2026-11-02 00:00,100.0004\n", "M000000,2026-11-02 00:30,100.5009\n",
        "M000000,2026-11-02 01:00,101.0012\n", "M000000,2026-11-02 02:00,103\n",
        "M000000,2026-11-02 02:30,102\n", "M000000,2026-11-02 03:00,104\n",
    ])  # fmt: skip
    done = metering.load_intervals(ACTOR, [written(tmp_path, text)], LoadTerms(cumulative=True))
    assert codes(done) == [(6, "below_previous")]
    (found,) = metering.load_days(made.registers[0], [MONTH])
    assert (found.minutes, list(found.wh[:6])) == (30, [500, 501, 0, 0, 0, 2000])
    assert sum(bool(each) for each in found.quality) == 3


def test_a_parquet_file(tmp_path: Path) -> None:
    made = homes(2)
    lists: list[list[int | None]] = [[7] * 96, [1, None, *[2] * 94], [-1] * 96, [5] * 95, [2**40] * 96]
    table = pa.table({
        "meter": ["M000000", "M000001", "M000000", "M000000", "M000000"],
        "day": [DAY, DAY, date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 5)],
        "wh": pa.array(lists, pa.list_(pa.int64())),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    done = metering.load_intervals(ACTOR, [tmp_path / "a.parquet"], LoadTerms())
    assert sorted(codes(done)) == [(3, "negative_value"), (4, "bad_step"), (5, "beyond_bounds")]
    assert metering.load_days(made.registers[0], [MONTH])[0].wh_total == 7 * 96
    assert metering.load_days(made.registers[1], [MONTH])[0].missing == 1
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:200])
    with pytest.raises(Refusal, match="Parquet"):
        metering.load_intervals(ACTOR, [tmp_path / "a.parquet"], LoadTerms())


@pytest.mark.parametrize(
    ("day", "more", "code"),
    [
        (pa.array([-2_000_000], pa.date32()), {}, "bad_date"),
        (pa.array([DAY]), {"tou": [1_000_000]}, "unknown_meter"),
        (pa.array([DAY]), {"tou": [-1]}, "unknown_meter"),
    ],
)
def test_rows_of_a_parquet_file_beyond_all_bounds_are_refused(
    tmp_path: Path, day: pa.Array, more: dict[str, list[int]], code: str
) -> None:
    homes(1)
    pq.write_table(pa.table({"meter": ["M000000"], "day": day, "wh": [[7] * 96], **more}), tmp_path / "a.parquet")
    assert codes(metering.load_intervals(ACTOR, [tmp_path / "a.parquet"], LoadTerms())) == [(1, code)]


@pytest.mark.parametrize("more", [{"tou": ["总"]}, {"tou": [1.7]}, {"minutes": ["15"]}])
def test_a_parquet_file_with_columns_of_another_kind_is_refused(tmp_path: Path, more: dict[str, list[object]]) -> None:
    pq.write_table(pa.table({"meter": ["M000000"], "day": [DAY], "wh": [[7] * 96], **more}), tmp_path / "a.parquet")
    with pytest.raises(Refusal) as refused:
        metering.load_intervals(ACTOR, [tmp_path / "a.parquet"], LoadTerms())
    assert (refused.value.code, refused.value.field) == ("unknown_columns", next(iter(more)))


def green_button(readings: str, power: int = 0, uom: int = 72, prefix: str = "", more: str = "", head: str = "") -> str:
    """A feed of one usage point; `prefix` writes the ESPI elements with a prefix, as some suppliers do."""
    e, ns = (
        (f"{prefix}:", f'xmlns:{prefix}="http://naesb.org/espi"') if prefix else ("", 'xmlns="http://naesb.org/espi"')
    )
    inside = readings.replace("<e:", f"<{e}").replace("</e:", f"</{e}")
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<feed xmlns="http://www.w3.org/2005/Atom">
<entry><link rel="self" href="/espi/User/9/UsagePoint/5"/><content><{e}UsagePoint {ns}/></content></entry>
<entry><link rel="self" href="/espi/User/9/UsagePoint/5/MeterReading/1"/>
 <link rel="related" href="/espi/ReadingType/7"/><content><{e}MeterReading {ns}/></content></entry>
<entry><link rel="self" href="/espi/ReadingType/7"/><content><{e}ReadingType {ns}>
 <{e}accumulationBehaviour>4</{e}accumulationBehaviour><{e}flowDirection>1</{e}flowDirection>
 <{e}intervalLength>900</{e}intervalLength><{e}powerOfTenMultiplier>{power}</{e}powerOfTenMultiplier>
 <{e}uom>{uom}</{e}uom></{e}ReadingType></content></entry>{more}
<entry><link rel="self" href="/espi/User/9/UsagePoint/5/MeterReading/1/IntervalBlock/173"/>
 <link rel="up" href="/espi/User/9/UsagePoint/5/MeterReading/1/IntervalBlock"/>
 <content><{e}IntervalBlock {ns}>{inside}</{e}IntervalBlock></content></entry>
</feed>"""


def reading(start: datetime, value: object, quality: int | None = None, seconds: int = 900) -> str:
    told = "" if quality is None else f"<e:ReadingQuality><e:quality>{quality}</e:quality></e:ReadingQuality>"
    period = f"<e:duration>{seconds}</e:duration><e:start>{int(start.timestamp())}</e:start>"
    return (
        f"<e:IntervalReading>{told}<e:timePeriod>{period}</e:timePeriod><e:value>{value}</e:value></e:IntervalReading>"
    )


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 2, hour, minute, tzinfo=clock.zone())


@pytest.mark.parametrize("prefix", ["", "espi", "ns1"])
def test_a_green_button_file(tmp_path: Path, prefix: str) -> None:
    """In units of 10 Wh; the second estimated (quality 8), the third questionable (10), the fourth off the grid."""
    made = homes(1)
    readings = reading(at(0, 0), 12) + reading(at(0, 15), 13, 8) + reading(at(0, 30), 14, 10) + reading(at(1, 10), 9)
    path = written(tmp_path, green_button(readings, power=1, prefix=prefix), "a.xml")
    done = metering.load_intervals(ACTOR, [path], LoadTerms(meters={"5": "M000000"}))
    assert codes(done) == [(4, "off_grid")]
    (found,) = metering.load_days(made.registers[0], [MONTH])
    assert list(found.wh[:4]) == [120, 130, 140, 0]
    assert list(found.quality[:3]) == [MEASURED, ESTIMATED, MEASURED | SUSPECT]
    assert found.missing == 93


def test_green_button_by_units_and_powers(tmp_path: Path) -> None:
    homes(1)
    terms = LoadTerms(meters={"": "M000000"})
    thousandths = written(tmp_path, green_button(reading(at(0, 0), 2500), power=-3), "a.xml")
    assert codes(metering.load_intervals(ACTOR, [thousandths], terms)) == [(1, "too_many_decimals")]
    whole = written(tmp_path, green_button(reading(at(0, 0), 2000), power=-3), "b.xml")
    assert metering.load_intervals(ACTOR, [whole], terms).written == 1
    gas = written(tmp_path, green_button(reading(at(0, 0), 1), uom=119), "c.xml")
    assert codes(metering.load_intervals(ACTOR, [gas], terms)) == [(1, "unknown_unit")]
    nameless = written(tmp_path, green_button(reading(at(0, 0), 1)), "d.xml")
    assert codes(metering.load_intervals(ACTOR, [nameless], LoadTerms())) == [(1, "unknown_meter")]


LAUGHS = '<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
FETCH = '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
OUTSIDE = '<!DOCTYPE feed SYSTEM "http://127.0.0.1:9/espi.dtd">'


@pytest.mark.parametrize("head", [LAUGHS, FETCH, OUTSIDE])
def test_a_document_type_is_refused(tmp_path: Path, head: str) -> None:
    homes(1)
    path = written(tmp_path, green_button(reading(at(0, 0), "&c;&x;"), head=head), "a.xml")
    with pytest.raises(Refusal) as refused:
        metering.load_intervals(ACTOR, [path], LoadTerms())
    assert refused.value.code in ("dtd_refused", "not_xml")


def test_what_is_no_xml_is_said(tmp_path: Path) -> None:
    whole = green_button(reading(at(0, 0), 1))
    for name, text, code in (
        ("a.xml", whole[:-40], "not_xml"),
        ("b.xml", "<feed/>", "no_rows"),
        ("c.xml", "", "not_xml"),
    ):
        with pytest.raises(Refusal) as refused:
            metering.load_intervals(ACTOR, [written(tmp_path, text, name)], LoadTerms())
        assert refused.value.code == code


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=4), st.sampled_from(["a.xml", "a.csv"]))
def test_broken_files_are_refused_by_name(tmp_path: Path, place: int, bytes_: bytes, name: str) -> None:
    """A file with some bytes overwritten is read or refused; nothing else happens."""
    text = green_button(reading(at(0, 0), 1) * 3) if name == "a.xml" else WIDE + row("M0", "2026-11-02", ["1"] * 24) * 5
    whole = bytearray(text.encode())
    place %= len(whole)
    whole[place : place + len(bytes_)] = bytes_
    path = tmp_path / name
    path.write_bytes(bytes(whole))
    try:
        steps = sum(len(each.wh) for each in deliveries(path, LoadTerms(meters={"": "M0"}), Refused()))
    except Refusal as refusal:
        told = bool(refusal.code and refusal.zh)
    else:
        told = steps % 24 == 0
    assert told


def test_clocks_that_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """25 October 2026 has 25 hours in Oslo: numbered columns tell them, columns by the clock cannot."""
    made = homes(1)
    monkeypatch.setenv("GRIDHALL_TIME_ZONE", "Europe/Oslo")
    numbered = "meter,date," + ",".join(str(k) for k in range(1, 26)) + "\n"
    path = written(tmp_path, numbered + row("M000000", "2026-10-25", [f"0.{k:03}" for k in range(25)]))
    assert metering.load_intervals(ACTOR, [path], LoadTerms()).written == 1
    (found,) = metering.load_days(made.registers[0], [202610])
    assert list(found.wh) == list(range(25))
    assert [each.hour for each in found.starts()][:5] == [0, 1, 2, 2, 3]
    path = written(tmp_path, CLOCKED + row("M000000", "2026-10-25", ["1"] * 24))
    assert codes(metering.load_intervals(ACTOR, [path], LoadTerms())) == [(2, "clock_change")]
    moments = ("2026-10-25 02:15,1", "2026-10-25T02:15+02:00,1", "2026-10-25T02:15+01:00,2")
    long = "meter,time,value\n" + "".join(f"M000000,{each}\n" for each in moments)
    done = metering.load_intervals(ACTOR, [written(tmp_path, long)], LoadTerms(minutes=15))
    assert codes(done) == [(2, "ambiguous_time")]
    (found,) = metering.load_days(made.registers[0], [202610])
    assert (found.minutes, found.wh[9], found.wh[13], len(found.wh)) == (15, 1000, 2000, 100)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    made = homes(1)
    path = written(tmp_path, WIDE + row("M000000", "2026-11-02", ["1"] * 24))
    done = metering.load_intervals(ACTOR, [path], LoadTerms(), dry_run=True)
    assert (done.given, done.written, done.dry_run) == (1, 1, True)
    assert metering.load_days(made.registers[0], [MONTH]) == []
    assert not AuditEntry.objects.filter(act="metering.load_intervals").exists()


def test_the_command_line_from_the_file_to_the_determinants(tmp_path: Path) -> None:
    """Load, gaps, fill, show, load again, versions: as an officer would."""
    made = homes(1)
    run = CliRunner()
    lines = [row("M000000", f"2026-11-{day:02}", ["0.6"] * 24) for day in range(1, 25) if day != 10]
    lines[4] = row("M000000", "2026-11-05", ["0.6"] * 11 + [""] + ["1.2"] + ["0.6"] * 11)
    path = written(tmp_path, WIDE + "".join(lines))
    told = json.loads(run.invoke(app, ["load", str(path), "--json"]).stdout)
    assert (told["register_days"], told["refused"]) == (23, 0)
    (gap,) = json.loads(run.invoke(app, ["gaps", "--month", "2026-11", "--json"]).stdout)["rows"]
    assert (gap["meter"], gap["days missing"], gap["steps missing"], gap["from"]) == ("M000000", 1, 1, "2026-11-05")
    filled = json.loads(run.invoke(app, ["gaps", "--month", "2026-11", "--fill", "--json"]).stdout)
    # one hour between 0.6 and 1.2 kWh: 0.9; the tenth, a Tuesday, like the working days around it
    assert (filled["steps"], filled["register_days"], filled["left"]) == (25, 2, 0)
    days = {each.day.day: each for each in metering.load_days(made.registers[0], [MONTH])}
    assert (days[5].wh[11], days[5].quality[11], days[5].estimated) == (900, ESTIMATED, 1)
    assert (set(days[10].wh), set(days[10].quality)) == ({600}, {ESTIMATED})
    assert json.loads(run.invoke(app, ["gaps", "--month", "2026-11", "--json"]).stdout)["rows"] == []
    again = written(tmp_path, WIDE + row("M000000", "2026-11-10", ["0.7"] * 24), "b.csv")
    assert run.invoke(app, ["load", str(again)]).exit_code == 0
    shown = json.loads(run.invoke(app, ["show", "M000000", "2026-11-10", "--versions", "--json"]).stdout)["rows"]
    assert {(each["revision"], each["Wh"], each["quality"]) for each in shown} == {
        (2, 600, "estimated"), (3, 700, "measured, revised")
    }  # fmt: skip
    assert metering.load_days(made.registers[0], [MONTH])[9].quality[0] == MEASURED | REVISED
    book = Path(__file__).parents[2] / "src/gridhall/tariffs/books/cn-hubei-single-below-1kv.yaml"
    rows = json.loads(
        run.invoke(app, ["determinants", "2026-11", "--tariff", str(book), "--coincident", "--json"]).stdout
    )["rows"]
    # 24 days × 24 × 0.6 kWh, 2.4 more on the tenth, and on the fifth 0.3 and 0.6 more
    assert (rows[0]["kWh"], rows[0]["kW"], rows[0]["day of peak"]) == ("348.900", "1.200", "2026-11-05")
    assert rows[0]["kW at 2026-11-05 12:00"] == "1.200"
    assert run.invoke(app, ["tidy"]).exit_code == 0


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (["show", "M000000", "2026-11-31"], "bad_date"),
        (["show", "M000000", "2026-11-02", "--as-of", "noon"], "bad_time"),
        (["gaps", "--unit", "nowhere"], "unknown_unit"),
    ],
)
def test_the_command_line_refuses_in_words(asked: list[str], code: str) -> None:
    homes(1)
    refused = CliRunner().invoke(app, asked).exception
    assert isinstance(refused, Refusal)
    assert refused.code == code


def test_long_names_and_many_months_stand_in_the_audit(tmp_path: Path) -> None:
    """A subject has 120 characters; the names of the files stand whole beside it."""
    homes(1)
    names = [f"{letter * 90}.csv" for letter in "ab"]
    files = [
        written(tmp_path, WIDE + row("M000000", f"2026-11-{day:02}", ["0.6"] * 24), name)
        for day, name in enumerate(names, 2)
    ]
    assert metering.load_intervals(ACTOR, files, LoadTerms()).written == 2
    entry = AuditEntry.objects.get(act="metering.load_intervals")
    assert entry.after["names"] == names
    months = [year * 100 + month for year in (2024, 2025) for month in range(1, 13)]
    assert metering.fill_interval_gaps(ACTOR, [*months, MONTH]).left == 0
    assert AuditEntry.objects.get(act="metering.fill_intervals").after["months"] == [*months, MONTH]


def test_refused_rows_of_many_files_are_bounded_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homes(1)
    monkeypatch.setattr(loading, "REFUSED_KEPT", 3)
    text = WIDE + row("M9", "2026-11-02", ["1"] * 24) + row("M8", "2026-11-02", ["1"] * 24)
    done = metering.load_intervals(ACTOR, [written(tmp_path, text, name) for name in ("a.csv", "b.csv")], LoadTerms())
    assert (len(done.rows), done.refused) == (3, {"unknown_meter": 4})
