"""The ledger for the other rooms: posting bills, what is owed, the books of a unit, and their proof."""

from gridhall.ledger.books import close_period, is_closed, trial_balance
from gridhall.ledger.checks import Check, check, read_checks, register
from gridhall.ledger.data import (
    BalanceView,
    BillsPosted,
    BillsToPost,
    Broken,
    Debtor,
    ItemView,
    Owed,
    Rebuilt,
    TrialBalance,
    TrialRow,
)
from gridhall.ledger.models import (
    ADJUSTMENT,
    BILL,
    BILL_CANCELLED,
    CREDIT_RELEASED,
    CREDIT_SET_OFF,
    ITEM_BILL,
    ITEM_LATE,
    ITEM_OTHER,
    LATE_CHARGE,
    LATE_CHARGE_REVERSED,
    PAYMENT,
    PAYMENT_REVERSED,
)
from gridhall.ledger.owing import balances, debtors, late_by_day, late_terms, open_items, owed
from gridhall.ledger.posting import post_bills, prepare
from gridhall.ledger.rebuilding import rebuild
from gridhall.ledger.undoing import reverse_bills

__all__ = [
    "ADJUSTMENT",
    "BILL",
    "BILL_CANCELLED",
    "CREDIT_RELEASED",
    "CREDIT_SET_OFF",
    "ITEM_BILL",
    "ITEM_LATE",
    "ITEM_OTHER",
    "LATE_CHARGE",
    "LATE_CHARGE_REVERSED",
    "PAYMENT",
    "PAYMENT_REVERSED",
    "BalanceView",
    "BillsPosted",
    "BillsToPost",
    "Broken",
    "Check",
    "Debtor",
    "ItemView",
    "Owed",
    "Rebuilt",
    "TrialBalance",
    "TrialRow",
    "balances",
    "check",
    "close_period",
    "debtors",
    "is_closed",
    "late_by_day",
    "late_terms",
    "open_items",
    "owed",
    "post_bills",
    "prepare",
    "read_checks",
    "rebuild",
    "register",
    "reverse_bills",
    "trial_balance",
]  # fmt: skip
