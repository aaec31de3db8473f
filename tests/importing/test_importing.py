"""Files that are in order, and files with some wrong rows that are corrected and fed back."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from typer.testing import CliRunner

from gridhall.customers import public as customers
from gridhall.doors.cli.importing import app
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import intake
from gridhall.metering import public as metering
from gridhall.metering.importing import running
from tests.importing.malformed import csv_bytes, workbook
from tests.metering.homes import ACTOR, UNIT, homes
from tests.town.places import small_territory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def late_in_2026() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC)):
        yield


ROWS = [["M000000", "12.5", "2025-02-01"], ["M000001", "13", "2025/2/1"], ["M000002", "14.50", "20250201"]]
ENGLISH = ["Meter serial", "Value (kWh)", "Read date"]
FORMS = [
    ("utf-8", ",", None, "UTF-8, comma"),
    ("utf-8-sig", ";", ENGLISH, "UTF-8 with BOM, semicolon"),
    ("gb18030", "\t", None, "GB18030, tab"),
    ("utf-16", ",", None, "UTF-16 (little-endian), comma"),
    ("utf-16-be", "|", ENGLISH, "UTF-16 (big-endian), bar"),
    ("ascii", "|", ENGLISH, "UTF-8, bar"),
]


@pytest.mark.parametrize(("encoding", "delimiter", "header", "recognised"), FORMS)
def test_encodings_and_delimiters_are_told_and_stated(
    tmp_path: Path, encoding: str, delimiter: str, header: list[str] | None, recognised: str
) -> None:
    homes(3)
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([list(row) for row in ROWS], encoding, header, delimiter))
    done = metering.import_readings(ACTOR, path)
    assert (done.recognised, done.accepted, done.refused, done.notes) == (recognised, 3, (), ())
    assert metering.usable_readings(UNIT, 0, 2**40, 202501).current_value.tolist() == [125, 130, 145]


def test_a_workbook_with_days_and_numbers(tmp_path: Path) -> None:
    homes(3)
    path = tmp_path / "a.xlsx"
    rows: list[list[object]] = [
        [], [None, "表号", "示数", "抄表日期"], [None, "M000000", 12.5, date(2025, 2, 1)],
        [None, "M000001", 13, "2025年2月1日"], [], [None, "M000002", "14.5", datetime(2025, 2, 1)],  # noqa: DTZ001
    ]  # fmt: skip
    workbook(rows, path)
    done = metering.import_readings(ACTOR, path)
    assert (done.recognised, done.accepted, done.rows) == ("Excel workbook, sheet Sheet", 3, 3)
    assert metering.usable_readings(UNIT, 0, 2**40, 202501).current_value.tolist() == [125, 130, 145]


def test_registers_periods_kinds_and_accounts(tmp_path: Path) -> None:
    home = homes(2)
    path = tmp_path / "a.csv"
    header = ["户号", "表号", "示数类型", "示数", "抄表日期", "电费年月", "抄表方式", "备注"]
    rows = [
        [home.numbers[0], "M000000", "总", "100", "2025-01-31", "2025年1月", "实抄", "门锁"],
        [home.numbers[1], "M000001", "TOTAL", "100", "2025-02-01", "202501", "估抄", ""],
        [home.numbers[0], "M000001", "总", "100", "2025-02-01", "202501", "", ""],
        ["310200", "M000001", "总", "100", "2025-02-01", "202501", "", ""],
        [home.numbers[1], "M000001", "夜", "100", "2025-02-01", "202501", "", ""],
        [home.numbers[1], "M000001", "谷", "100", "2025-02-01", "202501", "", ""],
        [home.numbers[1], "M000001", "总", "100", "2025-02-01", "202411", "", ""],
    ]
    path.write_bytes(csv_bytes(rows, "gb18030", header))
    done = metering.import_readings(ACTOR, path)
    assert [(row.row, row.field, row.code) for row in done.refused] == [
        (4, "account", "wrong_account"), (5, "account", "wrong_account"), (6, "tou", "unknown_word"),
        (7, "serial", "unknown_meter"), (8, "period", "period_unlike_date"),
    ]  # fmt: skip
    # beside our name of the column stands the file's own
    assert [row.heading for row in done.refused] == ["户号", "户号", "示数类型", "表号", "电费年月"]
    assert (done.accepted, done.ignored) == (2, ("备注",))
    assert metering.usable_readings(UNIT, 0, 2**40, 202501).kind.tolist() == [metering.ACTUAL, metering.ESTIMATED]


def test_refused_rows_are_corrected_and_fed_back(tmp_path: Path) -> None:
    homes(3)
    path, refused = tmp_path / "十月.csv", tmp_path / "refused.csv"
    rows = [ROWS[0], ["M000001", "1.3E+01", "2025-02-01"], ["M000009", "14.5", "2025-02-01"]]
    path.write_bytes(csv_bytes(rows, "gb18030", delimiter=";"))
    done = metering.import_readings(ACTOR, path, metering.Options(refused_to=refused, language="zh"))
    assert (done.accepted, done.by_code) == (1, {"scientific_notation": 1, "unknown_meter": 1})
    with refused.open(encoding="gb18030", newline="") as file:
        table = list(csv.reader(file, delimiter=";"))
    assert table[0] == ["表号", "示数", "抄表日期", "refused_row", "refused_field", "refused_reason", "refused_value"]
    assert [row[:2] + row[3:5] + row[6:] for row in table[1:]] == [
        ["M000001", "1.3E+01", "3", "value (示数)", "1.3E+01"], ["M000009", "14.5", "4", "serial (表号)", "M000009"],
    ]  # fmt: skip
    assert table[1][5].startswith("scientific_notation: 科学计数法")
    table[1][1], table[2][0] = "13", "M000002"
    with refused.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, delimiter=";").writerows(table)
    again = metering.import_readings(ACTOR, refused)
    assert (again.accepted, again.refused, again.ignored) == (2, (), ())
    assert metering.usable_readings(UNIT, 0, 2**40, 202501).current_value.tolist() == [125, 130, 145]


def test_refused_rows_of_a_workbook_come_as_one(tmp_path: Path) -> None:
    homes(2)
    path = tmp_path / "a.xlsx"
    workbook([["表号", "示数", "抄表日期"], ["M000000", "=1+1", "2025-02-01"], ["=A2", 3, "2025-02-01"]], path)
    done = metering.import_readings(ACTOR, path, metering.Options(refused_to=tmp_path / "r.xlsx"))
    assert done.by_code == {"formula_cell": 2}
    assert not done.imported
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert [cell.value for cell in sheet[2]][3:6] == [
        "2",
        "value (示数)",
        "formula_cell: The cell holds a formula; paste it as a value.",
    ]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {
        "inlineStr",
        "s",
    }  # no formula comes to life


def test_all_or_nothing_and_the_same_file(tmp_path: Path) -> None:
    home = homes(2)
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([ROWS[0], ROWS[2]]))
    stopped = metering.import_readings(ACTOR, path, metering.Options(all_or_nothing=True))
    assert (stopped.accepted, stopped.imported, len(stopped.refused)) == (1, False, 1)
    assert metering.register_values(home.accounts[0])[0].kind == metering.INSTALLED
    assert metering.import_readings(ACTOR, path).imported
    with pytest.raises(Refusal) as again:
        metering.import_readings(ACTOR, path, metering.Options(dry_run=True))
    assert again.value.code == "same_file"


def test_a_file_in_many_parts_keeps_its_line_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "ROWS_AT_ONCE", 3)
    homes(20)
    rows = [[f"M{k:06d}", "10", "2025-02-01"] for k in range(20)]
    rows[13][0], rows[17][1] = "M9", "x"
    rows.append(rows[2])
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(rows))
    seen: list[int] = []
    done = metering.import_readings(ACTOR, path, metering.Options(progress=seen.append))
    assert [(row.row, row.code) for row in done.refused] == [
        (15, "unknown_meter"),
        (19, "not_a_number"),
        (22, "duplicate"),
    ]
    assert done.accepted == 18


def test_a_file_without_a_last_line_end_is_remarked_upon(tmp_path: Path) -> None:
    homes(1)
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([ROWS[0]]).rstrip())
    done = metering.import_readings(ACTOR, path)
    assert done.accepted == 1
    assert "no line end" in done.notes[0][0]


CUSTOMERS = ["户名", "用电地址", "责任区", "用电类别", "电价", "立户日期", "电话", "经度", "合同容量(kVA)", "免费电量"]


def test_customers_then_their_meters(tmp_path: Path) -> None:
    small_territory()
    path = tmp_path / "customers.csv"
    rows = [
        ["王小明", "明珠路1号", "A1", "居民", "t", "2025-01-01", "13900000001", "120.5", "", "15"],
        ["湖畔面馆", "明珠路2号", "A2", "商业", "t", "2025-01-01", "", "", "12.5", ""],
        ["李四", "明珠路3号", "A9", "居民", "t", "2025-01-01", "", "", "", ""],
        ["", "明珠路4号", "A1", "居民", "t", "2025-01-01", "", "", "", ""],
        ["赵六", "明珠路5号", "A1", "居民", "x", "2025-01-01", "", "", "", ""],
        ["孙七", "明珠路6号", "A1", "居民", "t", "2025-01-01", "", "181", "", ""],
    ]
    path.write_bytes(csv_bytes(rows, "gb18030", CUSTOMERS))
    dry = metering.import_customers(ACTOR, path, metering.Options(dry_run=True), tariffs=frozenset({"t"}))
    assert customers.account_range(UNIT)[2] == 0
    done = metering.import_customers(ACTOR, path, tariffs=frozenset({"t"}))
    assert dry.refused == done.refused
    assert [(row.row, row.field, row.code) for row in done.refused] == [
        (4, "area", "unknown_area"), (5, "name", "name_missing"), (6, "tariff", "unknown_tariff"),
        (7, "longitude", "not_on_earth"),
    ]  # fmt: skip
    least, most, count = customers.account_range(UNIT)
    assert count == 2
    first, second = (customers.account(each) for each in (least, most))
    assert first is not None
    assert second is not None
    assert first.term is not None
    assert second.term is not None
    assert (first.name, first.longitude_millionths, first.term.allowance_wh) == ("王小明", 120_500_000, 15_000)
    assert (second.class_code, second.term.capacity_va) == (2, 12_500)
    meters = tmp_path / "meters.csv"
    header = ["表号", "户号", "装表日期", "示数类型", "起码", "整数位", "小数位", "倍率"]
    lines = [
        ["A1", first.number, "2025-01-01", "", "12.5", "5", "1", ""],
        ["B1", second.number, "2025-01-01", "总", "0", "5", "1", "30"],
        ["B1", second.number, "2025-01-01", "峰", "0", "5", "1", "30"],
        ["C1", second.number, "2025-01-01", "总", "0", "5", "1", "30"],
        ["C1", second.number, "2025-01-01", "谷", "0.55", "5", "1", "30"],
        ["D1", "0000000000", "2025-01-01", "", "", "", "", ""],
    ]
    meters.write_bytes(csv_bytes(lines, "utf-8", header))
    hung = metering.import_meters(ACTOR, meters)
    assert (hung.accepted, hung.imported) == (3, True)
    assert [(row.row, row.code) for row in hung.refused] == [
        (5, "other_row_refused"), (6, "too_many_decimals"), (7, "unknown_account"),
    ]  # fmt: skip
    assert [len(meter.registers) for meter in metering.meters_of(most)] == [2]
    assert metering.register_values(least)[0].value == 125
    for act, file in ((metering.import_customers, path), (metering.import_meters, meters)):
        with pytest.raises(Refusal) as again:
            act(ACTOR, file)
        assert again.value.code == "same_file"


def test_held_readings_are_told_by_row_and_meter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below what stands there, in lines 3 and 5 of a file that comes in two parts; the others are taken."""
    monkeypatch.setattr(running, "ROWS_AT_ONCE", 2)
    homes(4)
    first, path = tmp_path / "january.csv", tmp_path / "february.csv"
    first.write_bytes(csv_bytes([[f"M{k:06d}", "100", "2025-02-01"] for k in range(4)]))
    assert metering.import_readings(ACTOR, first).held_rows == ()
    values = ["190", "90", "195", "80"]
    path.write_bytes(csv_bytes([[f"M{k:06d}", value, "2025-03-01"] for k, value in enumerate(values)]))
    dry = metering.import_readings(ACTOR, path, metering.Options(dry_run=True))
    shown = CliRunner().invoke(app, ["readings", str(path), "--dry-run"]).stdout
    told = json.loads(CliRunner().invoke(app, ["readings", str(path), "--dry-run", "--json"]).stdout)
    done = metering.import_readings(ACTOR, path)
    held = [(row.row, row.meter, metering.REASONS[row.reason].code) for row in done.held_rows]
    assert held == [(3, "M000001", "below_previous"), (5, "M000003", "below_previous")]
    assert dry.held_rows == done.held_rows
    assert [(row["row"], row["meter"], row["code"]) for row in told["held_rows"]] == held
    assert [line.split()[:2] for line in shown.splitlines() if "M00000" in line] == [["3", "M000001"], ["5", "M000003"]]


