"""Stripe's movements of a day, as it answers them (balance transactions): payments and refunds, with their fees."""

import json
from datetime import UTC, date, datetime
from typing import Any

from gridhall.adapters.gateway_setup.refusing import refused
from gridhall.payments.ports import BillRow

PAYMENTS, REFUNDS = ("charge", "payment"), ("refund", "payment_refund")


def read_bill(data: bytes, on: date) -> list[BillRow]:
    """The payments and refunds among the movements of a day; what else moves there (payouts, Stripe's own fees) is not
    of a customer. Refuses bad_day_file (row, field), day_file_double, day_file_other."""
    try:
        movements = json.loads(data)
    except (ValueError, UnicodeDecodeError) as error:
        raise refused("bad_day_file", field="file") from error
    if not isinstance(movements, list):
        raise refused("bad_day_file", field="file")
    rows: list[BillRow] = []
    seen: set[str] = set()
    for number, each in enumerate(movements, 1):
        if not isinstance(each, dict):
            raise refused("bad_day_file", field="row", row=number)
        if each.get("type") not in (*PAYMENTS, *REFUNDS):
            continue
        row = _row(each, number, on)
        if row.serial in seen:
            raise refused("day_file_double", field="serial", row=number, value=row.serial)
        seen.add(row.serial)
        rows.append(row)
    return rows


def _row(each: dict[str, Any], number: int, on: date) -> BillRow:
    source, amount, fee, at = each.get("source"), each.get("amount"), each.get("fee"), each.get("created")
    if type(amount) is not int or type(fee) is not int or type(at) is not int or not isinstance(source, dict):
        raise refused("bad_day_file", field="amount", row=number)
    if datetime.fromtimestamp(at, UTC).date() != on:
        raise refused("day_file_other", field="created", row=number, value=at)
    told = source.get("metadata")
    told = told if isinstance(told, dict) else {}
    # what was not begun here has Stripe's own number, and is left to ask about
    order_no = str(told.get("order_no") or source.get("payment_intent") or source.get("id") or "")
    serial = order_no if each["type"] in PAYMENTS else str(told.get("refund_no") or source.get("id") or "")
    if not 1 <= len(serial) <= 40 or (amount > 0) != (each["type"] in PAYMENTS) or amount == 0:
        raise refused("bad_day_file", field="source", row=number)
    return BillRow(serial, order_no[:40], amount, fee)
