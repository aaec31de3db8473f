"""Messages of a bank in ISO 20022, for the tests: what a bank answers to a pain.008 of ours."""

from collections.abc import Mapping, Sequence

from gridhall.debits.ports import key_of

Row = tuple[int, int, str]  # line, minor units, a reason code or ""


def money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def pain_002(
    file_id: int, rows: Sequence[Row], *, version: str = "pain.002.001.03", whole: str = "", count: int = 0
) -> bytes:
    """A status report: settled (ACSC) where no reason is given, else rejected."""
    told = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{key_of(file_id, line)}</OrgnlEndToEndId>"
        + (
            f"<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"
            if len(code) == 4 and code not in ("PDNG", "ACCP")
            else f"<TxSts>{code or 'ACSC'}</TxSts>"
        )
        + f'<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">{money(amount)}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
        for line, amount, code in rows
    )
    status = f"<GrpSts>{whole}</GrpSts>" if whole else ""
    number = f"<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs>" if count else ""
    payment = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>GH{file_id:08d}</OrgnlPmtInfId>{told}</OrgnlPmtInfAndSts>" if told else ""
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}">'
        "<CstmrPmtStsRpt><GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-11-12T18:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>GH{file_id:08d}</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId>"
        f"{number}{status}</OrgnlGrpInfAndSts>{payment}</CstmrPmtStsRpt></Document>"
    ).encode()


ROOTS: Mapping[str, tuple[str, str]] = {
    "camt.053": ("BkToCstmrStmt", "Stmt"), "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}  # fmt: skip


def camt(file_id: int, rows: Sequence[Row], *, version: str = "camt.054.001.02", status: str = "BOOK") -> bytes:
    """An entry of many transactions: money came where no reason is given, else it was sent back (a debit of ours)."""
    root, part = ROOTS[version[:8]]
    sts = f"<Sts>{status}</Sts>" if version.endswith(".02") else f"<Sts><Cd>{status}</Cd></Sts>"
    balance = (
        "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">0</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
        "<Dt><Dt>2026-11-12</Dt></Dt></Bal>" if part == "Stmt" else ""
    )  # fmt: skip
    entries = ""
    for side, chosen in (("CRDT", [r for r in rows if not r[2]]), ("DBIT", [r for r in rows if r[2]])):
        total = sum(row[1] for row in chosen)
        details = "".join(_details(file_id, *row, side, version) for row in chosen)
        entries += (
            f'<Ntry><Amt Ccy="CNY">{money(total)}</Amt><CdtDbtInd>{side}</CdtDbtInd>{sts}<BookgDt><Dt>2026-11-12</Dt>'
            f"</BookgDt><BkTxCd><Prtry><Cd>DD</Cd></Prtry></BkTxCd><NtryDtls>{details}</NtryDtls></Ntry>"
            if chosen
            else ""
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}"><{root}>'
        "<GrpHdr><MsgId>B2</MsgId><CreDtTm>2026-11-12T18:00:00</CreDtTm></GrpHdr>"
        f"<{part}><Id>S1</Id><CreDtTm>2026-11-12T18:00:00</CreDtTm><Acct><Id><Othr><Id>1101000099</Id></Othr></Id>"
        f"</Acct>{balance}{entries}</{part}></{root}></Document>"
    ).encode()


def _details(file_id: int, line: int, amount: int, code: str, side: str, version: str) -> str:
    refs = f"<Refs><EndToEndId>{key_of(file_id, line)}</EndToEndId></Refs>"
    back = f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf>" if code else ""
    if version.endswith(".02"):
        told = f'<AmtDtls><TxAmt><Amt Ccy="CNY">{money(amount)}</Amt></TxAmt></AmtDtls>'
        return f"<TxDtls>{refs}{told}{back}</TxDtls>"
    return f'<TxDtls>{refs}<Amt Ccy="CNY">{money(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd>{back}</TxDtls>'
