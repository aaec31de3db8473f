"""Opening accounts: a batch is gathered into one frame and checked by columns, then written by COPY."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
from django.db import connection

from gridhall.customers import keys, models
from gridhall.customers.copy_text import copy_frame
from gridhall.customers.views import AccountsRegistered, NewAccounts
from gridhall.kernel import ids
from gridhall.kernel.refusal import Refusal
from gridhall.territory import public as territory

# Column → (Polars type, default where the batch gives no column).
COLUMNS: dict[str, tuple[Any, Any]] = {
    "name": (pl.String, ""), "address": (pl.String, ""), "area_id": (pl.Int64, 0), "class_code": (pl.Int64, 0),
    "tariff_code": (pl.String, ""), "since": (pl.Date, None), "number": (pl.String, ""), "kind": (pl.String, "person"),
    "phone": (pl.String, ""), "email": (pl.String, ""), "language": (pl.String, "zh"),
    "longitude_millionths": (pl.Int64, 0), "latitude_millionths": (pl.Int64, 0), "premise_id": (pl.Int64, 0),
    "voltage": (pl.String, "<1kV"), "capacity_va": (pl.Int64, 0), "contract_w": (pl.Int64, 0),
    "power_factor_standard": (pl.Int64, 0), "persons": (pl.Int64, 0), "allowance_wh": (pl.Int64, 0),
    "sub_share": (pl.Int64, 0), "sub_wh": (pl.Int64, 0),
}  # fmt: skip

LONGEST = {
    "name": 160,
    "address": 240,
    "phone": 32,
    "email": 200,
    "tariff_code": 80,
    "voltage": 24,
    "kind": 12,
    "language": 8,
}
NOT_NEGATIVE = ("capacity_va", "contract_w", "power_factor_standard", "persons", "allowance_wh", "sub_share", "sub_wh")
SHARE_MOST = 10_000  # a share of all the use, in hundredths of a per cent
SMALL_MOST = 32_767  # of a smallint


@dataclass
class OpeningFrame:
    """A batch as one frame, and the rows that are refused. `existing`: premise id → (address, area id)."""

    rows: pl.DataFrame
    refused: list[Refusal] = field(default_factory=list)


def assemble(new: NewAccounts) -> OpeningFrame:
    """Gather and check a batch; wrong lengths of columns raise ValueError (a mistake of the caller, not of a row)."""
    data = {}
    for name, (kind, default) in COLUMNS.items():
        given = getattr(new, name)
        if len(given) not in (0, len(new)):
            raise ValueError(f"column {name} has {len(given)} rows, not {len(new)}")
        values = (
            pl.Series(name, given, dtype=kind) if len(given) else pl.repeat(default, len(new), dtype=kind, eager=True)
        )
        data[name] = values.fill_null(default) if default is not None else values
    frame = OpeningFrame(pl.DataFrame(data).with_row_index("row"))
    for check in (_texts, _numbers, _whereabouts, _premises):
        frame.refused.extend(check(frame))
    frame.refused.sort(key=lambda refusal: refusal.row)
    return frame


def _texts(frame: OpeningFrame) -> Iterator[Refusal]:
    rows = frame.rows
    for name, en, zh in (
        ("name", "name", "户名"),
        ("address", "address", "用电地址"),
        ("tariff_code", "tariff", "电价"),
    ):
        absent = pl.col(name).str.strip_chars() == ""
        if name == "address":
            absent &= pl.col("premise_id") == 0
        code = "tariff_missing" if name == "tariff_code" else f"{name}_missing"
        yield from _refuse(rows, absent, name, code, f"The {en} is missing.", f"缺少{zh}。")
    for name, most in LONGEST.items():
        yield from _refuse(
            rows, pl.col(name).str.len_chars() > most, name, "text_too_long",
            f"{name} is longer than {most} characters.", f"{name} 超过 {most} 个字符。",
        )  # fmt: skip
        yield from _refuse(
            rows, pl.col(name).str.contains(r"[\x00-\x08\x0b-\x1f\x7f]"), name, "bad_character",
            f"{name} has a control character in it.", f"{name} 含有控制字符。",
        )  # fmt: skip


def _numbers(frame: OpeningFrame) -> Iterator[Refusal]:
    given = frame.rows.filter(pl.col("number") != "").select("row", "number").rows()
    if not given:
        return
    counts = Counter(number for _, number in given)
    taken = set(models.Account.objects.filter(number__in=list(counts)).values_list("number", flat=True))
    for row, number in given:
        if len(number) != 10 or not ids.has_valid_check_digit(number):
            yield _refusal(
                row, "number", "bad_number", number, "The account number has a wrong digit.", "户号校验位不符。"
            )
        elif counts[number] > 1:
            yield _refusal(
                row, "number", "number_twice", number, "The number stands twice in the batch.", "户号在批次中重复。"
            )
        elif number in taken:
            yield _refusal(row, "number", "number_taken", number, "An account has this number.", "户号已存在。")


def _whereabouts(frame: OpeningFrame) -> Iterator[Refusal]:
    rows = frame.rows
    areas = [area.id for area in territory.areas()]
    outside = ~pl.col("area_id").is_in(areas) & (pl.col("premise_id") == 0)
    yield from _refuse(rows, outside, "area_id", "unknown_area", "There is no such area.", "没有此责任区。")
    classes = [models.RESIDENTIAL, models.COMMERCIAL, models.INDUSTRIAL]
    yield from _refuse(
        rows, ~pl.col("class_code").is_in(classes), "class_code", "unknown_class",
        "There is no such customer class.", "没有此用电类别。",
    )  # fmt: skip
    yield from _refuse(
        rows,
        pl.col("since").is_null(),
        "since",
        "since_missing",
        "The day of the beginning is missing.",
        "缺少起始日期。",
    )
    for name in NOT_NEGATIVE:
        yield from _refuse(rows, pl.col(name) < 0, name, "negative", f"{name} is negative.", f"{name} 为负数。")
    for name, most in (("persons", SMALL_MOST), ("power_factor_standard", SMALL_MOST), ("sub_share", SHARE_MOST)):
        yield from _refuse(rows, pl.col(name) > most, name, "too_great", f"{name} is too great.", f"{name} 过大。")


def _premises(frame: OpeningFrame) -> Iterator[Refusal]:
    """Rows that move into a premise: it is there, nobody is supplied in it; its address and area are taken from it."""
    wanted = [value for value in frame.rows["premise_id"].to_list() if value]
    if not wanted:
        return
    found = {each.id: each for each in models.Premise.objects.filter(id__in=wanted)}
    taken = set(
        models.Agreement.objects.filter(premise_id__in=wanted, until__isnull=True).values_list("premise_id", flat=True)
    )
    ends: dict[int, date] = {}
    for premise_id, until in models.Agreement.objects.filter(premise_id__in=wanted).values_list("premise_id", "until"):
        if until is not None:
            ends[premise_id] = max(until, ends.get(premise_id, until))
    twice = Counter(wanted)
    addresses, areas = frame.rows["address"].to_list(), frame.rows["area_id"].to_list()
    for row, (premise_id, since) in enumerate(frame.rows.select("premise_id", "since").iter_rows()):
        if premise_id == 0:
            continue
        if premise_id not in found:
            yield _refusal(
                row, "premise_id", "unknown_premise", premise_id, "There is no such premise.", "没有此用电地址。"
            )
            continue
        if premise_id in taken or twice[premise_id] > 1 or (since and premise_id in ends and since < ends[premise_id]):
            yield _refusal(
                row, "premise_id", "premise_taken", premise_id,
                "Somebody is supplied in this premise on that day.", "该用电地址当日已有用电户。",
            )  # fmt: skip
        addresses[row], areas[row] = found[premise_id].address, found[premise_id].area_id
    frame.rows = frame.rows.with_columns(pl.Series("address", addresses), pl.Series("area_id", areas, dtype=pl.Int64))


def _refuse(rows: pl.DataFrame, where: pl.Expr, name: str, code: str, en: str, zh: str) -> Iterator[Refusal]:
    for row, value in rows.filter(where).select("row", name).iter_rows():
        yield _refusal(row, name, code, value, en, zh)


def _refusal(row: int, name: str, code: str, value: object, en: str, zh: str) -> Refusal:
    return Refusal(code, en, zh, field=name, row=row, value="" if value is None else str(value))


def write(frame: OpeningFrame) -> AccountsRegistered:
    """Write a checked batch by COPY, in the transaction that is open."""
    rows = _with_ids(frame.rows)
    units = {area.id: area.unit_id for area in territory.areas()}
    rows = rows.with_columns(
        pl.col("area_id").replace_strict(units, return_dtype=pl.Int64).alias("unit_id"),
        pl.Series("name_key", _keys(rows["name"], keys.name_key), dtype=pl.String),
        pl.lit(None, dtype=pl.Date).alias("until"),
        pl.lit(None, dtype=pl.Date).alias("closed_on"),
    )
    copy_frame(
        "customers_customer",
        rows.select(pl.col("customer_id").alias("id"), "kind", "name", "name_key", "phone", "email", "language"),
    )
    copy_frame("customers_premise", _premise_rows(rows.filter(pl.col("new_premise"))))
    copy_frame(
        "customers_account",
        rows.select(
            pl.col("account_id").alias("id"), "number", "customer_id", "unit_id", "area_id", "class_code",
            pl.col("since").alias("opened_on"), "closed_on",
        ),
    )  # fmt: skip
    copy_frame(
        "customers_agreement",
        rows.select(pl.col("agreement_id").alias("id"), "account_id", "premise_id", "since", "until"),
    )
    copy_frame(
        "customers_supplyterm",
        rows.select(
            "agreement_id", "account_id", "since", "until", "tariff_code", "voltage", "capacity_va", "contract_w",
            "power_factor_standard", "persons", "allowance_wh", "sub_share", "sub_wh",
        ),
    )  # fmt: skip
    return AccountsRegistered(
        account_ids=tuple(rows["account_id"]),
        numbers=tuple(rows["number"]),
        agreement_ids=tuple(rows["agreement_id"]),
        premise_ids=tuple(rows["premise_id"]),
    )


def _with_ids(rows: pl.DataFrame) -> pl.DataFrame:
    count = len(rows)
    new_premise = rows["premise_id"] == 0
    fresh = iter(ids.take("premise_id", int(new_premise.sum())))
    premise_ids = [given or next(fresh) for given in rows["premise_id"]]
    numbers = _free_numbers(rows["number"].to_list())
    return rows.with_columns(
        new_premise.alias("new_premise"),
        pl.Series("premise_id", premise_ids, dtype=pl.Int64),
        pl.Series("number", numbers, dtype=pl.String),
        *[
            pl.Series(name, ids.take(name, count), dtype=pl.Int64)
            for name in ("customer_id", "account_id", "agreement_id")
        ],
    )


def _free_numbers(given: Sequence[str]) -> list[str]:
    """Numbers as given, and free ones where none is given: nine digits of the sequence and their check digit."""
    wanted = sum(1 for number in given if not number)
    free: list[str] = []
    while len(free) < wanted:
        made = [f"{number:09d}" for number in ids.take("account_number", wanted - len(free))]
        made = [digits + ids.check_digit(digits) for digits in made]
        with connection.cursor() as cursor:
            # an imported number may stand in the way of the sequence
            cursor.execute("SELECT number FROM customers_account WHERE number = ANY(%s)", [made])
            taken = {row[0] for row in cursor.fetchall()} | set(given)
        free.extend(number for number in made if number not in taken)
    fresh = iter(free)
    return [number or next(fresh) for number in given]


def _premise_rows(rows: pl.DataFrame) -> pl.DataFrame:
    placed = (pl.col("longitude_millionths") != 0) | (pl.col("latitude_millionths") != 0)
    return rows.select(
        pl.col("premise_id").alias("id"),
        "area_id",
        "address",
        pl.Series("address_key", _keys(rows["address"], keys.address_key), dtype=pl.String),
        *[
            pl.when(placed)
            .then(pl.col(f"{axis}_millionths").cast(pl.Decimal(18, 6)) / pl.lit(1_000_000).cast(pl.Decimal(18, 0)))
            .alias(axis)
            for axis in ("longitude", "latitude")
        ],
    )


def _keys(texts: pl.Series, key: Callable[[str], str]) -> list[str]:
    """Search keys of a column; a text that comes often (family names do) is worked out once."""
    known: dict[str, str] = {}
    for text in texts.unique():
        known[text] = key(text)
    return [known[text] for text in texts]
