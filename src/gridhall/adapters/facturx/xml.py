"""An invoice as Cross Industry Invoice (UN/CEFACT D16B) in the profile EN 16931. BT and BG numbers are the norm's."""

from datetime import date

from lxml import etree

from gridhall.billing.ports import EXEMPT, Invoice, InvoiceLine, Party, TaxShare

RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
PROFILE = "urn:cen.eu:en16931:2017"  # BT-24
INVOICE, CREDIT_NOTE = "380", "381"  # BT-3, UNTDID 1001
WHY_EXEMPT = "Levies collected for the state, outside the tax on value added"


def cii(invoice: Invoice) -> bytes:
    """The XML of an invoice whose data set is whole."""
    root = etree.Element(f"{{{RSM}}}CrossIndustryInvoice", nsmap={"rsm": RSM, "ram": RAM, "udt": UDT})
    context = etree.SubElement(root, f"{{{RSM}}}ExchangedDocumentContext")
    _put(_add(context, "GuidelineSpecifiedDocumentContextParameter"), "ID", PROFILE)
    document = etree.SubElement(root, f"{{{RSM}}}ExchangedDocument")
    _put(document, "ID", invoice.number)  # BT-1
    _put(document, "TypeCode", CREDIT_NOTE if invoice.credit else INVOICE)
    _day(_add(document, "IssueDateTime"), invoice.issued_on)  # BT-2
    trade = etree.SubElement(root, f"{{{RSM}}}SupplyChainTradeTransaction")
    for line in invoice.lines:
        _line(trade, line, invoice)
    agreement = _add(trade, "ApplicableHeaderTradeAgreement")
    _put(agreement, "BuyerReference", invoice.account_number)  # BT-10: our customer number
    _party(_add(agreement, "SellerTradeParty"), invoice.seller)  # BG-4
    _party(_add(agreement, "BuyerTradeParty"), invoice.buyer)  # BG-7
    delivered = _add(_add(trade, "ApplicableHeaderTradeDelivery"), "ActualDeliverySupplyChainEvent")
    _day(_add(delivered, "OccurrenceDateTime"), invoice.to_on)  # BT-72: the last day of the supply billed
    _settlement(_add(trade, "ApplicableHeaderTradeSettlement"), invoice)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


def _line(trade: etree._Element, line: InvoiceLine, invoice: Invoice) -> None:
    """BG-25."""
    item = _add(trade, "IncludedSupplyChainTradeLineItem")
    _put(_add(item, "AssociatedDocumentLineDocument"), "LineID", str(line.n))  # BT-126
    product = _add(item, "SpecifiedTradeProduct")
    _put(product, "Name", line.name)  # BT-153
    if line.note:
        _put(product, "Description", line.note)  # BT-154: the tariff's clause
    price = _add(_add(item, "SpecifiedLineTradeAgreement"), "NetPriceProductTradePrice")
    _put(price, "ChargeAmount", line.price)  # BT-146
    _put(_add(item, "SpecifiedLineTradeDelivery"), "BilledQuantity", line.quantity, unitCode=line.unit)  # BT-129, 130
    settlement = _add(item, "SpecifiedLineTradeSettlement")
    tax = _add(settlement, "ApplicableTradeTax")
    _put(tax, "TypeCode", "VAT")
    _put(tax, "CategoryCode", line.category)  # BT-151
    _put(tax, "RateApplicablePercent", _percent(line.rate))  # BT-152
    sums = _add(settlement, "SpecifiedTradeSettlementLineMonetarySummation")
    _put(sums, "LineTotalAmount", _money(line.net, invoice))  # BT-131


def _party(element: etree._Element, party: Party) -> None:
    _put(element, "Name", party.name)  # BT-27, BT-44
    if party.tax_id:
        # BT-30: in China the number of the tax office is that of the register too (统一社会信用代码)
        _put(_add(element, "SpecifiedLegalOrganization"), "ID", party.tax_id)
    address = _add(element, "PostalTradeAddress")
    for name, text in (("PostcodeCode", party.postcode), ("LineOne", party.address), ("CityName", party.city)):
        if text:
            _put(address, name, text)
    _put(address, "CountryID", party.country)  # BT-40, BT-55
    for scheme, text in (("VA", party.vat_id), ("FC", party.tax_id)):  # BT-31, BT-32
        if text:
            _put(_add(element, "SpecifiedTaxRegistration"), "ID", text, schemeID=scheme)


def _settlement(element: etree._Element, invoice: Invoice) -> None:
    _put(element, "InvoiceCurrencyCode", invoice.currency)  # BT-5
    for share in invoice.taxes:
        _share(_add(element, "ApplicableTradeTax"), share, invoice)  # BG-23
    period = _add(element, "BillingSpecifiedPeriod")
    _day(_add(period, "StartDateTime"), invoice.from_on)  # BT-73
    _day(_add(period, "EndDateTime"), invoice.to_on)  # BT-74
    _day(_add(_add(element, "SpecifiedTradePaymentTerms"), "DueDateDateTime"), invoice.due_on)  # BT-9
    sums = _add(element, "SpecifiedTradeSettlementHeaderMonetarySummation")
    _put(sums, "LineTotalAmount", _money(invoice.net, invoice))  # BT-106
    _put(sums, "TaxBasisTotalAmount", _money(invoice.net, invoice))  # BT-109
    _put(sums, "TaxTotalAmount", _money(invoice.tax, invoice), currencyID=invoice.currency)  # BT-110
    _put(sums, "GrandTotalAmount", _money(invoice.gross, invoice))  # BT-112
    _put(sums, "DuePayableAmount", _money(invoice.gross, invoice))  # BT-115


def _share(element: etree._Element, share: TaxShare, invoice: Invoice) -> None:
    _put(element, "CalculatedAmount", _money(share.tax, invoice))  # BT-117
    _put(element, "TypeCode", "VAT")
    if share.category == EXEMPT:
        _put(element, "ExemptionReason", WHY_EXEMPT)  # BT-120
    _put(element, "BasisAmount", _money(share.base, invoice))  # BT-116
    _put(element, "CategoryCode", share.category)  # BT-118
    _put(element, "RateApplicablePercent", _percent(share.rate))  # BT-119


def _add(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{RAM}}}{name}")


def _put(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{{{RAM}}}{name}", attributes).text = text


def _day(parent: etree._Element, on: date) -> None:
    etree.SubElement(parent, f"{{{UDT}}}DateTimeString", {"format": "102"}).text = f"{on:%Y%m%d}"


def _money(amount: int, invoice: Invoice) -> str:
    sign, whole = ("-", -amount) if amount < 0 else ("", amount)
    if not invoice.decimals:
        return f"{sign}{whole}"
    units, part = divmod(whole, 10**invoice.decimals)
    return f"{sign}{units}.{part:0{invoice.decimals}d}"


def _percent(rate: int) -> str:
    return f"{rate // 100}.{rate % 100:02d}"
