"""The issuer of Factur-X invoices: the XML is checked against the profile's schema and put into the bill's PDF."""

from facturx import generate_from_binary, xml_check_xsd
from lxml import etree

from gridhall.adapters.facturx.xml import cii
from gridhall.billing.ports import ISSUED, STANDARD, Invoice, Issued
from gridhall.kernel.refusal import Refusal


class FacturxIssuer:
    """Makes the file at once; nothing is sent anywhere."""

    def issue(self, invoice: Invoice, pdf: bytes) -> Issued:
        _refuse_incomplete(invoice)
        xml = cii(invoice)
        xml_check_xsd(etree.fromstring(xml), flavor="factur-x", level="en16931")
        told = {
            "author": invoice.seller.name, "keywords": "Factur-X, invoice, electricity",
            "title": invoice.number, "subject": f"{invoice.number}, {invoice.issued_on}",
        }  # fmt: skip
        data = generate_from_binary(
            pdf, xml, flavor="factur-x", level="en16931", check_xsd=False, check_schematron=False, pdf_metadata=told,
            afrelationship="alternative",
        )  # fmt: skip
        return Issued(ISSUED, invoice.number, invoice.number, bytes(data), f"{invoice.number}.pdf", "application/pdf")

    def follow(self, reference: str) -> Issued:
        return Issued(ISSUED, reference, reference)


def _refuse_incomplete(invoice: Invoice) -> None:
    """What the norm asks for and the settings or the customer may lack."""
    needed = [
        ("seller.name", invoice.seller.name), ("seller.country", invoice.seller.country),
        ("seller.address", invoice.seller.address), ("buyer.name", invoice.buyer.name),
    ]  # fmt: skip
    if any(share.category == STANDARD for share in invoice.taxes):
        needed.append(("seller.tax_id", invoice.seller.vat_id or invoice.seller.tax_id))  # BR-S-02
    for field, text in needed:
        if not text.strip():
            raise Refusal("invoice_incomplete", "The invoice lacks something that its form needs.",
                          "发票缺少该格式必需的内容。", field=field)  # fmt: skip
