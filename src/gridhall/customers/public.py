"""Customers for the other rooms: who is supplied where, on what terms; search; sign-in."""

from gridhall.customers.acts import change_terms, move_in, move_out, move_out_many, record_sent, register_accounts
from gridhall.customers.models import COMMERCIAL, INDUSTRIAL, RESIDENTIAL
from gridhall.customers.ports import MessageSender, sender
from gridhall.customers.queries import (
    account,
    account_by_number,
    account_ids,
    account_range,
    accounts,
    agreements_for_period,
    find,
    messages,
)
from gridhall.customers.signin import check_code, check_password, has_password, send_code, set_password
from gridhall.customers.views import (
    OPEN_DAY,
    AccountFound,
    AccountsRegistered,
    AccountView,
    AgreementView,
    Message,
    NewAccounts,
    Term,
    TermChange,
    TermColumns,
)

__all__ = [
    "COMMERCIAL",
    "INDUSTRIAL",
    "OPEN_DAY",
    "RESIDENTIAL",
    "AccountFound",
    "AccountView",
    "AccountsRegistered",
    "AgreementView",
    "Message",
    "MessageSender",
    "NewAccounts",
    "Term",
    "TermChange",
    "TermColumns",
    "account",
    "account_by_number",
    "account_ids",
    "account_range",
    "accounts",
    "agreements_for_period",
    "change_terms",
    "check_code",
    "check_password",
    "find",
    "has_password",
    "messages",
    "move_in",
    "move_out",
    "move_out_many",
    "record_sent",
    "register_accounts",
    "send_code",
    "sender",
    "set_password",
]
