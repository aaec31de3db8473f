"""pain.002, camt.053 and camt.054 as results of debits. The document is held against its schema first; no document type
is taken, no entity resolved, nothing fetched."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree

from gridhall.debits.ports import CODE_UNKNOWN, OK, OUTCOMES, RETURNED, ResultRows, refusal

BYTES_MOST = 120_000_000
NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:((pain\.002|camt\.053|camt\.054)\.001\.\d\d)")
KEY = re.compile(r"GH(\d{8})-(\d{7})")
REFERENCE = re.compile(r"GH(\d{8})")
AMOUNT = re.compile(r"\d{1,13}(\.\d{1,5})?")

# External status reason codes (ISO 20022 external code sets) → what they come to here.
REASONS = {
    "AM04": "INSUFFICIENT", "AC01": "NO_ACCOUNT", "AC13": "NO_ACCOUNT", "AC04": "CLOSED", "AC06": "FROZEN",
    "AG01": "FROZEN", "BE01": "NAME_MISMATCH", "BE05": "NO_MANDATE", "MD01": "NO_MANDATE", "MD02": "NO_MANDATE",
    "AM02": "LIMIT", "AM14": "LIMIT", "AM05": "DUPLICATE", "FF01": "BAD_FORMAT", "FF05": "BAD_FORMAT",
    "RC01": "BAD_FORMAT", "MD06": "REFUSED", "MD07": "CLOSED", "MS02": "REFUSED", "MS03": "BANK_ERROR",
    "SL01": "REFUSED", "ED05": "BANK_ERROR", "TM01": "BANK_ERROR", "DNOR": "BANK_ERROR", "CNOR": "BANK_ERROR",
}  # fmt: skip
REJECTED, SETTLED = ("RJCT", "CANC"), ("ACSC", "ACCC")
STILL_OPEN = ("ACCP", "ACTC", "ACSP", "ACWC", "ACWP", "PDNG", "RCVD", "PART", "ACFC", "PATC")

Row = tuple[int, int, int, int, int, int]  # row, file, line, amount, outcome, day


def results(data: bytes, currency: str, decimals: int) -> ResultRows:
    """The results in a document. Refuses: result_too_large, result_unreadable (line), unknown_message."""
    if len(data) > BYTES_MOST:
        raise refusal("result_too_large", field="file", value=len(data))
    root = _root(data)
    found = NAMESPACE.fullmatch(etree.QName(root).namespace or "")
    if found is None:
        raise refusal("unknown_message", field="namespace", value=ascii(etree.QName(root).namespace or "")[:80])
    _refuse_invalid(root, found[1])
    space = f"{{{etree.QName(root).namespace}}}"
    reader = _Reader(space, currency, decimals)
    if found[2] == "pain.002":
        reader.status_report(root)
    else:
        reader.statement(root)
    return reader.rows()


def _root(data: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as wrong:
        line = getattr(wrong, "lineno", None) or 0
        raise refusal("result_unreadable", field="xml", row=int(line), value=ascii(str(wrong))[:80]) from wrong
    if root.getroottree().docinfo.doctype:
        raise refusal("result_unreadable", field="doctype")
    return root


@cache
def _schema(version: str) -> Any:
    path = Path(__file__).with_name("schemas") / f"{version}.xsd"
    return etree.XMLSchema(etree.parse(path)) if path.exists() else None


def _refuse_invalid(root: Any, version: str) -> None:
    schema = _schema(version)
    if schema is None:
        raise refusal("unknown_message", field="version", value=version)
    if not schema.validate(root):
        first = schema.error_log[0]
        raise refusal("result_unreadable", field="schema", row=first.line, value=ascii(first.message)[:120])


class _Reader:
    """Collects rows of a document that is valid."""

    def __init__(self, space: str, currency: str, decimals: int) -> None:
        self.space, self.currency, self.decimals = space, currency, decimals
        self.good: list[Row] = []
        self.bad: list[tuple[int, str, str]] = []
        self.whole: dict[int, tuple[int, int]] = {}
        self.place = 0

    def rows(self) -> ResultRows:
        table = np.array(self.good, np.int64).reshape(len(self.good), 6)
        whole = tuple((file_id, *said) for file_id, said in self.whole.items())
        row, file_id, line, amount, outcome, on = (np.ascontiguousarray(table[:, k]) for k in range(6))
        return ResultRows(row, file_id, line, amount, outcome, on, bad=tuple(self.bad), whole_files=whole)

    # pain.002: what became of the transactions of a file

    def status_report(self, root: Any) -> None:
        report = root[0]
        group = self._one(report, "OrgnlGrpInfAndSts")
        payments = list(report.iter(f"{self.space}OrgnlPmtInfAndSts"))
        named = 0
        for payment in payments:
            for each in payment.iter(f"{self.space}TxInfAndSts"):
                named += 1
                self._status(each)
            self._for_all(payment, "OrgnlPmtInfId", "PmtInfSts")
        self._for_all(group, "OrgnlMsgId", "GrpSts")
        told = self._text(group, "OrgnlNbOfTxs")
        if told.isdecimal() and named > int(told):
            raise refusal("result_altered", field="OrgnlNbOfTxs", value=told)

    def _status(self, each: Any) -> None:
        self.place += 1
        status = self._text(each, "TxSts")
        if status in STILL_OPEN or not status:
            return
        if status in SETTLED:
            outcome = OK
        elif status in REJECTED:
            outcome = self._reason(each, "StsRsnInf")
        else:
            outcome = CODE_UNKNOWN
        amount = self._one(each, "OrgnlTxRef/InstdAmt", "OrgnlTxRef/Amt/InstdAmt")
        self._row(self._text(each, "OrgnlEndToEndId"), amount, outcome, self._text(each, "AccptncDtTm")[:10])

    def _for_all(self, part: Any, name: str, status: str) -> None:
        """A status of a whole file counts for its lines that are not named one by one."""
        found = REFERENCE.fullmatch(self._text(part, name))
        said = self._text(part, status)
        if found and said in REJECTED:
            self.whole[int(found[1])] = (self._reason(part, "StsRsnInf"), 0)
        elif found and said in SETTLED:
            self.whole[int(found[1])] = (OK, 0)

    # camt.053, camt.054: what the bank has booked

    def statement(self, root: Any) -> None:
        for entry in root.iter(f"{self.space}Ntry"):
            status = self._text(entry, "Sts", "Sts/Cd")
            on = self._text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt")[:10]
            came = self._text(entry, "CdtDbtInd") == "CRDT"
            for each in entry.iter(f"{self.space}TxDtls"):
                self.place += 1
                key = self._text(each, "Refs/EndToEndId")
                if status == "BOOK" and KEY.fullmatch(key):
                    self._booked(each, key, came, on)

    def _booked(self, each: Any, key: str, came: bool, on: str) -> None:
        side = self._text(each, "CdtDbtInd")
        came = side == "CRDT" if side else came
        amount = self._one(each, "AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt", "Amt")
        self._row(key, amount, OK if came else RETURNED, on)

    # what both have

    def _row(self, key: str, amount: Any, outcome: int, on: str) -> None:
        found = KEY.fullmatch(key)
        minor = self._minor(amount)
        if found is None or minor is None:
            self.bad.append((self.place, "EndToEndId" if found is None else "amount", ascii(key)[:40]))
            return
        self.good.append((self.place, int(found[1]), int(found[2]), minor, outcome, _ordinal(on)))

    def _minor(self, amount: Any) -> int | None:
        """Minor units; -1 where none is told, None where it cannot be ours."""
        if amount is None:
            return -1
        text = (amount.text or "").strip()
        if amount.get("Ccy") != self.currency or not AMOUNT.fullmatch(text):
            return None
        whole, _, rest = text.partition(".")
        rest = rest.ljust(self.decimals, "0")
        if rest[self.decimals :].strip("0"):
            return None
        return int(whole + rest[: self.decimals])

    def _reason(self, part: Any, name: str) -> int:
        code = self._text(part, f"{name}/Rsn/Cd")
        return OUTCOMES.get(REASONS.get(code, ""), CODE_UNKNOWN)

    def _one(self, part: Any, *paths: str) -> Any:
        for path in paths:
            found = part.find("/".join(self.space + name for name in path.split("/")))
            if found is not None:
                return found
        return None

    def _text(self, part: Any, *paths: str) -> str:
        for path in paths:
            found = self._one(part, path)
            if found is not None and (found.text or "").strip():
                return str(found.text).strip()
        return ""


def _ordinal(on: str) -> int:
    try:
        return date.fromisoformat(on).toordinal() if on else 0
    except ValueError:
        return 0


def versions() -> Iterator[str]:
    """Messages that can be read, by the schemas that are here."""
    for path in sorted(Path(__file__).with_name("schemas").glob("*.xsd")):
        if not path.stem.startswith("pain.008"):
            yield path.stem
