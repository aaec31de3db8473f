"""The town's files as a supplier would bring them: customers and readings as CSV, meters as a workbook; a few rows
wrong."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import openpyxl

from gridhall.metering import public as metering
from gridhall.project.demo import places, use
from gridhall.project.demo.hanging import MODELS, Hanging
from gridhall.project.demo.town import DECIMALS, FOUR_RATE, Ints, Town

TOU_WORDS = {
    metering.TOTAL: "总", metering.SHARP: "尖", metering.PEAK: "峰", metering.FLAT: "平", metering.VALLEY: "谷",
    metering.REACTIVE: "无功", metering.DEMAND: "需量",
}  # fmt: skip
CLASS_WORDS = {1: "居民", 2: "商业", 3: "工业"}


def customers(town: Town, path: Path) -> list[str]:
    """All customers as CSV in GB18030, and three rows that cannot be taken: the codes of their refusals."""
    codes = {area.id: area.code for area in places.territory().areas}
    header = (
        "户号", "户名", "用电地址", "责任区", "用电类别", "电价", "立户日期", "客户类型", "电话", "语言", "经度",
        "纬度", "电压等级", "合同容量", "核定需量", "功率因数标准", "人口", "免费电量",
    )  # fmt: skip
    rows = [
        (
            row["number"], row["name"], row["address"], codes[row["area_id"]], CLASS_WORDS[row["class_code"]],
            row["tariff_code"], places.GO_LIVE.isoformat(), "个人" if row["kind"] == "person" else "单位", row["phone"],
            row["language"], _decimal(row["longitude_millionths"], 6), _decimal(row["latitude_millionths"], 6),
            row["voltage"], _decimal(row["capacity_va"], 3), _decimal(row["contract_w"], 3),
            _decimal(row["power_factor_standard"], 2), str(row["persons"]), _decimal(row["allowance_wh"], 3),
        )
        for row in town.accounts.iter_rows(named=True)
    ]  # fmt: skip
    wrong_digit = rows[0][0][:-1] + str((int(rows[0][0][-1]) + 1) % 10)
    bad = [
        (wrong_digit, *rows[0][1:]),
        ("", rows[0][1], rows[0][2], "NOWHERE", *rows[0][4:]),
        ("", rows[0][1], rows[0][2], rows[0][3], rows[0][4], "no-such-tariff", *rows[0][6:]),
    ]
    _write(path, "gb18030", [header, *rows[:2], *bad, *rows[2:]])
    return ["bad_number", "unknown_area", "unknown_tariff"]


def meters(town: Town, hanging: Hanging, path: Path) -> list[str]:
    """All meters as a workbook, one row a register, and a row without an account that is there."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("meters")
    sheet.append(["表号", "户号", "装表日期", "示数类型", "装表示数", "整数位", "小数位", "倍率", "型号", "相数"])
    numbers = town.accounts["number"].to_list()
    shows = hanging.shows()
    for place, (row, tou) in enumerate(zip(hanging.row.tolist(), hanging.tou.tolist(), strict=True)):
        kind = int(town.meter_kind[row])
        sheet.append(
            [
                hanging.serial[row], numbers[row], places.GO_LIVE.isoformat(), TOU_WORDS[tou],
                _decimal(int(shows[place]), DECIMALS), int(town.digits[row]), DECIMALS, int(town.multiplier[row]),
                MODELS[kind], 3 if kind >= FOUR_RATE else 1,
            ]
        )  # fmt: skip
    sheet.append(["GH-NOBODY", "9999999990", places.GO_LIVE.isoformat(), "总", "0", 6, DECIMALS, 1, "DDZY-1", 1])
    book.save(path)
    return ["unknown_account"]


def readings(hanging: Hanging, where: Ints, values: Ints, kinds: Ints, period: int, path: Path) -> list[str]:
    """The readings of a month as CSV in UTF-8, and three rows that cannot be taken."""
    day = use.next_day(period).isoformat()
    header = ("表号", "示数类型", "示数", "抄表日期", "抄表方式")
    rows = [
        (
            hanging.serial[row], TOU_WORDS[tou], _decimal(value, DECIMALS), day,
            "用户自报" if kind == metering.CUSTOMER_READ else "实抄",
        )
        for row, tou, value, kind in zip(
            hanging.row[where].tolist(), hanging.tou[where].tolist(), values.tolist(), kinds.tolist(), strict=True
        )
    ]  # fmt: skip
    first = rows[0]
    bad = [
        ("NO-SUCH-METER", *first[1:]),
        (first[0], first[1], "-12.00", *first[3:]),
        (first[0], first[1], first[2], "2031-01-01", first[4]),
    ]
    _write(path, "utf-8-sig", [header, *rows[:1], *bad, *rows[1:]])
    return ["unknown_meter", "negative_value", "future_date"]


def _write(path: Path, encoding: str, rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)


def _decimal(value: int, decimals: int) -> str:
    whole, part = divmod(abs(value), 10**decimals)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{decimals}d}"


def register_ids(account_ids: Ints, hanging: Hanging) -> Ints:
    """Register ids of the town's registers as metering knows them."""
    found = np.zeros(len(hanging.row), np.int64)
    for row, account_id in enumerate(account_ids.tolist()):
        (meter,) = metering.meters_of(account_id)
        by_tou = {each.tou: each.id for each in meter.registers}
        for place in np.flatnonzero(hanging.row == row).tolist():
            found[place] = by_tou[int(hanging.tou[place])]
    return found
