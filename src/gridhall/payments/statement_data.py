"""Statements of our bank and money in suspense: frozen values. Money in minor units."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class EntryIn:
    """A line of a statement as a reader of a format gives it.

    `row`: the line of the file, counted from 1. `amount`: above zero for what came in, below for what went out.
    `bank_ref`: the bank's own number of it; `text`: all that the payer and the bank say about it.
    """

    row: int
    booked_on: date
    value_on: date
    amount: int
    bank_ref: str = ""
    payer_name: str = ""
    payer_account: str = ""
    virtual_account: str = ""
    text: str = ""


@dataclass(frozen=True)
class StatementIn:
    """A statement as a reader gives it: `opening` + its entries = `closing`, which the room checks.

    `account`: our account as the bank writes it; `ident` and `sequence`: what the bank calls the statement; a file that
    names no statement has an empty `ident`. `row`: its first line in the file.
    """

    account: str
    ident: str
    sequence: int
    currency: str
    opening: int
    closing: int
    from_on: date
    to_on: date
    entries: tuple[EntryIn, ...]
    row: int = 1


@dataclass(frozen=True)
class BankAccountView:
    """An account of ours: fields as of `BankAccount`; `waiting`: items of it that are open in suspense."""

    id: int
    number: str
    name_en: str
    name_zh: str
    unit_id: int
    currency: str
    virtual_prefix: str
    post_points: int


@dataclass(frozen=True)
class StatementView:
    """A statement that was brought in. `gap`: its opening balance less the closing balance of the one before, None for
    the first; where it is not 0, one between them is missing. `open_count`: its entries that wait in suspense."""

    id: int
    account_id: int
    ident: str
    sequence: int
    from_on: date
    to_on: date
    opening: int
    closing: int
    entries_told: int
    entries_new: int
    came: int
    went: int
    form: str
    file_name: str
    loaded_by_name: str
    loaded_at: datetime
    gap: int | None
    open_count: int
    open_amount: int


@dataclass(frozen=True)
class Loaded:
    """What became of a statement of a file. `known`: it had come before, nothing was booked; `confirmed`: lines that
    are the bank's side of what was booked before; `new`: lines that were booked."""

    statement_id: int
    account: str
    ident: str
    entries: int
    new: int
    confirmed: int
    known: bool
    gap: int | None


@dataclass(frozen=True)
class Matched:
    """What matching did: items looked at, how many were booked to accounts and how much."""

    looked_at: int
    posted: int
    amount: int


@dataclass(frozen=True)
class Proposal:
    """Accounts that money may be meant for: one part, or several whose debts it pays together.

    `points`: of 100 (rules.transfer_match), from `reference`, `amount_fit`, `name_fit` and `rivals`; `part`: (account,
    minor units).
    """

    points: int
    reference: int
    amount_fit: int
    name_fit: int
    rivals: int
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ActView:
    """What was or is to be done about money in suspense: fields as of `SuspenseAct`."""

    id: int
    item_id: int
    kind: str
    amount: int
    state: str
    account_id: int
    payment_no: int
    other_id: int
    confirms: str
    points: int
    note: str
    made_by: int
    made_by_name: str
    made_at: datetime
    decided_by_name: str
    decided_at: datetime | None


@dataclass(frozen=True)
class SuspenseView:
    """Money in suspense: fields as of `SuspenseItem` with its line of a statement or its row of a bank's day.

    `free`: what of `open` is not asked for or agreed already; `counterparty`, `partner_code`: of the day, empty for a
    statement.
    """

    id: int
    unit_id: int
    amount: int
    open: int
    free: int
    on: date
    side: str
    value_on: date
    payer_name: str
    payer_account: str
    virtual_account: str
    text: str
    bank_ref: str
    statement_id: int
    bank_account_id: int
    counterparty: str
    reconciliation_id: int
    serial: str
    account_number: str
    payment_account: int
    payment_no: int
    virtual_prefix: str
    partner_code: str
