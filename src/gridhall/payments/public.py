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
from gridhall.payments.drawers import payments_of_session, sessions_of_clerk
from gridhall.payments.gate import Gate, receive_one
from gridhall.payments.models import (
    CARD,
    CASH,
    DOOR_API,
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
from gridhall.payments.tills import TillView, close_till, open_till, register_till, tills

__all__ = [
    "CARD", "CASH", "DOOR_API", "DOOR_COUNTER", "DOOR_CREDIT", "DOOR_FILE", "DOOR_PORTAL", "ONLINE", "RECEIVED",
    "REFUSAL_WORDS", "REVERSAL", "SET_OFF", "TRANSFER", "BankingView", "ColumnsTaken", "DayMoneyRow", "Gate",
    "NotifyAnswer", "OnlineBegun", "OnlineOutcome", "OrderView", "PaidItem", "PaymentColumns", "PaymentIn",
    "PaymentView", "Receipt", "ReceiptView", "RefundView", "SessionView", "TillView", "ToBank", "ask_refund",
    "bank_cash", "bankings", "begin_online", "cash_to_bank", "close_till", "confirm_online", "day_money",
    "decide_banking", "decide_refund", "notify", "open_till", "order", "partner_key", "payments_of",
    "payments_of_session", "pursue_refund", "pursue_refunds", "receipt", "receive", "receive_columns", "receive_one",
    "refunds", "refunds_of", "register_till", "resolve_order", "resolve_waiting", "reverse", "session", "sessions",
    "sessions_of_clerk", "set_off_credit", "till_session_of", "tills", "waiting_orders",
]  # fmt: skip
