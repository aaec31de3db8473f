"""What billing needs from outside: who makes an electronic invoice of a bill."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from gridhall.kernel.refusal import Refusal

ISSUED, WAITING, REFUSED = "issued", "waiting", "refused"
STANDARD, EXEMPT = "S", "E"  # categories of UNTDID 5305


@dataclass(frozen=True)
class Party:
    """Seller or buyer. `vat_id`: with the country before it; `tax_id`: any other number of the tax office."""

    name: str
    address: str
    city: str
    postcode: str
    country: str
    vat_id: str = ""
    tax_id: str = ""


@dataclass(frozen=True)
class InvoiceLine:
    """A line. `quantity`, `price`: decimals, the price without tax; `unit`: its code of UN/ECE Rec. 20; `net`, `tax`,
    `gross` in minor units, net + tax = gross."""

    n: int
    name: str
    note: str
    quantity: str
    unit: str
    price: str
    net: int
    tax: int
    gross: int
    category: str
    rate: int


@dataclass(frozen=True)
class TaxShare:
    """What of an invoice bears a rate: base without the tax, and the tax."""

    category: str
    rate: int
    base: int
    tax: int


@dataclass(frozen=True)
class Invoice:
    """The data set of a bill's invoice. The sum of its lines' gross is the bill's amount, to the minor unit.

    `credit`: the bill gives money back; then all amounts are those given back, above zero.
    """

    number: str
    credit: bool
    issued_on: date
    due_on: date
    from_on: date
    to_on: date
    currency: str
    decimals: int
    seller: Party
    buyer: Party
    account_number: str
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[TaxShare, ...]
    net: int
    tax: int
    gross: int
    source: str


@dataclass(frozen=True)
class PaidPart:
    """What of a payment went to an item: a bill (`number`), or its late charge."""

    number: str
    kind: str
    amount: int


@dataclass(frozen=True)
class PaymentInvoice:
    """The data set of a payment: what it paid, and what is kept in advance (an invoice that is not of a sale yet)."""

    number: str
    received_on: date
    currency: str
    seller: Party
    buyer: Party
    account_number: str
    amount: int
    parts: tuple[PaidPart, ...]
    in_advance: int


@dataclass(frozen=True)
class Issued:
    """What became of an invoice. `state`: issued | waiting (ask `follow` with `reference`) | refused (`why`).

    `data`: the file to give to the customer, with its name and type, where it is issued; `number`: the issuer's own.
    """

    state: str
    reference: str
    number: str = ""
    data: bytes = b""
    file_name: str = ""
    content_type: str = ""
    why: str = ""


class InvoiceIssuer(Protocol):
    """Makes electronic invoices. The same invoice number again is the same invoice. Refuses invoice_incomplete (field)
    where the data set lacks what the form needs."""

    def issue(self, invoice: Invoice, pdf: bytes) -> Issued:
        """Make the invoice of a bill, whose page is `pdf` (PDF/A-3)."""

    def follow(self, reference: str) -> Issued:
        """What became of an invoice that was waiting."""


def invoice_issuer(name: str) -> InvoiceIssuer:
    """The issuer of that name among `INVOICE_ISSUERS` of the settings. Refuses `unknown_issuer`."""
    path = settings.INVOICE_ISSUERS.get(name)
    if path is None:
        raise Refusal("unknown_issuer", "There is no such form of invoice.", "没有此发票格式。", field="issuer",
                      value=ascii(name[:24]))  # fmt: skip
    return cast(InvoiceIssuer, import_string(path)())
