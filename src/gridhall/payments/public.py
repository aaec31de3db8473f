"""Payments for the doors and the rooms above: receive, reverse, tills, online orders, and what was paid."""

from gridhall.payments.admitting import partner_key
from gridhall.payments.banking import BankingView, ToBank, bank_cash, bankings, cash_to_bank, decide_banking
from gridhall.payments.data import (
    ColumnsTaken,
    DayMoneyRow,
    OnlineBegun,
    OnlineOutcome,
    OrderView,
    PaidItem,
    PaymentColumns,
    PaymentIn,
    PaymentView,
    Receipt,
    ReceiptView,
    SessionView,
)
from gridhall.payments.day_comparing import Compared, Difference, OurRow, TheirRow, compare
from gridhall.payments.day_files import DayFile, day_layouts, read_day_file, write_day_file
from gridhall.payments.day_reconciliation import (
    DifferenceView,
    ReconciliationView,
    choose_act,
    our_day,
    reconcile_day,
    reconciliation,
    reconciliations,
    release_day,
)
from gridhall.payments.day_settling import settle_day
from gridhall.payments.drawers import payments_of_session, sessions_of_clerk
from gridhall.payments.gate import Gate, receive_one
from gridhall.payments.models import (
    CARD,
    CASH,
    DOOR_API,
    DOOR_BANK,
    DOOR_COUNTER,
    DOOR_CREDIT,
    DOOR_FILE,
    DOOR_PORTAL,
    ONLINE,
    RECEIVED,
    REVERSAL,
    SET_OFF,
    TRANSFER,
)
from gridhall.payments.online import NotifyAnswer, begin_online, confirm_online, notify, resolve_order, resolve_waiting
from gridhall.payments.partners import (
    Contract,
    KeyMade,
    PartnerView,
    add_partner,
    forget_nonces,
    in_service,
    make_partner_key,
    partner,
    partner_in_service,
    partner_of_key,
    partner_within,
    partners,
    partners_with_keys,
    require_reach,
    revoke_partner_key,
    suspend_partner,
    use_nonce,
)
from gridhall.payments.queries import (
    day_money,
    order,
    payments_of,
    receipt,
    session,
    sessions,
    till_session_of,
    waiting_orders,
)
from gridhall.payments.receiving import receive, receive_columns
from gridhall.payments.refunding import (
    RefundView,
    ask_refund,
    decide_refund,
    pursue_refund,
    pursue_refunds,
    refunds,
    refunds_of,
)
from gridhall.payments.refusals import WORDS as REFUSAL_WORDS
from gridhall.payments.reversing import reverse, set_off_credit
from gridhall.payments.signatures import ALGORITHMS, Key, answer_text, mac, request_text, sign, verify
from gridhall.payments.teller import Owes, Paid, Pay, last, pay, query, reverse_by_serial
from gridhall.payments.tills import TillView, close_till, open_till, register_till, tills

__all__ = [
    "ALGORITHMS", "CARD", "CASH", "DOOR_API", "DOOR_BANK", "DOOR_COUNTER", "DOOR_CREDIT", "DOOR_FILE", "DOOR_PORTAL",
    "ONLINE", "RECEIVED", "REFUSAL_WORDS", "REVERSAL", "SET_OFF", "TRANSFER", "BankingView", "ColumnsTaken",
    "Compared", "Contract", "DayFile", "DayMoneyRow", "Difference", "DifferenceView", "Gate", "Key", "KeyMade",
    "NotifyAnswer", "OnlineBegun", "OnlineOutcome", "OrderView", "OurRow", "Owes", "Paid", "PaidItem", "PartnerView",
    "Pay", "PaymentColumns", "PaymentIn", "PaymentView", "Receipt", "ReceiptView", "ReconciliationView", "RefundView",
    "SessionView", "TheirRow", "TillView", "ToBank", "add_partner", "answer_text", "ask_refund", "bank_cash",
    "bankings", "begin_online", "cash_to_bank", "choose_act", "close_till", "compare", "confirm_online", "day_layouts",
    "day_money", "decide_banking", "decide_refund", "forget_nonces", "in_service", "last", "mac", "make_partner_key",
    "notify", "open_till", "order", "our_day", "partner", "partner_in_service", "partner_key", "partner_of_key",
    "partner_within", "partners", "partners_with_keys", "pay", "payments_of", "payments_of_session", "pursue_refund",
    "pursue_refunds", "query", "read_day_file", "receipt", "receive", "receive_columns", "receive_one",
    "reconcile_day", "reconciliation", "reconciliations", "refunds", "refunds_of", "register_till", "release_day",
    "request_text", "require_reach", "resolve_order", "resolve_waiting", "reverse", "reverse_by_serial",
    "revoke_partner_key", "session", "sessions", "sessions_of_clerk", "set_off_credit", "settle_day", "sign",
    "suspend_partner", "till_session_of", "tills", "use_nonce", "verify", "waiting_orders", "write_day_file",
]  # fmt: skip
