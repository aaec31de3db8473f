"""What a bank's or an agent's teller system asks for: query, pay, last response, reverse. One text for every form of
message; each act takes a batch, in which partners may be mixed.

A payment names the batch number of a query and a serial of its own. The serial is written down before the booking, so
that one serial is one payment for all accounts, one batch number pays once (a teller who sends again under a new serial
after a time-out is told to ask for the last response), and a reversal that overtakes its payment stops it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.payments import batch_numbers
from gridhall.payments.admitting import partner_key
from gridhall.payments.data import PaymentIn, PaymentView, Receipt
from gridhall.payments.gate import receive_together
from gridhall.payments.models import DOOR_BANK, ONLINE
from gridhall.payments.partner_models import DayReconciliation
from gridhall.payments.partners import PartnerView
from gridhall.payments.queries import receipts_of
from gridhall.payments.receiving import Request
from gridhall.payments.refusals import refusal
from gridhall.payments.reversing import reverse

BANK_DAYS = 1  # how many days the day of a bank's books may lie before or after ours
IN_PROGRESS = timedelta(seconds=120)  # for so long a payment that came may still be on its way into the books
SERIAL_MOST = 40

SERIALS_SQL = Path(__file__).with_name("sql").joinpath("serials.sql").read_text()
CLAIM_SQL = Path(__file__).with_name("sql").joinpath("claim.sql").read_text()

# A payment that is sent again is on its way again.
AGAIN_SQL = """
UPDATE payments_partnerserial AS s SET at = %s
FROM unnest(%s::bigint[], %s::text[]) AS c (partner_id, serial)
WHERE s.partner_id = c.partner_id AND s.serial = c.serial
"""

# A reversal that came before its payment: whatever is there already stays.
VOID_SQL = """
INSERT INTO payments_partnerserial
    (partner_id, serial, batch, account_id, amount, bank_on, outlet, operator, at, void, reversal_serial)
VALUES (%s, %s, '', 0, 0, %s, '', '', %s, true, '')
ON CONFLICT (partner_id, serial) DO UPDATE SET void = true
"""

HOLD_SQL = "SELECT reversal_serial FROM payments_partnerserial WHERE partner_id = %s AND serial = %s FOR UPDATE"
REVERSED_SQL = "UPDATE payments_partnerserial SET reversal_serial = %s WHERE partner_id = %s AND serial = %s"
REVERSAL_SQL = """
SELECT account_id, no, kind, unit_id, door, method, amount, to_credit, session_id, reverses, 0, received_at, value_on,
    left_owed
FROM payment WHERE account_id = %s AND no = %s
"""


@dataclass(frozen=True)
class Owes:
    """The answer to a query: what an account owes now, late charge included, and the number that a payment must name
    until `good_until`. Minor units; `items` in the order in which a payment pays them."""

    account_number: str
    name: str
    address: str
    unit_id: int
    batch_no: str
    good_until: datetime
    total: int
    principal: int
    late: int
    credit: int
    items: tuple[ledger.ItemView, ...]


@dataclass(frozen=True)
class Pay:
    """A payment at a teller. `batch_no`: of the query; `serial`: the partner's own, which makes it single; `bank_on`:
    the day of the partner's books (today when None)."""

    serial: str
    account_number: str
    batch_no: str
    amount: int
    bank_on: date | None = None
    outlet: str = ""
    operator: str = ""


@dataclass(frozen=True)
class Paid:
    """What was done with a payment, the same answer however often it is asked for. `reversal_no`: 0, or the number of
    the reversal by which it was undone since."""

    serial: str
    account_id: int
    receipt: Receipt
    reversal_no: int = 0


@dataclass(frozen=True)
class _Known:
    """A serial that has come before. `payment_no`: 0 where nothing is booked under it."""

    batch: str
    account_id: int
    amount: int
    at: datetime
    void: bool
    reversal_serial: str
    payment_no: int
    reversal_no: int


