"""Statements of our bank in each form, written for the tests, and accounts whose numbers have their check digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from gridhall.customers.models import Account, Customer
from gridhall.kernel import clock, ids
from gridhall.payments.public import BankAccountView, add_bank_account
from tests.payments.town import SYSTEM, bills, make_accounts

OURS = "DE89370400440532013000"
OWED = 2_500


def number_of(account_id: int) -> str:
    digits = f"{account_id + 10_000:09d}"
    return digits + ids.check_digit(digits)


def owing(
    count: int = 3, unit_id: int = 1, first: int = 1, owed: int = OWED, due: date | None = None
) -> list[str]:  # fmt: skip
    """Accounts that owe 25.00 each, due today. Customers are called 客户1…"""
    made = make_accounts(count, unit_id=unit_id, first=first)
    for each in made:
        Account.objects.filter(pk=each).update(number=number_of(each))
    due = due or clock.today()
    issued = min(date(2026, 11, 2), due)
    bills(made, 202609, [{1: owed}] * count, issued=issued, due=due, unit_id=unit_id)
    return [number_of(each) for each in made]


def our_account(points: int = 80, unit_id: int = 1) -> BankAccountView:
    return add_bank_account(SYSTEM, OURS, "Bank of Lakes", "湖银行", unit_id, virtual_prefix="9988", post_points=points)


def rename(account_id: int, name: str) -> None:
    Customer.objects.filter(pk=account_id).update(name=name)


@dataclass(frozen=True)
class Line:
    """A line of a statement to write. `amount` in minor units with its sign."""

    amount: int
    text: str = ""
    name: str = ""
    ref: str = ""
    virtual: str = ""
    on: date | None = None


def _yuan(amount: int) -> str:
    return f"{Decimal(abs(amount)) / 100:.2f}"


def _mark(amount: int) -> str:
    return "CRDT" if amount >= 0 else "DBIT"


def camt(
    lines: Sequence[Line], *, ident: str = "S-1", opening: int = 0, sequence: int = 1, on: date | None = None,
    closing: int | None = None, version: str = "02", account: str = OURS, currency: str = "CNY",
) -> bytes:  # fmt: skip
    """A camt.053 of one statement."""
    day = on or clock.today()
    comes_to = opening + sum(line.amount for line in lines)
    end = comes_to if closing is None else closing
    entries = []
    for line in lines:
        side, other = ("Dbtr", "Cdtr") if line.amount > 0 else ("Cdtr", "Dbtr")
        party = f"<Nm>{escape(line.name)}</Nm>" if version == "02" else f"<Pty><Nm>{escape(line.name)}</Nm></Pty>"
        status = "<Sts>BOOK</Sts>" if version == "02" else "<Sts><Cd>BOOK</Cd></Sts>"
        virtual = f"<{other}Acct><Id><Othr><Id>{line.virtual}</Id></Othr></Id></{other}Acct>" if line.virtual else ""
        names = f"<{side}>{party}</{side}>" if line.name else ""
        at = (line.on or day).isoformat()
        entries.append(
            f'<Ntry><Amt Ccy="{currency}">{_yuan(line.amount)}</Amt><CdtDbtInd>{_mark(line.amount)}</CdtDbtInd>'
            f"{status}<BookgDt><Dt>{at}</Dt></BookgDt><ValDt><Dt>{at}</Dt></ValDt>"
            + (f"<AcctSvcrRef>{line.ref}</AcctSvcrRef>" if line.ref else "")
            + f"<BkTxCd/><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
            f"<RltdPties>{names}{virtual}</RltdPties><RmtInf><Ustrd>{escape(line.text)}</Ustrd></RmtInf></TxDtls>"
            f"</NtryDtls></Ntry>"
        )

    def balance(kind: str, amount: int) -> str:
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{_yuan(amount)}</Amt>'
            f"<CdtDbtInd>{_mark(amount)}</CdtDbtInd><Dt><Dt>{day.isoformat()}</Dt></Dt></Bal>"
        )

    body = "\n".join([balance("OPBD", opening), balance("CLBD", end), *entries])
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><GrpHdr>'
        f"<MsgId>M</MsgId><CreDtTm>{day.isoformat()}T20:00:00</CreDtTm></GrpHdr><Stmt><Id>{ident}</Id>"
        f"<ElctrncSeqNb>{sequence}</ElctrncSeqNb><CreDtTm>{day.isoformat()}T20:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id></Acct>\n{body}\n</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def mt940(lines: Sequence[Line], *, number: int = 1, opening: int = 0, on: date | None = None) -> bytes:
    """An MT940 of one statement, field 86 in sub-fields."""
    day = on or clock.today()

    def balance(tag: str, amount: int) -> str:
        return f":{tag}:{'C' if amount >= 0 else 'D'}{day:%y%m%d}CNY{_yuan(amount).replace('.', ',')}"

    out = [":20:STARTUMS", f":25:BANKXXX/{OURS}", f":28C:{number}/1", balance("60F", opening)]
    for place, line in enumerate(lines, 1):
        at = line.on or day
        amount = _yuan(line.amount).replace(".", ",")
        out.append(f":61:{at:%y%m%d%m%d}{'C' if line.amount > 0 else 'D'}{amount}NTRFNONREF//{line.ref or f'B{place}'}")
        out.append(f":86:166?00CREDIT?20{line.text[:27]}?21{line.text[27:54]}?31{line.virtual}?32{line.name}")
    out.append(balance("62F", opening + sum(line.amount for line in lines)))
    return ("\r\n".join(out) + "\r\n-\r\n").encode()


def csv_zh(lines: Sequence[Line], *, opening: int = 0, on: date | None = None) -> bytes:
    """A CSV as Chinese online banking gives it out (`bank-zh`)."""
    day, balance = on or clock.today(), opening
    out = ["湖银行 交易明细", "交易日期,收入金额,支出金额,账户余额,对方户名,对方账号,交易流水号,摘要,附言"]
    for place, line in enumerate(lines, 1):
        balance += line.amount
        came, went = (_yuan(line.amount), "") if line.amount > 0 else ("", _yuan(line.amount))
        said = '"' + line.text.replace('"', '""') + '"'
        out.append(
            f"{line.on or day},{came},{went},{_signed(balance)},{line.name},6222,{line.ref or f'L{place}'},转账,{said}"
        )
    return ("\n".join(out) + "\n").encode("gb18030")


def _signed(amount: int) -> str:
    return ("-" if amount < 0 else "") + _yuan(amount)
