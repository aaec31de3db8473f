"""What billing needs from outside: who makes an electronic invoice of a bill."""

from dataclasses import dataclass
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from gridhall.billing.invoices import Invoice
from gridhall.kernel.refusal import Refusal

ISSUED, WAITING, REFUSED = "issued", "waiting", "refused"


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
