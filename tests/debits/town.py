"""A few customers with mandates, a bank, and a bank's answers, for the tests of batch debit. Amounts in fen."""

from collections.abc import Mapping, Sequence
from datetime import date

from gridhall.debits.models import DebitBank, DebitFile, Mandate
from gridhall.debits.public import (
    CycleView,
    FileView,
    NewBank,
    NewMandate,
    add_bank,
    announce,
    issue,
    make_files,
    plan_cycle,
    send_file,
    sign,
)
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from tests.payments.town import SYSTEM, bill, make_accounts, moment

RUN, APPROVE = "debits.run", "debits.approve"
DAY = date(2026, 11, 12)  # the day of debit in most stories
AGAIN = (date(2026, 11, 18), date(2026, 11, 24))
ISSUED, DUE = date(2026, 11, 2), date(2026, 11, 25)


def officer(user_id: int = 50, *more: str) -> Actor:
    """Who runs the cycles."""
    permissions = frozenset({RUN, "debits.see", "mandates.take", *more})
    return Actor("staff", f"officer{user_id}", "office", id=user_id, permissions=permissions, everywhere=True)


def manager(user_id: int = 60) -> Actor:
    """The second person."""
    permissions = frozenset({APPROVE, "debits.see", "mandates.confirm"})
    return Actor("staff", f"manager{user_id}", "office", id=user_id, permissions=permissions, everywhere=True)


def number_of(account_id: int) -> str:
    """The bank account of a customer."""
    return f"62270000{account_id:08d}"


def make_bank(form: str = "text:pipe", code: str = "CCB", rows_most: int = 1000) -> int:
    """A bank that debits for us."""
    return add_bank(
        SYSTEM, NewBank(code, "Lake Bank", "湖滨银行", form, "灯湖供电", "1101000099", "LH001", "CCB001", rows_most)
    ).id  # fmt: skip


def make_debtors(amounts: Mapping[int, int], bank_id: int, *, limit: int = 0, usual: int = 0) -> None:
    """Customers with one bill of October each and a mandate that is active; `usual`: what September came to."""
    make_accounts(len(amounts), first=min(amounts))
    for account_id, amount in amounts.items():
        if usual:
            bill(account_id, 202609, usual, issued=date(2026, 10, 2), due=date(2026, 10, 25))
            pay_at_counter(account_id, usual, date(2026, 10, 10))
        bill(account_id, 202610, amount, issued=ISSUED, due=DUE)
        number, signed_on = number_of(account_id), date(2026, 9, 1)
        made = sign(SYSTEM, NewMandate(account_id, bank_id, f"客户{account_id}", number, "paper", signed_on, limit))
        Mandate.objects.filter(pk=made.id).update(state="active")


def pay_at_counter(account_id: int, amount: int, on: date) -> None:
    """The customer pays otherwise."""
    from gridhall.payments.public import DOOR_API, TRANSFER, PaymentIn, Receipt, receive

    with clock.at(moment(on.year, on.month, on.day)):
        done = receive(SYSTEM, [PaymentIn(amount, f"other:{account_id}:{on}", account_id, "", DOOR_API, TRANSFER)])
    assert isinstance(done[0], Receipt)


def announced(retry_on: Sequence[date] = AGAIN) -> CycleView:
    """A cycle of unit 1 that has been issued and announced on 5 November."""
    with clock.at(moment(2026, 11, 5)):
        cycle = plan_cycle(officer(), 1, DAY, retry_on)
        issue(officer(), cycle.id)
        return announce(officer(), cycle.id)


def sent(cycle_id: int, on: date = date(2026, 11, 10)) -> list[FileView]:
    """Its files, made and sent by two people."""
    with clock.at(moment(on.year, on.month, on.day)):
        files = make_files(officer(), cycle_id)
        return [send_file(manager(), each.id) for each in files]


def lines_of(file_id: int) -> dict[int, tuple[int, int]]:
    """Line → (account, amount) of a file."""
    from gridhall.debits.models import DebitLine

    rows = DebitLine.objects.filter(file_id=file_id).order_by("line")
    return {row.line: (row.account_id, row.amount) for row in rows}


def pipe_answer(file_id: int, codes: Mapping[int, str], on: date = DAY, *, skip: Sequence[int] = ()) -> bytes:
    """What the bank answers to a file in the form `pipe`: a code for each account, 0000 for those not named."""
    rows = [
        (line, account, amount, codes.get(account, "0000"))
        for line, (account, amount) in lines_of(file_id).items()
        if account not in skip
    ]
    return pipe_file(file_id, rows, on)


def pipe_file(file_id: int, rows: Sequence[tuple[int, int, int, str]], on: date = DAY) -> bytes:
    """A result file of rows (line, account, amount, code) with its totals."""
    made = [row for row in rows if row[3] == "0000"]
    text = [f"R|{file_id:08d}|{on:%Y%m%d}|CCB"]
    text += [f"D|{line}|{number_of(account)}|客户{account}|{amount}|{code}|" for line, account, amount, code in rows]
    text.append(f"T|{len(rows)}|{sum(row[2] for row in rows)}|{len(made)}|{sum(row[2] for row in made)}")
    return "".join(line + "\r\n" for line in text).encode("gb18030")


def the_file() -> DebitFile:
    """The only file there is."""
    return DebitFile.objects.get()


def the_bank() -> DebitBank:
    """The only bank there is."""
    return DebitBank.objects.get()
