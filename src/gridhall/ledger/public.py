"""The ledger for the other rooms: posting bills, what is owed, the books of a unit, and their proof.

`read_facts`, `settle`, `writing` and their like are for the payments room, which settles money in its own transaction.
"""

from gridhall.ledger.accounts import BANK, BANK_CHARGES, CARDS_UNUSED, CASH, CHEQUES, CLEARING, CREDIT, IN_TRANSIT
from gridhall.ledger.books import before_close, close_period, closed_refusal, guard_periods, is_closed, trial_balance
from gridhall.ledger.cash import post_cash_banked, post_till_difference, post_transit_settled
from gridhall.ledger.charging import accrue_late, charge_fee
from gridhall.ledger.checks import Check, check, read_checks, register
from gridhall.ledger.clearing import (
    post_cheque_cleared,
    post_given_for_others,
    post_units_settled,
    taken_for_others,
)
from gridhall.ledger.crediting import credit_changed, only
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
from gridhall.ledger.entries import Moved, Parts, copy_entries, posting_periods, writing
from gridhall.ledger.excusing import Excused, dispute, exempt, exemptions
from gridhall.ledger.excusing import end as end_exemption
from gridhall.ledger.excusing_plans import end_plan_excuse, excuse_plan
from gridhall.ledger.models import (
    ADJUSTMENT,
    BILL,
    BILL_CANCELLED,
    CASH_BANKED,
    CREDIT_MOVED,
    CREDIT_REFUNDED,
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
from gridhall.ledger.moving import move_allocation
from gridhall.ledger.opening import in_order, refuse_new
from gridhall.ledger.owing import (
    balances,
    debtors,
    late_by_day,
    late_on,
    late_terms,
    open_items,
    open_of_bills,
    owed,
    owed_of,
)
from gridhall.ledger.posting import AMOUNT_MAX, BILLS_MAX, post_bills, prepare, prepare_movements
from gridhall.ledger.rebuilding import rebuild
from gridhall.ledger.recharge import post_agent_settled, post_cards_lapsed, post_cards_sold
from gridhall.ledger.settling import Facts, Settlements, read_facts, settle
from gridhall.ledger.suspense import SuspenseMove, post_suspended, post_suspense_cleared
from gridhall.ledger.undoing import reverse_bills, take_number, undo_payment
from gridhall.ledger.writing_off import reinstate, write_off, written_off

__all__ = [
    "ADJUSTMENT", "AMOUNT_MAX", "BANK", "BANK_CHARGES", "BILL", "BILLS_MAX", "BILL_CANCELLED", "CARDS_UNUSED", "CASH",
    "CASH_BANKED", "CHEQUES", "CLEARING", "CREDIT", "CREDIT_MOVED", "CREDIT_REFUNDED", "CREDIT_RELEASED",
    "CREDIT_SET_OFF", "IN_TRANSIT", "ITEM_BILL", "ITEM_LATE", "ITEM_OTHER", "LATE_CHARGE", "LATE_CHARGE_REVERSED",
    "PAYMENT", "PAYMENT_REVERSED", "BalanceView", "BillsPosted", "BillsToPost", "Broken", "Check", "Debtor", "Excused",
    "Facts", "ItemView", "Moved", "Owed", "Parts", "Rebuilt", "Settlements", "SuspenseMove", "TrialBalance",
    "TrialRow", "accrue_late", "balances", "before_close", "charge_fee", "check", "close_period", "closed_refusal",
    "copy_entries", "credit_changed", "debtors", "dispute", "end_exemption", "end_plan_excuse", "excuse_plan",
    "exempt", "exemptions", "guard_periods", "in_order", "is_closed", "late_by_day", "late_on", "late_terms",
    "move_allocation", "only", "open_items", "open_of_bills", "owed", "owed_of", "post_agent_settled", "post_bills",
    "post_cards_lapsed", "post_cards_sold", "post_cash_banked", "post_cheque_cleared", "post_given_for_others",
    "post_suspended", "post_suspense_cleared", "post_till_difference", "post_transit_settled", "post_units_settled",
    "posting_periods", "prepare", "prepare_movements", "read_checks", "read_facts", "rebuild", "refuse_new",
    "register", "reinstate", "reverse_bills", "settle", "take_number", "taken_for_others", "trial_balance",
    "undo_payment", "write_off", "writing", "written_off",
]  # fmt: skip
