"""What batch debit takes and answers: frozen values. Money in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class NewBank:
    """A bank that debits for us: fields as of `DebitBank`."""

    code: str
    name_en: str
    name_zh: str
    form: str
    creditor_name: str
    creditor_account: str
    creditor_id: str
    creditor_agent: str = ""
    rows_most: int = 50_000


@dataclass(frozen=True)
class BankView:
    id: int
    code: str
    name_en: str
    name_zh: str
    form: str


@dataclass(frozen=True)
class NewMandate:
    """A mandate as it is signed. `number`: of the bank account, spaces allowed; `at`: paper | portal | bank."""

    account_id: int
    bank_id: int
    holder: str
    number: str
    at: str
    signed_on: date
    limit: int = 0
    preferred_day: int = 0
    debtor_agent: str = ""


@dataclass(frozen=True)
class MandateView:
    id: int
    account_id: int
    reference: str
    bank_id: int
    bank_code: str
    bank_en: str
    bank_zh: str
    holder: str
    last_four: str
    signed_at_door: str
    signed_on: date
    state: str
    limit: int
    preferred_day: int
    made_by: int
    made_by_name: str
    made_at: datetime
    changed_at: datetime
    reason: str


@dataclass(frozen=True)
class CycleView:
    """A cycle. `retry_on`: the days to try again that are still to come."""

    id: int
    unit_id: int
    debit_on: date
    attempt: int
    retry_on: tuple[date, ...]
    notice_days: int
    state: str
    announced_on: date | None
    made_by_name: str
    made_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class StateSum:
    """Debits of a cycle by attempt, bank and state (`models.HELD` …): how many and how much."""

    cycle_id: int
    attempt: int
    bank_id: int
    state: int
    count: int
    amount: int


@dataclass(frozen=True)
class DebitView:
    """A debit with all that became of it. `state`: models.HELD … WITHDRAWN; `outcome`: the bank's word, 0 none;
    `retry_on`: when it will be tried again, where it failed and a day is left."""

    account_id: int
    cycle_id: int
    attempt: int
    mandate_id: int
    bank_id: int
    debit_on: date
    announced: int
    amount: int
    usual: int
    held: int
    state: int
    outcome: int
    bank_on: date | None
    file_id: int
    line: int
    last_four: str
    announced_on: date | None
    retry_on: date | None


@dataclass(frozen=True)
class NoticeRow:
    """What a notice about a debit says. `items`: (period, kind, seq, minor units) of what it paid or is to pay; `low`:
    the account had too little money at the last try."""

    account_id: int
    amount: int
    debit_on: date
    bank_en: str
    bank_zh: str
    last_four: str
    state: int
    outcome: int
    retry_on: date | None
    low: bool
    items: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True)
class FileView:
    id: int
    cycle_id: int
    attempt: int
    bank_id: int
    state: str
    rows: int
    amount: int
    name: str
    digest: str
    made_by: int
    made_by_name: str
    made_at: datetime
    sent_by_name: str
    sent_at: datetime | None


@dataclass(frozen=True)
class ResultView:
    id: int
    bank_id: int
    name: str
    state: str
    rows: int
    debited: int
    debited_amount: int
    failed: int
    failed_amount: int
    unknown: int
    repeated: int
    parked: int
    taken_by_name: str
    taken_at: datetime
    posted_at: datetime | None


@dataclass(frozen=True)
class ParkedView:
    id: int
    result_id: int
    row: int
    code: str
    field: str
    value: str
    file_id: int
    line: int
    amount: int
    settled_by_name: str
    settled_at: datetime | None
    note: str


@dataclass(frozen=True)
class FileHead:
    """The head of a file to a bank. `reference`: of the file; `amount`: the sum of its rows."""

    file_id: int
    reference: str
    bank_code: str
    creditor_name: str
    creditor_account: str
    creditor_agent: str
    creditor_id: str
    debit_on: date
    made_at: datetime
    currency: str
    decimals: int
    count: int
    amount: int


@dataclass(frozen=True)
class FileRows:
    """The rows of a file, in the order of their lines: sequences of equal length. `key`: of 17 characters, single for
    ever; `number`: of the payer's bank account; `account_number`: of the customer with us."""

    line: Ints
    key: Sequence[str]
    amount: Ints
    holder: Sequence[str]
    number: Sequence[str]
    agent: Sequence[str]
    mandate: Sequence[str]
    signed_on: Sequence[date]
    account_number: Sequence[str]


@dataclass(frozen=True)
class ResultRows:
    """A bank's results as columns of equal length. `row`: in the file, from 1; `file_id`, `line`: which line of ours;
    `amount`: what the line asks for, -1 where the file does not say; `outcome`: models.OK …, 0 nothing yet, -1 money
    came back later, -2 a code that is not known; `on`: day numbers, 0 where the file does not say; `number`, `holder`:
    as the bank repeats them, None where it does not. `bad`: rows that cannot be read, (row, field, value)."""

    row: Ints
    file_id: Ints
    line: Ints
    amount: Ints
    outcome: Ints
    on: Ints
    number: Sequence[str] | None = None
    holder: Sequence[str] | None = None
    bad: tuple[tuple[int, str, str], ...] = field(default=())
    whole_files: tuple[tuple[int, int, int], ...] = field(default=())  # (file, outcome, day number) for all its lines


RETURNED, CODE_UNKNOWN, NO_WORD = -1, -2, 0
