"""Payments for the doors and the rooms above: receive, reverse, tills, online orders, and what was paid."""

from gridhall.payments.act_limits import LimitView, enter_limit, limit_of, limits
from gridhall.payments.act_models import ACTS, CORRECT, INSTALMENTS, RECOVER, REFUND, REVERSE, WRITE_OFF
from gridhall.payments.act_models import TRANSFER as TRANSFER_CREDIT
from gridhall.payments.admitting import partner_key
from gridhall.payments.bank_accounts import add_bank_account, bank_accounts
from gridhall.payments.banking import BankingView, ToBank, bank_cash, bankings, cash_to_bank, decide_banking
from gridhall.payments.booked_before import Booked, add_booked
from gridhall.payments.cheques import (
    ChequeIn,
    ChequeView,
    cheques,
    clear_cheques,
    present_cheques,
    return_cheque,
    returned_within_year,
    take_cheque,
)
from gridhall.payments.clearing import accept, match_suspense
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
from gridhall.payments.gateway_books import counterparty_of, gateway_of
from gridhall.payments.gateway_days import reconcile_gateway_day
from gridhall.payments.instalments import (
    PartView,
    PlanView,
    end_plan,
    follow_plans,
    plan_kept,
    plan_of,
    plan_view,
    plans,
    split_evenly,
)
from gridhall.payments.models import (
    CARD,
    CASH,
    CHEQUE,
    DOOR_API,
    DOOR_BANK,
    DOOR_CALL,
    DOOR_COUNTER,
    DOOR_CREDIT,
    DOOR_FILE,
    DOOR_PORTAL,
    DOOR_STATEMENT,
    DOOR_TEXT,
    MOVED,
    MOVED_IN,
    MOVED_OUT,
    ONLINE,
    PAID_OUT,
    RECEIVED,
    RECHARGE,
    REVERSAL,
    SET_OFF,
    TRANSFER,
)
from gridhall.payments.money_acts import (
    MoneyActView,
    ask_money_act,
    decide_money_act,
    money_act,
    money_acts,
    money_acts_of,
)
from gridhall.payments.online import NotifyAnswer, begin_online, confirm_online, notify, resolve_order, resolve_waiting
from gridhall.payments.partner_days import PartnerDay, partner_days
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
from gridhall.payments.ports import (
    StatementOptions,
    gateways,
    gateways_lacking,
    gateways_with_bills,
    statement_columns,
    statement_forms,
)
from gridhall.payments.queries import (
    ReceivedRow,
    day_money,
    order,
    payments_of,
    receipt,
    receipts_of,
    received_between,
    session,
    sessions,
    till_session_of,
    waiting_orders,
)
from gridhall.payments.receiving import Request, receive, receive_columns, receive_for
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
from gridhall.payments.statement_data import (
    ActView,
    BankAccountView,
    EntryIn,
    Loaded,
    Matched,
    Proposal,
    StatementIn,
    StatementView,
    SuspenseView,
)
from gridhall.payments.statement_queries import statement_within, statements
from gridhall.payments.statements import lines_of, load_statements
from gridhall.payments.suspense_acts import (
    ask_act,
    ask_again,
    could_confirm,
    decide_act,
    net,
    return_reference,
    settle_returns,
)
from gridhall.payments.suspense_acts import confirm as confirm_item
from gridhall.payments.suspense_queries import (
    SuspenseSum,
    acts_of,
    item_within,
    proposals,
    proposals_with_accounts,
    suspense,
    suspense_sums,
    waiting_acts,
)
from gridhall.payments.teller import Owes, Paid, Pay, last, pay, query, reverse_by_serial
from gridhall.payments.tills import TillView, close_till, open_till, register_till, tills
from gridhall.payments.transfer_texts import creditor_check
from gridhall.payments.units import (
    OpenDay,
    PairOwes,
    SettlementView,
    decide_settlement,
    net_by_unit,
    open_unit_days,
    propose_settlement,
    settlement,
    settlements,
    units_day,
    units_of_payment,
    units_owe,
)
from gridhall.payments.waiting_days import WaitingDay, add_waiting_days, waiting_days