def test_held_rows_beyond_bound_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "HELD_KEPT", 1)
    homes(3)
    path = tmp_path / "a.csv"
    rows = [[f"M{k:06d}", value, day] for day, value in (("2025-02-01", "9"), ("2025-03-01", "5")) for k in range(3)]
    path.write_bytes(csv_bytes(rows))
    done = metering.import_readings(ACTOR, path)
    assert (done.held, len(done.held_rows)) == (3, 1)


def test_files_taken_are_known_by_door_and_told_to_who_may_take_them(tmp_path: Path) -> None:
    homes(3)
    path = tmp_path / "at the machine.csv"
    path.write_bytes(csv_bytes([*ROWS[:2], ["M9", "1", "2025-02-01"]]))
    CliRunner().invoke(app, ["readings", str(path)])
    other = tmp_path / "of another door.csv"
    other.write_bytes(csv_bytes([ROWS[2]]))
    assert metering.import_readings(Actor("system", "b", "office", everywhere=True), other).imported
    (taken,) = metering.files_taken(ACTOR, "cli", 10)
    assert (taken.kind, taken.name, taken.rows, taken.accepted, taken.refused) == ("readings", path.name, 3, 2, 1)
    assert metering.files_taken(Actor("staff", "c", "office"), "cli", 10) == []


