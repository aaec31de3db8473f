"""pain.008 (customer direct debit initiation), written as a stream: a million debits need no tree in memory."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from gridhall.debits.ports import FileHead, FileRows

ROWS_AT_ONCE = 2_000
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
NAME_MOST = 70
# What XML 1.0 cannot carry, whatever the escape.
NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(given: str, most: int = NAME_MOST) -> str:
    """Text as it stands in the file: cut to what the schema allows before it is escaped."""
    return escape(NO_XML.sub("", given)[:most])


def money(minor: int, decimals: int) -> str:
    """An amount in major units, as digits: never by a float."""
    if decimals == 0:
        return str(minor)
    whole, rest = divmod(minor, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}"


def account(number: str) -> str:
    """An account's identification: as an IBAN where it is one."""
    if IBAN.fullmatch(number):
        return f"<Id><IBAN>{number}</IBAN></Id>"
    return f"<Id><Othr><Id>{text(number, 34)}</Id></Othr></Id>"


def agent(code: str, version: str) -> str:
    """A bank's identification: by BIC, or by its own code; NOTPROVIDED where none is known."""
    if BIC.fullmatch(code):
        tag = "BIC" if version == "pain.008.001.02" else "BICFI"
        return f"<FinInstnId><{tag}>{code}</{tag}></FinInstnId>"
    return f"<FinInstnId><Othr><Id>{text(code, 35) or 'NOTPROVIDED'}</Id></Othr></FinInstnId>"


def pain_008(version: str, head: FileHead, rows: FileRows) -> Iterator[bytes]:
    """The file in pieces (UTF-8). Each debit carries our key as its end-to-end name, by which results come back."""
    yield _head(version, head).encode()
    values = zip(
        rows.key, rows.amount.tolist(), rows.holder, rows.number, rows.agent, rows.mandate, rows.signed_on,
        rows.account_number, strict=True,
    )  # fmt: skip
    agents: dict[str, str] = {}
    pieces: list[str] = []
    for key, amount, holder, number, bank, mandate, signed_on, ours in values:
        if bank not in agents:
            agents[bank] = agent(bank, version)
        pieces.append(
            f'<DrctDbtTxInf><PmtId><EndToEndId>{key}</EndToEndId></PmtId><InstdAmt Ccy="{head.currency}">'
            f"{money(amount, head.decimals)}</InstdAmt><DrctDbtTx><MndtRltdInf><MndtId>{text(mandate, 35)}</MndtId>"
            f"<DtOfSgntr>{signed_on.isoformat()}</DtOfSgntr></MndtRltdInf></DrctDbtTx><DbtrAgt>{agents[bank]}</DbtrAgt>"
            f"<Dbtr><Nm>{text(holder)}</Nm></Dbtr><DbtrAcct>{account(number)}</DbtrAcct>"
            f"<RmtInf><Ustrd>{text(ours, 140)}</Ustrd></RmtInf></DrctDbtTxInf>\n"
        )
        if len(pieces) == ROWS_AT_ONCE:
            yield "".join(pieces).encode()
            pieces.clear()
    yield ("".join(pieces) + "</PmtInf></CstmrDrctDbtInitn></Document>\n").encode()


def _head(version: str, head: FileHead) -> str:
    total = money(head.amount, head.decimals)
    level = "<SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm>" if head.currency == "EUR" else ""
    name = text(head.creditor_name)
    scheme = "<SchmeNm><Prtry>SEPA</Prtry></SchmeNm>" if head.currency == "EUR" else ""
    made_at = head.made_at.replace(tzinfo=None).isoformat(timespec="seconds")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}">'
        f"<CstmrDrctDbtInitn><GrpHdr><MsgId>{head.reference}</MsgId><CreDtTm>{made_at}</CreDtTm>"
        f"<NbOfTxs>{head.count}</NbOfTxs><CtrlSum>{total}</CtrlSum><InitgPty><Nm>{name}</Nm></InitgPty></GrpHdr>\n"
        f"<PmtInf><PmtInfId>{head.reference}</PmtInfId><PmtMtd>DD</PmtMtd><BtchBookg>true</BtchBookg>"
        f"<NbOfTxs>{head.count}</NbOfTxs><CtrlSum>{total}</CtrlSum><PmtTpInf>{level}<SeqTp>RCUR</SeqTp></PmtTpInf>"
        f"<ReqdColltnDt>{head.debit_on.isoformat()}</ReqdColltnDt><Cdtr><Nm>{name}</Nm></Cdtr>"
        f"<CdtrAcct>{account(head.creditor_account)}</CdtrAcct><CdtrAgt>{agent(head.creditor_agent, version)}</CdtrAgt>"
        f"<ChrgBr>SLEV</ChrgBr><CdtrSchmeId><Id><PrvtId><Othr><Id>{text(head.creditor_id, 35)}</Id>{scheme}</Othr>"
        "</PrvtId></Id></CdtrSchmeId>\n"
    )
