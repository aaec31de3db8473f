"""WeChat's bill of a day (交易账单, ALL): packed CSV in UTF-8, each field behind a back-tick, sums at the end."""

import gzip
import zlib
from datetime import date

from gridhall.adapters.gateway_setup import wire
from gridhall.adapters.gateway_setup.refusing import refused
from gridhall.payments.ports import BillRow

UNPACKED_MOST = 512_000_000
AT, ORDER, REFUND, STATE = "交易时间", "商户订单号", "商户退款单号", "交易状态"
DUE, BACK, AMOUNT, ASKED_BACK, FEE = "应结订单金额", "退款金额", "订单金额", "申请退款金额", "手续费"
COLUMNS = (AT, ORDER, REFUND, STATE, DUE, BACK, AMOUNT, ASKED_BACK, FEE)
# Each sum at the end, by the column that it is of.
SUMS = {"应结订单总金额": DUE, "退款总金额": BACK, "订单总金额": AMOUNT, "申请退款总金额": ASKED_BACK}
COUNT = "总交易单数"
FEE_DECIMALS = 5


def unpacked(data: bytes) -> bytes:
    """The file without its packing. Refuses bad_day_file."""
    reader = zlib.decompressobj(wbits=31)
    try:
        text = reader.decompress(data, UNPACKED_MOST)
        if reader.unconsumed_tail or not reader.eof:
            raise refused("bad_day_file", field="file", value=len(data))
    except (zlib.error, gzip.BadGzipFile) as error:
        raise refused("bad_day_file", field="file") from error
    return text


def read_bill(data: bytes, on: date) -> list[BillRow]:
    """The movements of a day, all or nothing. Refuses: bad_day_file (row, field), day_file_double, day_file_other,
    day_file_altered (its sums are not what its rows come to)."""
    try:
        lines = unpacked(data).decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise refused("bad_day_file", field="encoding") from error
    header = lines[0].split(",")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise refused("bad_day_file", field=missing[0], row=1)
    rows: list[BillRow] = []
    came = dict.fromkeys(SUMS.values(), 0)
    seen: set[str] = set()
    number = 1
    for number, line in enumerate(lines[1:], 2):
        if not line.startswith("`"):
            break
        fields = line[1:].split(",`")
        if len(fields) != len(header):
            raise refused("bad_day_file", field="fields", row=number, value=len(fields))
        values = dict(zip(header, fields, strict=True))
        row = _row(values, number, on)
        if row.serial in seen:
            raise refused("day_file_double", field="serial", row=number, value=row.serial)
        seen.add(row.serial)
        rows.append(row)
        for name in came:
            came[name] += _amount(values, name, number)
    _refuse_other_sums(lines, number, len(rows), came)
    return rows


def _row(values: dict[str, str], number: int, on: date) -> BillRow:
    """A movement; what of an order is not due to us (a coupon of ours) counts as kept, as the fee does."""
    state = values[STATE]
    if state not in ("SUCCESS", "REFUND"):
        raise refused("bad_day_file", field=STATE, row=number, value=ascii(state[:20]))
    serial = values[ORDER] if state == "SUCCESS" else values[REFUND]
    for name, text in ((ORDER, values[ORDER]), (REFUND, serial)):
        if not (1 <= len(text) <= 40 and text.isascii() and text.isprintable()):
            raise refused("bad_day_file", field=name, row=number, value=ascii(text[:40]))
    fee = _fee(values, number)
    if state == "REFUND":
        amount, due = -_amount(values, ASKED_BACK, number), -_amount(values, BACK, number)
    else:
        amount, due = _amount(values, AMOUNT, number), _amount(values, DUE, number)
        done_on = wire.day(values[AT])
        if done_on is None:
            raise refused("bad_day_file", field=AT, row=number, value=ascii(values[AT][:24]))
        if done_on != on:
            raise refused("day_file_other", field=AT, row=number, value=values[AT])
    if amount == 0 or (amount > 0) != (state == "SUCCESS"):
        raise refused("bad_day_file", field=AMOUNT, row=number, value=amount)
    return BillRow(serial, values[ORDER], amount, amount - due + fee)


def _amount(values: dict[str, str], name: str, number: int) -> int:
    try:
        return wire.minor(values[name])
    except ValueError as error:
        raise refused("bad_day_file", field=name, row=number, value=ascii(values[name][:20])) from error


def _fee(values: dict[str, str], number: int) -> int:
    """The fee, told to 1/100,000 yuan, in fen: half away from zero, as WeChat keeps it."""
    text = values[FEE]
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, part = digits.partition(".")
    if not (f"{whole}{part}".isascii() and f"{whole}{part}".isdecimal() and whole) or len(part) > FEE_DECIMALS:
        raise refused("bad_day_file", field=FEE, row=number, value=ascii(text[:20]))
    parts = int(whole + part.ljust(FEE_DECIMALS, "0"))
    return sign * ((parts + 500) // 1000)


def _refuse_other_sums(lines: list[str], number: int, count: int, came: dict[str, int]) -> None:
    """The last two lines: names of the sums, and the sums."""
    names = lines[number - 1].split(",") if number <= len(lines) else []
    told = lines[number][1:].split(",`") if number < len(lines) and lines[number].startswith("`") else []
    sums = dict(zip(names, told, strict=False))
    if COUNT not in sums or sums[COUNT] != str(count):
        raise refused("day_file_altered", field=COUNT, value=ascii(sums.get(COUNT, "")))
    for name, column in SUMS.items():
        try:
            same = wire.minor(sums[name]) == came[column]
        except (KeyError, ValueError):
            same = False
        if not same:
            raise refused("day_file_altered", field=name, value=ascii(sums.get(name, "")))