def query(asks: Sequence[tuple[PartnerView, str]]) -> list[Owes | Refusal]:
    """What accounts (by number) owe, for the partners that ask. Six queries, however many.

    Refuses unknown_account, for accounts outside the partner's units too.
    """
    moment = clock.now()
    ids = customers.account_ids({number for _, number in asks if number.isprintable()})
    views = customers.accounts(ids.values())
    owing = ledger.owed_of(ids.values(), moment)
    answers: list[Owes | Refusal] = []
    for row, (partner, number) in enumerate(asks):
        found = views.get(ids.get(number, 0))
        if found is None or not partner.sees_unit(found.unit_id):
            answers.append(refusal("unknown_account", field="account", row=row, value=number[:40]))
        else:
            answers.append(_owes(partner, found, owing[found.account_id], moment))
    return answers


def _owes(partner: PartnerView, account: customers.AccountView, owed: ledger.Owed, moment: datetime) -> Owes:
    batch = batch_numbers.Batch(account.account_id, partner.id, moment, owed.total)
    return Owes(
        account.number, account.name, account.address, account.unit_id, batch_numbers.give(batch, account.number),
        moment + timedelta(seconds=partner.contract.batch_seconds), owed.total, owed.principal, owed.late, owed.credit,
        owed.items,
    )  # fmt: skip


def pay(asks: Sequence[tuple[PartnerView, Pay]]) -> list[Paid | Refusal]:
    """Book payments of tellers through the gate, each once by its serial. Must not be called inside a transaction.

    A serial that has come before is answered as the first time (`receipt.replayed`). Refuses: bad_serial, bad_batch,
    batch_expired, batch_used, serial_reused, serial_void, part_not_allowed, more_than_owed, above_limit, bad_bank_day,
    day_reconciled, and what `receive` refuses. What the database raised for all is raised.
    """
    moment = clock.now()
    answers: dict[int, Paid | Refusal] = {}
    batches = _readable(asks, answers)
    good = [row for row in range(len(asks)) if row not in answers]
    known = _known([(asks[row][0].id, asks[row][1].serial) for row in good])
    fresh = [row for row in good if (asks[row][0].id, asks[row][1].serial) not in known]
    closed = _reconciled(asks, fresh, moment)
    for row in fresh:
        wrong = _against_contract(*asks[row], batches[row], moment, closed)
        if wrong:
            answers[row] = refusal(wrong[0], field=wrong[1], row=row, value=wrong[2])
    _claim(asks, [row for row in fresh if row not in answers], batches, moment, known)
    for row in good:
        if row not in answers:
            wrong_claim = _against_claim(asks[row], batches[row], known)
            if wrong_claim:
                answers[row] = refusal(wrong_claim, field="serial", row=row, value=asks[row][1].serial)
    to_book = [row for row in good if row not in answers]
    _sent_again(asks, [row for row in to_book if row not in fresh], known, moment)
    _book(asks, to_book, batches, answers)
    return [answers[row] for row in range(len(asks))]


def _readable(
    asks: Sequence[tuple[PartnerView, Pay]], answers: dict[int, Paid | Refusal]
) -> dict[int, batch_numbers.Batch]:
    """The batch of each payment; what cannot be read at all is refused."""
    batches = {}
    for row, (partner, payment) in enumerate(asks):
        batch = batch_numbers.read(payment.batch_no, payment.account_number)
        if not _is_serial(payment.serial):
            answers[row] = refusal("bad_serial", field="serial", row=row, value=ascii(payment.serial[:40]))
        elif batch is None or batch.partner_id != partner.id:
            answers[row] = refusal("bad_batch", field="batch_no", row=row, value=ascii(payment.batch_no[:40]))
        elif not (payment.outlet.isprintable() and payment.operator.isprintable()):
            answers[row] = refusal("not_printable", field="outlet", row=row)
        else:
            batches[row] = batch
    return batches


def _is_serial(serial: str) -> bool:
    return 1 <= len(serial) <= SERIAL_MOST and serial.isascii() and serial.isprintable() and " " not in serial