def test_only_who_may_imports(tmp_path: Path) -> None:
    nobody = Actor("staff", "clerk", "office")
    for act in (metering.import_customers, metering.import_meters, metering.import_readings):
        with pytest.raises(Refusal) as refused:
            act(nobody, tmp_path / "a.csv")
        assert refused.value.code == "not_allowed"


def test_the_command_line(tmp_path: Path) -> None:
    homes(3)
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([*ROWS[:2], ["M9", "1", "2025-02-01"]]))
    runner = CliRunner()
    dry = runner.invoke(app, ["readings", str(path), "--dry-run", "--json"])
    told = json.loads(dry.stdout)
    assert (dry.exit_code, told["accepted"], told["refused"], told["imported"]) == (1, 2, 1, False)
    assert "would be imported" in runner.invoke(app, ["readings", str(path), "--dry-run"]).stdout
    assert (
        "nothing would be imported"
        in runner.invoke(app, ["readings", str(path), "--dry-run", "--all-or-nothing"]).stdout
    )
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(csv_bytes([["M9", "1", "2025-02-01"], ["", "1", "2025-02-01"]]))
    none = runner.invoke(app, ["readings", str(wrong), "--dry-run"])
    assert (none.exit_code, "nothing would be imported" in none.stdout) == (1, True)
    assert "serial_missing: The meter number is missing." in " ".join(none.stdout.split())
    done = runner.invoke(app, ["readings", str(path), "--report", str(tmp_path / "r.csv")])
    assert done.exit_code == 1
    assert "2 accepted" in done.stdout
    assert "unknown_meter" in done.stdout
    assert (tmp_path / "r.csv").exists()
    again = runner.invoke(app, ["readings", str(path)])
    assert isinstance(again.exception, Refusal)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows, accepted, refused, name FROM metering_readingbatch WHERE digest <> ''")
        assert cursor.fetchall() == [(3, 2, 1, "a.csv")]
