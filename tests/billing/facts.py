"""Facts of a few accounts, made by hand: no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gridhall.billing.deciding import Decided, decide
from gridhall.billing.facts import Book, Facts, Stretch
from gridhall.columns.rating import pack
from gridhall.customers.public import OPEN_DAY, TermColumns
from gridhall.metering.public import ACTUAL, ReadingColumns
from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs.book import load_book
from gridhall.tariffs.compile import compile_version

BOOK = """
tariff: trial
name: {zh: 试, en: Trial}
currency: CNY
source: made up for tests
for: {class: residential, meter: own, voltage: below 1 kV}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    energy:
      - price per kWh: %s
        clause: {zh: 价, en: price}
"""


def flat_plan(price: str) -> CompiledPlan:
    """One price for every kWh."""
    book = load_book(BOOK % price)
    return compile_version(book, book.versions[0])


@dataclass(frozen=True)
class Reading:
    """A register of account 1 unless stated, from one value to another (kWh with two decimals), on two days."""

    previous_on: str
    previous: int
    current_on: str
    current: int
    account: int = 1
    register: int = 10
    tou: int = 0
    kind: int = ACTUAL
    after_estimate: int = 0
    multiplier: int = 1


@dataclass(frozen=True)
class Term:
    """A term of an agreement (numbered as the account unless stated); `until` empty while open."""

    since: str
    until: str = ""
    account: int = 1
    agreement: int = 0
    tariff: int = 0
    agreement_since: str = "2024-01-01"
    agreement_until: str = ""
    persons: int = 0
    allowance_wh: int = 0
    class_code: int = 1
    capacity_va: int = 0


@dataclass(frozen=True)
class Version:
    """A version of tariff number `tariff`."""

    plan: CompiledPlan
    since: str = "2020-01-01"
    until: str = ""
    tariff: int = 0


@dataclass(frozen=True)
class PastBill:
    """An issued bill of before."""

    period: int
    from_on: str
    to_on: str
    wh: int
    year_used_wh: int = 0
    account: int = 1
    amount: int = 0
    ended: int = -1  # the value of register 10 on which it ended; -1: its registers are not told
    kind: int = ACTUAL


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() if text else OPEN_DAY


def _columns(rows: Sequence[Sequence[int]], width: int) -> list[np.ndarray]:
    table = np.array(rows, np.int64).reshape(-1, width)
    return [np.ascontiguousarray(table[:, k]) for k in range(width)]


def facts(
    period: int,
    readings: Sequence[Reading],
    terms: Sequence[Term],
    versions: Sequence[Version],
    past: Sequence[PastBill] = (),
    waiting: Sequence[tuple[int, int]] = (),
    taken: Sequence[tuple[int, int, int, int]] = (),
    later: Sequence[tuple[int, str]] = (),
    accept: bool = False,
    only: tuple[int, ...] | None = None,
) -> Facts:
    """Facts for `decide`. `waiting`: (account, reason code); `taken`: (account, agreement, seq, state)."""
    rows = [
        (each.account, each.account, each.register, each.tou, day(each.previous_on), each.previous,
         each.after_estimate, day(each.current_on), each.current, each.kind, each.multiplier, 2, 6)
        for each in readings
    ]  # fmt: skip
    waits = [(account, account, 0, reason) for account, reason in waiting]
    term_rows = [
        (each.account, each.agreement or each.account, 7, each.class_code, day(each.agreement_since),
         day(each.agreement_until), day(each.since), day(each.until), each.tariff, each.capacity_va, 0, 0, each.persons,
         each.allowance_wh, 0, 0)
        for each in terms
    ]  # fmt: skip
    bills = _past(past)
    month_before = period - 1 if period % 100 > 1 else period - 89
    ordered = sorted(versions, key=lambda each: (each.tariff, each.since))
    tariffs = max(each.tariff for each in ordered) + 1
    owners = np.array([each.tariff for each in ordered])
    components = [tuple(range(100 * v, 100 * v + len(each.plan.components))) for v, each in enumerate(ordered, 1)]
    book = Book(
        plans=pack([each.plan for each in ordered]),
        ids=np.arange(1, len(ordered) + 1, dtype=np.int64),
        days=np.array([[day(each.since) for each in ordered], [day(each.until) for each in ordered]], np.int64),
        firsts=np.searchsorted(owners, np.arange(tariffs + 1)).astype(np.int64),
        components=np.array([component for each in components for component in each], np.int64),
        component_starts=np.cumsum([0, *(len(each) for each in components)], dtype=np.int64)[: len(ordered)],
    )
    taken_columns = _columns(taken, 4)
    later_columns = _columns([(account, day(on)) for account, on in later], 2)
    return Facts(
        stretch=Stretch(1, period, 1, 1, 100, date(2026, 11, 3), only, accept),
        terms=TermColumns(tuple(f"t{k}" for k in range(tariffs)), *_columns(term_rows, 16)),
        readings=ReadingColumns(*_columns(rows, 13), *_columns(waits, 4)),
        book=book,
        taken=dict(zip(("account_id", "agreement_id", "seq", "state"), taken_columns, strict=True)),
        last_bill=_newest(bills, period),
        last_use=_uses(past),
        last_month=_only(bills, month_before),
        last_year=_only(bills, period - 100),
        later={"agreement_id": later_columns[0], "from_on": later_columns[1]},
        summed={},
    )


def _past(past: Sequence[PastBill]) -> dict[str, np.ndarray]:
    names = ("account_id", "agreement_id", "period", "from_on", "to_on", "wh", "amount", "year_used_wh")
    rows = [
        (each.account, each.account, each.period, day(each.from_on), day(each.to_on), each.wh, each.amount,
         each.year_used_wh)
        for each in past
    ]  # fmt: skip
    return dict(zip(names, _columns(rows, 8), strict=True))


def _uses(past: Sequence[PastBill]) -> dict[str, np.ndarray]:
    names = ("agreement_id", "register_id", "period", "n", "current_on", "current_value", "kind")
    rows = [
        (each.account, 10 * each.account, each.period, 1, day(each.to_on), each.ended, each.kind)
        for each in past
        if each.ended >= 0
    ]
    return dict(zip(names, _columns(rows, 7), strict=True))


def _only(bills: dict[str, np.ndarray], period: int) -> dict[str, np.ndarray]:
    mine = bills["period"] == period
    return {name: values[mine] for name, values in bills.items()}


def _newest(bills: dict[str, np.ndarray], period: int) -> dict[str, np.ndarray]:
    newest: dict[int, int] = {}
    for k in range(len(bills["period"])):
        if bills["period"][k] < period:
            account = int(bills["account_id"][k])
            if account not in newest or bills["period"][k] > bills["period"][newest[account]]:
                newest[account] = k
    rows = np.array(sorted(newest.values()), np.int64)
    return {name: values[rows] for name, values in bills.items()}


def decided(period: int, readings: Sequence[Reading], terms: Sequence[Term], versions: Sequence[Version],
            **more: object) -> Decided:  # fmt: skip
    return decide(facts(period, readings, terms, versions, **more))  # type: ignore[arg-type]
