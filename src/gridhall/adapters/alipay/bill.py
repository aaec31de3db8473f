"""Alipay's bill of a day (交易账单): a ZIP with the movements as CSV in GBK, between lines that begin with #."""

import csv
import io
import re
import zipfile
import zlib
from datetime import date

from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_setup.refusing import refused
from gridhall.payments.ports import BillRow

UNPACKED_MOST = 512_000_000
TITLE = "#支付宝业务明细查询"
ORDER, REQUEST, KIND = "商户订单号", "退款批次号/请求号", "业务类型"
AMOUNT, RECEIVED, FEE, DONE_AT = "订单金额（元）", "商家实收（元）", "服务费（元）", "完成时间"
PAYMENT, REFUND = "交易", "退款"
CLOSING = re.compile(r"#[^：]*：([0-9]{1,9})笔，[^0-9-]*(-?[0-9,]{1,16}\.[0-9]{2})元")
COLUMNS = (ORDER, REQUEST, KIND, AMOUNT, RECEIVED, FEE, DONE_AT)


def read_bill(data: bytes, on: date) -> list[BillRow]:
    """The movements of a day, all or nothing.

    Refuses: bad_day_file (row as in the file of details, field), day_file_double, day_file_other (a movement of
    another day), day_file_altered (its closing lines do not come to what its rows do).
    """
    lines = _details(data).split("\n")
    rows: list[BillRow] = []
    received: list[int] = []
    seen: set[str] = set()
    header: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip().strip("\t") for field in next(csv.reader([line]))]
        if not header:
            header = fields
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                raise refused("bad_day_file", field=missing[0], row=number)
            continue
        row, got = _row(fields, header, number, on)
        if row.serial in seen:
            raise refused("day_file_double", field="serial", row=number, value=row.serial)
        seen.add(row.serial)
        rows.append(row)
        received.append(got)
    if not header:
        raise refused("day_file_altered", field="file")
    _refuse_other_totals(lines, received)
    return rows


def _details(data: bytes) -> str:
    """The text of the file of details in the ZIP, which has a file of sums beside it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(each.file_size for each in packed.infolist()) > UNPACKED_MOST:
                raise refused("bad_day_file", field="file", value=len(data))
            texts = [packed.read(each).decode("gb18030").replace("\r\n", "\n") for each in packed.infolist()]
    except UnicodeDecodeError as error:
        raise refused("bad_day_file", field="encoding") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise refused("bad_day_file", field="file") from error
    found = [text for text in texts if text.startswith(TITLE)]
    if len(found) != 1:
        raise refused("bad_day_file", field="file", value=len(found))
    return found[0]


def _row(fields: list[str], header: list[str], number: int, on: date) -> tuple[BillRow, int]:
    """A movement, and what of it comes to us; a discount of ours counts as what Alipay keeps, as its fee does."""
    if len(fields) != len(header):
        raise refused("bad_day_file", field="fields", row=number, value=len(fields))
    values = dict(zip(header, fields, strict=True))
    kind = values[KIND]
    if kind not in (PAYMENT, REFUND):
        raise refused("bad_day_file", field=KIND, row=number, value=ascii(kind[:20]))
    serial = values[ORDER] if kind == PAYMENT else values[REQUEST]
    for name, text in ((ORDER, values[ORDER]), (REQUEST, serial)):
        if not (1 <= len(text) <= 40 and text.isascii() and text.isprintable()):
            raise refused("bad_day_file", field=name, row=number, value=ascii(text[:40]))
    done_on = wire.day(values[DONE_AT])
    if done_on is None:
        raise refused("bad_day_file", field=DONE_AT, row=number, value=ascii(values[DONE_AT][:24]))
    if done_on != on:
        raise refused("day_file_other", field=DONE_AT, row=number, value=values[DONE_AT])
    amount, received, fee = (_amount(values, name, number) for name in (AMOUNT, RECEIVED, FEE))
    if amount == 0 or (amount > 0) != (kind == PAYMENT):
        raise refused("bad_day_file", field=AMOUNT, row=number, value=values[AMOUNT])
    # Alipay writes the fee that it keeps below zero
    return BillRow(serial, values[ORDER], amount, amount - received - fee), received


def _amount(values: dict[str, str], field: str, number: int) -> int:
    try:
        return wire.minor(values[field] or "0")
    except ValueError as error:
        raise refused("bad_day_file", field=field, row=number, value=ascii(values[field][:20])) from error


def _refuse_other_totals(lines: list[str], received: list[int]) -> None:
    """The closing lines tell how many payments and refunds there are, and what comes to us of them."""
    parts = {"交易合计": [each for each in received if each >= 0], "退款合计": [each for each in received if each < 0]}
    for what, rows in parts.items():
        told = next((_closing(line, what) for line in lines if line.startswith(f"#{what}")), None)
        if told != (len(rows), sum(rows)):
            raise refused("day_file_altered", field=what, value=told or "")


def _closing(line: str, what: str) -> tuple[int, int]:
    """`#退款合计：2笔，商家实收退款共-172.80元，…`: 2 and -17280."""
    found = CLOSING.match(line)
    if found is None:
        raise refused("day_file_altered", field=what)
    return int(found[1]), wire.minor(found[2].replace(",", ""))
