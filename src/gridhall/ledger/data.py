"""What the ledger takes and answers: frozen values. Money in minor units, periods as YYYYMM."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from gridhall.ledger.models import ITEM_LATE, LATE_SEQ

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class BillsToPost:
    """Bills for the books, one entry a bill, all arrays int64 and of equal length, sorted by account.

    `by_class`: shape (n, 6), minor units by ledger class (column 1 energy, 2 basic, 3 levy, 4 tax, 5 allowance;
    column 0 is unused). The bill's amount is the sum of its row. `issued_on`, `due_on`: day numbers (`date.toordinal`).
    """

    account_id: Ints
    period: int
    seq: Ints
    unit_id: Ints
    class_code: Ints
    by_class: Ints
    issued_on: Ints
    due_on: Ints


@dataclass(frozen=True)
class BillsPosted:
    """What posting did: bills, movements and open items written, and the accounts (int64, sorted) that have both credit
    and debt now; give them to `payments.public.set_off_credit` in the same transaction."""

    bills: int
    items: int
    movements: int
    to_set_off: Ints


@dataclass(frozen=True)
class ItemView:
    """An open item. `late_now`: late charge that has arisen since `late_upto`, not yet posted (0 when not overdue)."""

    account_id: int
    period: int
    kind: int
    seq: int
    amount: int
    open: int
    issued_on: date
    due_on: date
    late_upto: date
    late_charged: int
    days_late: int = 0
    late_now: int = 0
    late_accrued: int = 0  # what the days up to `late_upto` came to; `late_charged` may have been lifted above it
    rate: int = 0  # 10**-6 of the principal a day, in the year of the debt
    rate_carried: int = 0  # the same in later years

    @property
    def bill_seq(self) -> int:
        """The bill this item belongs to: a late charge's seq is bill seq × LATE_SEQ + n."""
        return self.seq // LATE_SEQ if self.kind == ITEM_LATE else self.seq


@dataclass(frozen=True)
class Owed:
    """What an account owes at a moment: its items, oldest first, each with its late charge up to that moment.

    `principal`: open bills; `late`: late charge posted and still open plus what has arisen since; `total` = both.
    """

    account_id: int
    items: tuple[ItemView, ...]
    principal: int
    late: int
    total: int
    credit: int
    overdue: int
    first_due_on: date | None


@dataclass(frozen=True)
class BalanceView:
    account_id: int
    unit_id: int
    owed: int
    credit: int


@dataclass(frozen=True)
class TrialRow:
    """One account of the books in a period: what stood before, moved, and stands after (debit positive)."""

    code: int
    name_en: str
    name_zh: str
    opening: int
    debit: int
    credit: int
    closing: int


@dataclass(frozen=True)
class TrialBalance:
    """The books of a unit (0: all units) in a posting period; `closed` when nothing can be posted any more."""

    unit_id: int
    period: int
    closed: bool
    rows: tuple[TrialRow, ...]

    @property
    def balanced(self) -> bool:
        return sum(row.debit for row in self.rows) == sum(row.credit for row in self.rows)


@dataclass(frozen=True)
class Debtor:
    account_id: int
    unit_id: int
    owed: int
    oldest_due_on: date
    items: int


@dataclass(frozen=True)
class Broken:
    """A broken invariant: the check, the table and key of the row, what it is and what it should be."""

    check: str
    table: str
    key: str
    is_: str
    should_be: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.check}: is {self.is_}, should be {self.should_be}"


@dataclass(frozen=True)
class Rebuilt:
    """What `rebuild` put right: open items and balances whose stored figures were not what their rows add up to."""

    items: int
    balances: int
    changes: Sequence[Broken] = field(default=())
