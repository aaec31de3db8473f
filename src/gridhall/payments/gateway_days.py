"""A gateway's bill of a day (日账单) against our books: fetched or given, compared as any other."""

from collections.abc import Iterable
from datetime import date

from gridhall.customers import public as customers
from gridhall.kernel.access import Actor
from gridhall.payments.day_comparing import TheirRow
from gridhall.payments.day_reconciliation import ReconciliationView, reconcile_day
from gridhall.payments.gateway_books import counterparty_of, our_gateway_day
from gridhall.payments.models import GatewayOrder
from gridhall.payments.ports import BillRow, gateway_books
from gridhall.payments.refusals import refusal


def reconcile_gateway_day(
    actor: Actor, gateway: str, on: date, data: bytes | None = None, file_name: str = ""
) -> ReconciliationView:
    """Compare a gateway's day with ours: its bill is fetched where none is given. Nothing is booked yet.

    Refuses: not_allowed, unknown_gateway, no_bills, gateway_unreachable, gateway_not_set_up, bill_not_ready, tampered,
    what `reconcile_day` refuses, and of the file bad_day_file, day_file_double, day_file_altered, day_file_other.
    """
    actor.require("tills.all")
    books = gateway_books(gateway)
    if books is None:
        raise refusal("no_bills", field="gateway", value=gateway)
    if data is None:
        data, file_name = books.fetch_bill(on), file_name or f"{gateway}-{on:%Y%m%d}"
    rows = books.read_bill(data, on)
    theirs = their_rows(gateway, rows)
    return reconcile_day(
        actor, counterparty_of(gateway), on, theirs, our_gateway_day(gateway, on), file_name, data,
        fees={each.serial: each.fee for each in rows},
    )  # fmt: skip


def their_rows(gateway: str, rows: Iterable[BillRow]) -> list[TheirRow]:
    """A bill's movements with the customer number of the order: empty where the order is not ours."""
    found = list(rows)
    orders = GatewayOrder.objects.filter(gateway=gateway, order_no__in={each.order_no for each in found})
    accounts = dict(orders.values_list("order_no", "account_id"))
    numbers = customers.account_numbers(set(accounts.values()))
    return [
        TheirRow(each.serial, numbers.get(accounts.get(each.order_no, 0), ""), each.amount, each.order_no)
        for each in found
    ]
