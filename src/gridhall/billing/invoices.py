"""The data set of an electronic invoice (电子发票): of a bill, and of a payment. What an issuer makes of it is behind a
port (`ports.InvoiceIssuer`).

Whether a tariff's prices have the tax inside, and at which rate, is data with a source: `invoice_taxes.yaml` beside
this file, and the supplier's own in `GRIDHALL_HOME/invoice_taxes.yaml`, which is asked first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from gridhall.billing.ports import EXEMPT, STANDARD, Invoice, InvoiceLine, PaidPart, Party, PaymentInvoice, TaxShare
from gridhall.billing.views import BillLineView, BillView
from gridhall.customers import public as customers
from gridhall.kernel.home import home
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments
from gridhall.rules.included_tax import tax_within, without_tax
from gridhall.rules.layout import CLASS_LEVY, CLASS_TAX

OURS = Path(__file__).with_name("invoice_taxes.yaml")
PRICE_SCALE = 10**10


@dataclass(frozen=True)
class TaxTerms:
    """How a tariff's bills are taxed. `rate`: hundredths of a percent inside the price; `levies_free`: levies that are
    collected for the state bear none."""

    rate: int
    levies_free: bool
    source: str


def invoice_of(view: BillView, language: str = "zh") -> Invoice:
    """The invoice of a bill. Refuses no_tax_terms (nothing states how its tariff is taxed), tax_lines (a tax stands in
    lines of its own, which no issuer here can tell)."""
    terms = tax_terms(view.tariff.code)
    if any(line.ledger_class == CLASS_TAX for line in view.lines):
        raise Refusal(
            "tax_lines", "This bill has its tax in lines of its own; no invoice form here can tell that.",
            "该账单的税金单独列项，现有发票格式无法表达。", field="tariff", value=view.tariff.code,
        )  # fmt: skip
    sign = -1 if view.amount < 0 else 1
    lines, shares = _lines(view.lines, terms, sign, language)
    found = customers.account(view.account_id)
    assert found is not None  # a bill's account is never taken away
    net, tax = sum(each.base for each in shares), sum(each.tax for each in shares)
    return Invoice(
        view.number, sign < 0, view.issued_on, view.due_on, view.from_on, view.to_on, settings.CURRENCY,
        settings.CURRENCY_DECIMALS, seller(language), _buyer(found), found.number, lines, shares, net, tax,
        sign * view.amount, terms.source,
    )  # fmt: skip


def payment_invoice_of(account_id: int, payment_no: int, language: str = "zh") -> PaymentInvoice:
    """The data set of a payment. Refuses unknown_payment."""
    found = customers.account(account_id)
    view = payments.receipt(account_id, payment_no)
    assert found is not None
    parts = tuple(
        PaidPart(f"{each.period // 100}-{each.period % 100:02d}-{found.number}-{each.seq}",
                 "late" if each.kind == 2 else "bill", each.amount)
        for each in view.paid
    )  # fmt: skip
    return PaymentInvoice(
        f"{found.number}-{payment_no}", view.payment.value_on, settings.CURRENCY, seller(language), _buyer(found),
        found.number, view.payment.amount, parts, view.to_credit,
    )  # fmt: skip


def seller(language: str) -> Party:
    """The supplier as the settings tell it."""
    name = settings.SUPPLIER_NAME_ZH if language.startswith("zh") else settings.SUPPLIER_NAME_EN
    told = settings.SUPPLIER_INVOICE
    return Party(name, told["address"], told["city"], told["postcode"], told["country"], told["vat_id"], told["tax_id"])


def _buyer(account: customers.AccountView) -> Party:
    return Party(account.name, account.address, "", "", settings.SUPPLIER_INVOICE["country"])


def _lines(
    lines: Sequence[BillLineView], terms: TaxTerms, sign: int, language: str
) -> tuple[tuple[InvoiceLine, ...], tuple[TaxShare, ...]]:
    """Lines and shares. The tax of a rate is that of all its lines together; each line has the step that it adds, so
    that the lines come to the share and nothing is lost in rounding."""
    made: list[InvoiceLine] = []
    so_far: dict[tuple[str, int], int] = {}
    for line in lines:
        free = terms.levies_free and line.ledger_class == CLASS_LEVY
        category, rate = (EXEMPT, 0) if free else (STANDARD, terms.rate)
        before = so_far.get((category, rate), 0)
        gross = sign * line.amount
        tax = tax_within(before + gross, rate) - tax_within(before, rate)
        so_far[category, rate] = before + gross
        made.append(_line(line, gross, tax, category, rate, language))
    shares = [
        TaxShare(category, rate, gross - tax_within(gross, rate), tax_within(gross, rate))
        for (category, rate), gross in sorted(so_far.items(), reverse=True)
    ]
    return tuple(made), tuple(shares)


def _line(line: BillLineView, gross: int, tax: int, category: str, rate: int, language: str) -> InvoiceLine:
    """A line in kWh where it has a quantity and a price for it; else one piece at its amount."""
    net = gross - tax
    by_energy = line.unit_en == "kWh" and line.quantity > 0 and line.price > 0 and gross > 0
    if by_energy:
        quantity, unit = line.quantity_text, "KWH"
        price = _decimal(without_tax(line.price, rate), 10)
    else:
        # a price is never below zero in these invoices: what is taken off is a quantity of -1
        quantity, unit = "-1" if net < 0 else "1", "C62"
        price = _decimal(abs(net), settings.CURRENCY_DECIMALS)
    return InvoiceLine(
        line.n, line.name(language), line.clause(language), quantity, unit, price, net, tax, gross, category, rate
    )


def _decimal(value: int, places: int) -> str:
    whole, part = divmod(value, 10**places)
    return f"{whole}.{part:0{places}d}".rstrip("0").rstrip(".") if places else str(whole)


def tax_terms(tariff_code: str) -> TaxTerms:
    """How bills of a tariff are taxed: the first entry whose pattern fits, the supplier's own first. Refuses
    no_tax_terms."""
    own = home() / "invoice_taxes.yaml"
    for path in (own, OURS) if own.is_file() else (OURS,):
        for pattern, terms in _terms(path, path.stat().st_mtime_ns):
            if fnmatchcase(tariff_code, pattern):
                return terms
    raise Refusal(
        "no_tax_terms", "Nothing states how this tariff is taxed: enter it in invoice_taxes.yaml.",
        "未说明该电价的税率：请在 invoice_taxes.yaml 中登记。", field="tariff", value=tariff_code,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _terms(path: Path, changed_ns: int) -> tuple[tuple[str, TaxTerms], ...]:
    """The entries of a file as it was at a change. Refuses bad_tax_terms with the entry, counted from 1."""
    del changed_ns  # so that a changed file is read anew
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = data.get("taxes") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise _bad(path, 0)
    return tuple((str(each["tariffs"]), _entry(each, path, n)) for n, each in enumerate(entries, 1))


def _entry(each: Mapping[str, Any], path: Path, n: int) -> TaxTerms:
    whole, _, part = str(each.get("rate", "")).partition(".")
    digits = whole + part.ljust(2, "0")
    if not (digits.isascii() and digits.isdecimal()) or len(part) > 2 or not each.get("source"):
        raise _bad(path, n)
    return TaxTerms(int(digits), bool(each.get("levies free", False)), str(each["source"]))


def _bad(path: Path, n: int) -> Refusal:
    return Refusal(
        "bad_tax_terms", "An entry of the tax terms lacks tariffs, a rate in percent or its source.",
        "税率登记缺少电价、税率（百分数）或来源。", field=str(path), row=n,
    )  # fmt: skip
