"""Electronic invoices of bills and payments for the doors: their data set, and the file that an issuer makes of it."""

from gridhall.billing.composing import documents
from gridhall.billing.document.render import render_bill
from gridhall.billing.invoices import invoice_of, payment_invoice_of
from gridhall.billing.models import CANCELLED, Bill
from gridhall.billing.ports import Invoice, Issued, PaymentInvoice, invoice_issuer
from gridhall.billing.showing import bill
from gridhall.kernel.refusal import Refusal


def invoice(account_id: int, period: int, seq: int, language: str = "zh") -> Invoice:
    """The data set of a bill's invoice. Refuses: unknown_bill, bill_cancelled, no_tax_terms, bad_tax_terms,
    tax_lines."""
    view = bill(account_id, period, seq)
    if view.state == CANCELLED:
        raise Refusal("bill_cancelled", "This bill was cancelled: it has no invoice.", "该账单已作废，不能开具发票。",
                      value=view.number)  # fmt: skip
    return invoice_of(view, language)


def issue_invoice(account_id: int, period: int, seq: int, language: str = "zh", issuer: str = "facturx") -> Issued:
    """The electronic invoice of a bill, made by an issuer. Refuses what `invoice` refuses, unknown_issuer,
    invoice_incomplete (field)."""
    data = invoice(account_id, period, seq, language)
    maker = invoice_issuer(issuer)
    (document,) = documents(list(Bill.objects.filter(account_id=account_id, period=period, seq=seq)), language)
    return maker.issue(data, render_bill(document))


def payment_invoice(account_id: int, payment_no: int, language: str = "zh") -> PaymentInvoice:
    """The data set of a payment. Refuses unknown_payment."""
    return payment_invoice_of(account_id, payment_no, language)
