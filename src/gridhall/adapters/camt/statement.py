"""camt.053 (ISO 20022, versions 001.02 to 001.13): elements are found by their names, whatever the version.

Only what is booked counts. An entry that is a batch is read payment by payment where the bank says what each came to.
No document type is taken, no entity resolved, nothing fetched.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from lxml import etree

from gridhall.payments.ports import (
    ROWS_MOST,
    EntryIn,
    StatementIn,
    StatementOptions,
    amount_of,
    bad_statement,
    day_of,
    large_statement,
    printed,
    unsafe_statement,
)

BYTES_MOST = 60_000_000
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
BOOKED = ("BOOK", "")


class Reader:
    """Reads camt.053."""

    def read(self, data: bytes, options: StatementOptions) -> list[StatementIn]:
        """The statements of a document. Refuses bad_statement (line, element), statement_unsafe,
        statement_too_large."""
        del options  # a document says itself whose account it is of
        if len(data) > BYTES_MOST:
            raise large_statement(len(data))
        root = _root(data)
        found = list(_under(root, "BkToCstmrStmt", "Stmt"))
        if not found:
            raise bad_statement("BkToCstmrStmt/Stmt", root.sourceline or 1)
        return [_statement(each) for each in found]

    def columns(self) -> list[str]:
        """None: a document says itself what is what."""
        return []


def _root(data: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise unsafe_statement()
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise bad_statement("xml", error.lineno or 1, error.msg) from error
    except (ValueError, LookupError) as error:  # an encoding that is not there
        raise bad_statement("encoding", 1) from error
    if root.getroottree().docinfo.doctype:
        raise unsafe_statement()
    return root


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _under(element: Any, *path: str) -> Iterator[Any]:
    """All elements at a path of names below one."""
    if not path:
        yield element
        return
    for child in element:
        if _name(child) == path[0]:
            yield from _under(child, *path[1:])


def _one(element: Any, *path: str) -> Any:
    return next(_under(element, *path), None)


def _text(element: Any, *paths: tuple[str, ...]) -> str:
    """The text at the first of several paths that has one."""
    for path in paths:
        found = _one(element, *path)
        if found is not None and found.text and found.text.strip():
            return printed(found.text)
    return ""


def _row(element: Any) -> int:
    return int(element.sourceline or 1)


def _statement(stmt: Any) -> StatementIn:
    account = _text(stmt, ("Acct", "Id", "IBAN"), ("Acct", "Id", "Othr", "Id"))
    ident = _text(stmt, ("Id",))
    if not account:
        raise bad_statement("Acct/Id", _row(stmt))
    if not ident:
        raise bad_statement("Id", _row(stmt))
    opening, opening_on, currency = _balance(stmt, OPENING)
    closing, closing_on, closing_currency = _balance(stmt, CLOSING)
    if currency != closing_currency:
        raise bad_statement("Bal/Amt/@Ccy", _row(stmt), closing_currency)
    entries = tuple(each for ntry in _under(stmt, "Ntry") for each in _entries(ntry, currency))
    if len(entries) > ROWS_MOST:
        raise bad_statement("Ntry", _row(stmt), len(entries))
    first = _day(stmt, ("FrToDt", "FrDtTm"), ("FrToDt", "FrDt")) or min(
        (each.booked_on for each in entries), default=opening_on
    )
    last = _day(stmt, ("FrToDt", "ToDtTm"), ("FrToDt", "ToDt")) or closing_on
    return StatementIn(
        account, ident[:80], _sequence(stmt), currency, opening, closing, first, last, entries, _row(stmt)
    )


def _sequence(stmt: Any) -> int:
    text = _text(stmt, ("ElctrncSeqNb",), ("LglSeqNb",)) or "0"
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise bad_statement("ElctrncSeqNb", _row(stmt), text)
    return int(text)


def _balance(stmt: Any, kinds: tuple[str, ...]) -> tuple[int, date, str]:
    """A balance (minor units), its day and currency: the first of the kinds that is there."""
    for kind in kinds:
        for bal in _under(stmt, "Bal"):
            if _text(bal, ("Tp", "CdOrPrtry", "Cd")) == kind:
                on = _day(bal, ("Dt", "Dt"), ("Dt", "DtTm"))
                if on is None:
                    raise bad_statement("Bal/Dt", _row(bal))
                return _amount(bal), on, _currency(bal)
    raise bad_statement(f"Bal[{kinds[0]}]", _row(stmt))


def _currency(element: Any) -> str:
    amount = _one(element, "Amt")
    return str(amount.get("Ccy", "")) if amount is not None else ""


def _amount(element: Any) -> int:
    """The amount of a balance or an entry with its sign: credit is ours."""
    amount = _one(element, "Amt")
    if amount is None:
        raise bad_statement("Amt", _row(element))
    return _sign(element) * amount_of(amount.text or "", "Amt", _row(amount))


def _sign(element: Any) -> int:
    mark = _text(element, ("CdtDbtInd",))
    if mark not in ("CRDT", "DBIT"):
        raise bad_statement("CdtDbtInd", _row(element), mark)
    return 1 if mark == "CRDT" else -1


def _day(element: Any, *paths: tuple[str, ...]) -> date | None:
    text = _text(element, *paths)
    if not text:
        return None
    parts = text[:10].split("-")
    if not (len(text) >= 10 and len(parts) == 3 and all(part.isascii() and part.isdecimal() for part in parts)):
        raise bad_statement("/".join(paths[0]), _row(element), text)
    return day_of(int(parts[0]), int(parts[1]), int(parts[2]), "/".join(paths[0]), _row(element))


def _entries(ntry: Any, currency: str) -> Iterator[EntryIn]:
    """The entry, or the payments of a batch where they come to it."""
    if _text(ntry, ("Sts", "Cd"), ("Sts",)) not in BOOKED:
        return
    amount = _amount(ntry)
    if _currency(ntry) != currency:
        raise bad_statement("Ntry/Amt/@Ccy", _row(ntry), _currency(ntry))
    booked = _day(ntry, ("BookgDt", "Dt"), ("BookgDt", "DtTm"))
    if booked is None:
        raise bad_statement("BookgDt", _row(ntry))
    value = _day(ntry, ("ValDt", "Dt"), ("ValDt", "DtTm")) or booked
    details = list(_under(ntry, "NtryDtls", "TxDtls"))
    parts = [_part(each, amount, currency) for each in details]
    if len(details) > 1 and None not in parts and sum(part or 0 for part in parts) == amount:
        for each, part in zip(details, parts, strict=True):
            yield _entry(ntry, each, part or 0, booked, value, batch=True)
    else:
        yield _entry(ntry, details[0] if len(details) == 1 else None, amount, booked, value)


def _part(details: Any, whole: int, currency: str) -> int | None:
    """What one payment of a batch came to, with the sign of the batch where it has none; None where it is not told."""
    amount = _one(details, "Amt")
    amount = amount if amount is not None else _one(details, "AmtDtls", "TxAmt", "Amt")
    if amount is None or amount.get("Ccy", "") != currency:
        return None
    sign = _sign(details) if _one(details, "CdtDbtInd") is not None else 1 if whole > 0 else -1
    return sign * amount_of(amount.text or "", "TxDtls/Amt", _row(amount))


def _entry(ntry: Any, details: Any, amount: int, booked: date, value: date, *, batch: bool = False) -> EntryIn:
    of = details if details is not None else ntry
    side, account = ("Dbtr", "DbtrAcct") if amount > 0 else ("Cdtr", "CdtrAcct")
    own = "CdtrAcct" if amount > 0 else "DbtrAcct"
    texts = [printed(each.text or "") for each in _under(of, "RmtInf", "Ustrd")]
    texts += [printed(each.text or "") for each in _under(of, "RmtInf", "Strd", "CdtrRefInf", "Ref")]
    end_to_end = _text(of, ("Refs", "EndToEndId"))
    texts += [end_to_end] if end_to_end not in ("", "NOTPROVIDED") else []
    texts += [_text(of, ("AddtlTxInf",)), _text(ntry, ("AddtlNtryInf",))]
    ref = _text(of, ("Refs", "AcctSvcrRef"))
    return EntryIn(
        row=_row(of), booked_on=booked, value_on=value, amount=amount,
        bank_ref=(ref or ("" if batch else _text(ntry, ("AcctSvcrRef",))))[:64],
        payer_name=_text(of, ("RltdPties", side, "Nm"), ("RltdPties", side, "Pty", "Nm"))[:160],
        payer_account=_account(of, account), virtual_account=_account(of, own),
        text=" ".join(filter(None, texts))[:700],
    )  # fmt: skip


def _account(of: Any, which: str) -> str:
    return _text(of, ("RltdPties", which, "Id", "IBAN"), ("RltdPties", which, "Id", "Othr", "Id"))[:40]