def _against_contract(
    partner: PartnerView, payment: Pay, batch: batch_numbers.Batch, moment: datetime, closed: set[tuple[str, date]]
) -> tuple[str, str, object] | None:
    """What the contract with the partner has against a new payment: (code, field, value)."""
    contract = partner.contract
    day = clock.today()
    bank_on = payment.bank_on or day
    if payment.amount <= 0:
        return "amount_not_positive", "amount", payment.amount
    if payment.amount > contract.payment_most:
        return "above_limit", "amount", payment.amount
    if moment > batch.asked_at + timedelta(seconds=contract.batch_seconds + 1):  # the number knows whole seconds
        return "batch_expired", "batch_no", payment.batch_no
    if payment.amount < batch.owed and not contract.part_allowed:
        return "part_not_allowed", "amount", payment.amount
    if payment.amount > batch.owed and not contract.over_allowed:
        return "more_than_owed", "amount", payment.amount
    if abs((bank_on - day).days) > BANK_DAYS:
        return "bad_bank_day", "bank_on", bank_on
    if (partner.counterparty, bank_on) in closed:
        return "day_reconciled", "bank_on", bank_on
    return None


def _reconciled(
    asks: Sequence[tuple[PartnerView, Pay]], rows: Sequence[int], moment: datetime
) -> set[tuple[str, date]]:
    """Days of partners before today whose books have been compared; nothing is asked where all is of today."""
    today = moment.astimezone(clock.zone()).date()
    days = {each.bank_on for _, each in (asks[row] for row in rows) if each.bank_on and each.bank_on < today}
    if not days:
        return set()
    found = DayReconciliation.objects.filter(on__in=days).exclude(state="replaced")
    return set(found.values_list("counterparty", "on"))