__all__ = [
    "ACTS", "ALGORITHMS", "CARD", "CASH", "CHEQUE", "CORRECT", "DOOR_API", "DOOR_BANK", "DOOR_CALL", "DOOR_COUNTER",
    "DOOR_CREDIT", "DOOR_FILE", "DOOR_PORTAL", "DOOR_STATEMENT", "DOOR_TEXT", "INSTALMENTS", "MOVED", "MOVED_IN",
    "MOVED_OUT", "ONLINE", "PAID_OUT", "RECEIVED", "RECHARGE", "RECOVER", "REFUND", "REFUSAL_WORDS", "REVERSAL",
    "REVERSE", "SET_OFF", "TRANSFER", "TRANSFER_CREDIT", "WRITE_OFF", "ActView", "BankAccountView", "BankingView",
    "Booked", "ChequeIn", "ChequeView", "ColumnsTaken", "Compared", "Contract", "DayFile", "DayMoneyRow", "Difference",
    "DifferenceView", "EntryIn", "Gate", "Key", "KeyMade", "LimitView", "Loaded", "Matched", "MoneyActView",
    "NotifyAnswer", "OnlineBegun", "OnlineOutcome", "OpenDay", "OrderView", "OurRow", "Owes", "Paid", "PaidItem",
    "PairOwes", "PartView", "PartnerDay", "PartnerView", "Pay", "PaymentColumns", "PaymentIn", "PaymentView",
    "PlanView", "Proposal", "Receipt", "ReceiptView", "ReceivedRow", "ReconciliationView", "RefundView", "Request",
    "SessionView", "SettlementView", "StatementIn", "StatementOptions", "StatementView", "SuspenseSum", "SuspenseView",
    "TheirRow", "TillView", "ToBank", "WaitingDay", "accept", "acts_of", "add_bank_account", "add_booked",
    "add_partner", "add_waiting_days", "answer_text", "ask_act", "ask_again", "ask_money_act", "ask_refund",
    "bank_accounts", "bank_cash", "bankings", "begin_online", "cash_to_bank", "cheques", "choose_act", "clear_cheques",
    "close_till", "compare", "confirm_item", "confirm_online", "could_confirm", "counterparty_of", "creditor_check",
    "day_layouts", "day_money", "decide_act", "decide_banking", "decide_money_act", "decide_refund",
    "decide_settlement", "end_plan", "enter_limit", "follow_plans", "forget_nonces", "gateway_of", "gateways",
    "gateways_lacking", "gateways_with_bills", "in_service", "item_within", "last", "limit_of", "limits", "lines_of",
    "load_statements", "mac", "make_partner_key", "match_suspense", "money_act", "money_acts", "money_acts_of", "net",
    "net_by_unit", "notify", "open_till", "open_unit_days", "order", "our_day", "partner", "partner_days",
    "partner_in_service", "partner_key", "partner_of_key", "partner_within", "partners", "partners_with_keys", "pay",
    "payments_of", "payments_of_session", "plan_kept", "plan_of", "plan_view", "plans", "present_cheques", "proposals",
    "proposals_with_accounts", "propose_settlement", "pursue_refund", "pursue_refunds", "query", "read_day_file",
    "receipt", "receipts_of", "receive", "receive_columns", "receive_for", "receive_one", "received_between",
    "reconcile_day", "reconcile_gateway_day", "reconciliation", "reconciliations", "refunds", "refunds_of",
    "register_till", "release_day", "request_text", "require_reach", "resolve_order", "resolve_waiting",
    "return_cheque", "return_reference", "returned_within_year", "reverse", "reverse_by_serial", "revoke_partner_key",
    "session", "sessions", "sessions_of_clerk", "set_off_credit", "settle_day", "settle_returns", "settlement",
    "settlements", "sign", "split_evenly", "statement_columns", "statement_forms", "statement_within", "statements",
    "suspend_partner", "suspense", "suspense_sums", "take_cheque", "till_session_of", "tills", "units_day",
    "units_of_payment", "units_owe", "use_nonce", "verify", "waiting_acts", "waiting_days", "waiting_orders",
    "write_day_file",
]  # fmt: skip
