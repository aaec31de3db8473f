"""On what occasions something is said, and what may stand in it.

An occasion's fields are what the fact behind it gives: a text may name these and no others. `required` ones are owed to
the customer by law or contract and cannot be switched off.
"""

from dataclasses import dataclass, field

MONEY, DAY, PERIOD, TEXT, NUMBER = "money", "day", "period", "text", "number"

ALWAYS = {"account": TEXT, "name": TEXT}  # what every text may name: the account's number and the customer's name


@dataclass(frozen=True)
class Occasion:
    """An occasion. `code` is stable and small: it stands in a big table; `fields`: name → kind of value."""

    code: int
    name: str
    en: str
    zh: str
    fields: dict[str, str] = field(default_factory=dict)
    required: bool = False
    example: dict[str, object] = field(default_factory=dict)

    @property
    def all_fields(self) -> dict[str, str]:
        return {**ALWAYS, **self.fields}


_DEBIT = {"amount": MONEY, "day": DAY, "bank": TEXT, "last_four": TEXT}
_DEBIT_EXAMPLE: dict[str, object] = {
    "amount": 12_345, "day": "2026-11-20", "bank": {"zh": "湖银行", "en": "Lake Bank"}, "last_four": "4321",
}  # fmt: skip
_ITEMS_EXAMPLE = {"zh": "2026年10月电费 123.45 元", "en": "electricity October 2026 CNY 123.45"}

OCCASIONS = [
    Occasion(
        1, "bill_issued", "a bill was issued", "电费账单已出",
        {"period": PERIOD, "amount": MONEY, "due": DAY}, True,
        {"period": 202610, "amount": 12_345, "due": "2026-11-20"},
    ),
    Occasion(
        2, "payment_received", "money was received", "缴费成功",
        {"amount": MONEY, "day": DAY, "credit": MONEY, "left": MONEY}, False,
        {"amount": 12_345, "day": "2026-11-20", "credit": 0, "left": 0},
    ),
    Occasion(
        3, "payment_reversed", "a payment was taken back", "缴费已撤销",
        {"amount": MONEY, "reason": TEXT}, True, {"amount": 12_345, "reason": "重复缴费"},
    ),
    Occasion(
        4, "debit_announced", "a debit is coming", "代扣预告", {**_DEBIT, "items": TEXT}, True,
        {**_DEBIT_EXAMPLE, "items": _ITEMS_EXAMPLE},
    ),
    Occasion(
        5, "debit_done", "a debit was made", "代扣成功", {**_DEBIT, "items": TEXT}, True,
        {**_DEBIT_EXAMPLE, "items": _ITEMS_EXAMPLE},
    ),
    Occasion(
        6, "debit_failed", "a debit failed", "代扣失败", {**_DEBIT, "reason": TEXT, "again": DAY}, True,
        {**_DEBIT_EXAMPLE, "reason": {"zh": "余额不足", "en": "too little money"}, "again": "2026-11-25"},
    ),
    Occasion(
        7, "debit_balance_low", "the bank account may hold too little", "代扣账户余额不足提醒", _DEBIT, False,
        _DEBIT_EXAMPLE,
    ),
    Occasion(
        8, "mandate_changed", "a debit mandate changed", "代扣协议变更", {"last_four": TEXT, "state": TEXT}, True,
        {"last_four": "4321", "state": {"zh": "已生效", "en": "active"}},
    ),
    Occasion(
        9, "credit_refunded", "credit was paid out", "预存款已退", {"amount": MONEY}, True, {"amount": 12_345},
    ),
    Occasion(
        10, "cheque_returned", "a cheque was returned", "支票退票", {"amount": MONEY, "fee": MONEY}, True,
        {"amount": 12_345, "fee": 1_000},
    ),
]  # fmt: skip
BY_NAME = {each.name: each for each in OCCASIONS}
BY_CODE = {each.code: each for each in OCCASIONS}