def _claim(
    asks: Sequence[tuple[PartnerView, Pay]], rows: Sequence[int], batches: dict[int, batch_numbers.Batch],
    moment: datetime, known: dict[tuple[int, str], _Known],
) -> None:  # fmt: skip
    """Write the serials down, and add to `known` what stands under each now; missing from it: the batch was used.

    A commit of its own that does not wait for the disk: the booking's commit, which does, comes after it in the log.
    """
    if not rows:
        return
    today = clock.today()
    these = [asks[row] for row in rows]
    columns: dict[str, Any] = {
        "partner": [partner.id for partner, _ in these], "serial": [each.serial for _, each in these],
        "batch": [each.batch_no for _, each in these], "account": [batches[row].account_id for row in rows],
        "amount": [each.amount for _, each in these], "bank_on": [each.bank_on or today for _, each in these],
        "outlet": [each.outlet[:40] for _, each in these], "operator": [each.operator[:20] for _, each in these],
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(CLAIM_SQL, {**columns, "at": moment})
        made = set(cursor.fetchall())
    lost = []
    for row in rows:
        partner, payment = asks[row]
        name = (partner.id, payment.serial)
        if name in made and name not in known:
            account = batches[row].account_id
            known[name] = _Known(payment.batch_no, account, payment.amount, moment, False, "", 0, 0)
        elif name not in known:
            lost.append(name)
    known.update(_known(lost))


def _against_claim(
    ask: tuple[PartnerView, Pay], batch: batch_numbers.Batch, known: dict[tuple[int, str], _Known]
) -> str | None:
    """The code of what the serial's first use has against it."""
    partner, payment = ask
    first = known.get((partner.id, payment.serial))
    if first is None:
        return "batch_used"
    if first.void and not first.payment_no:
        return "serial_void"
    same = (first.batch, first.account_id, first.amount) == (payment.batch_no, batch.account_id, payment.amount)
    return None if same else "serial_reused"


def _sent_again(
    asks: Sequence[tuple[PartnerView, Pay]], rows: Sequence[int], known: dict[tuple[int, str], _Known], moment: datetime
) -> None:
    """Note that payments which came before and were not booked are on their way again."""
    names = sorted({(asks[row][0].id, asks[row][1].serial) for row in rows})
    waiting = [name for name in names if not known[name].payment_no]
    if waiting:
        with connection.cursor() as cursor:
            cursor.execute(AGAIN_SQL, [moment, [each for each, _ in waiting], [serial for _, serial in waiting]])


def _book(
    asks: Sequence[tuple[PartnerView, Pay]], rows: Sequence[int], batches: dict[int, batch_numbers.Batch],
    answers: dict[int, Paid | Refusal],
) -> None:  # fmt: skip
    requests = []
    for row in rows:
        partner, payment = asks[row]
        actor = partner.actor()
        requests.append(
            Request(
                actor,
                PaymentIn(
                    amount=payment.amount, key=partner_key(actor, payment.serial), account_id=batches[row].account_id,
                    door=DOOR_BANK, method=ONLINE,
                ),
            )
        )  # fmt: skip
    for row, answer in zip(rows, receive_together(requests), strict=True):
        if isinstance(answer, Receipt):
            answers[row] = Paid(asks[row][1].serial, answer.account_id, answer)
        elif isinstance(answer, Refusal):
            answers[row] = answer
        else:
            raise answer


def last(asks: Sequence[tuple[PartnerView, str]]) -> list[Paid | Refusal]:
    """The answer that the payment under each serial had: to be asked for after a time-out, before anything is sent
    again. Refuses unknown_serial (nothing is booked: the same message may be sent again), in_progress (ask again)."""
    known = _known([(partner.id, serial) for partner, serial in asks if _is_serial(serial)])
    booked = [(each.account_id, each.payment_no) for each in known.values() if each.payment_no]
    receipts = receipts_of(booked)
    answers: list[Paid | Refusal] = []
    for row, (partner, serial) in enumerate(asks):
        first = known.get((partner.id, serial))
        if first is not None and first.payment_no:
            receipt = replace(receipts[first.account_id, first.payment_no], replayed=True)
            answers.append(Paid(serial, first.account_id, receipt, first.reversal_no))
        else:
            code = "in_progress" if first and _under_way(first) else "unknown_serial"
            answers.append(refusal(code, field="serial", row=row, value=ascii(serial[:40])))
    return answers


def _under_way(first: _Known) -> bool:
    return not first.void and clock.now() < first.at + IN_PROGRESS


def reverse_by_serial(partner: PartnerView, original: str, serial: str) -> PaymentView:
    """Take a payment of today back (冲正) by its serial; sent again under the same `serial` it is the same reversal.

    A serial that never came is refused (unknown_serial), and a payment that comes under it later too (serial_void).
    Refuses: bad_serial, unknown_serial, in_progress, already_reversed, and what `payments.reverse` refuses.
    """
    if not (_is_serial(original) and _is_serial(serial)):
        raise refusal("bad_serial", field="serial", value=ascii(serial[:40]))
    moment = clock.now()
    first = _known([(partner.id, original)]).get((partner.id, original))
    if first is None or not first.payment_no:
        if first is not None and _under_way(first):
            raise refusal("in_progress", field="original", value=original)
        first = _void(partner, original, moment)
        if first is None:
            raise refusal("unknown_serial", field="original", value=original)
    ledger.prepare_movements(clock.today().year * 100 + clock.today().month)
    with transaction.atomic(), connection.cursor() as cursor:
        ledger.guard_periods(connection.connection)  # before the serial, as whoever books
        cursor.execute(HOLD_SQL, [partner.id, original])
        (done_by,) = cursor.fetchone()
        if done_by:
            if done_by != serial:
                raise refusal("already_reversed", field="original", value=original)
            now = _known([(partner.id, original)])[partner.id, original]
            cursor.execute(REVERSAL_SQL, [now.account_id, now.reversal_no])
            return PaymentView(*cursor.fetchone())
        done = reverse(partner.actor(), first.account_id, first.payment_no, f"teller {serial}")
        cursor.execute(REVERSED_SQL, [serial, partner.id, original])
    return done


def _void(partner: PartnerView, serial: str, moment: datetime) -> _Known | None:
    """Stop the payment of a serial. What was booked before we held the serial is answered, and nothing stopped: whoever
    books holds it too (`CLAIMS_SQL`)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(VOID_SQL, [partner.id, serial, clock.today(), moment])
        found = _known([(partner.id, serial)])[partner.id, serial]
        if found.payment_no:
            transaction.set_rollback(True)
            return found
        audit.record(partner.actor(), "payments.serial_void", f"partner:{partner.code}", after={"serial": serial})
    return None


def _known(names: Sequence[tuple[int, str]]) -> dict[tuple[int, str], _Known]:
    """What stands under serials (partner, serial), of those that have come before."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SERIALS_SQL, [[partner for partner, _ in names], [serial for _, serial in names]])
        return {(row[0], row[1]): _Known(*row[2:]) for row in cursor.fetchall()}
