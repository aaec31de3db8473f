"""What bills and payments have to say, and to whom: one query a fact, however many it is about."""

from gridhall.billing import public as billing
from gridhall.kernel.outbox import Happened
from gridhall.notices.said import Said
from gridhall.payments import public as payments


def bills(fact: Happened) -> list[Said]:
    """To everybody of a stretch: the bill, what it comes to and when it is due."""
    period = int(fact.payload["period"])
    rows = billing.issued_in(int(fact.payload["run"]), period, (fact.account_low, fact.account_high))
    return [
        Said(row.account_id, row.seq, {
            "period": period, "seq": row.seq, "amount": row.amount, "due": row.due_on.isoformat(),
        })
        for row in rows
    ]  # fmt: skip


def received(fact: Happened) -> list[Said]:
    """To everybody who paid; of what came by batch debit another notice tells. A number of a payment is single."""
    numbers = int(fact.payload["first"]), int(fact.payload["last"])
    rows = payments.received_between(numbers, (fact.account_low, fact.account_high))
    return [
        Said(row.account_id, row.no - numbers[0], {
            "no": row.no, "amount": row.amount, "day": row.value_on.isoformat(), "credit": row.to_credit,
            "left": row.left_owed,
        })
        for row in rows if row.door != payments.DOOR_FILE
    ]  # fmt: skip


def _one(fact: Happened, values: dict[str, object]) -> list[Said]:
    return [Said(fact.account_low, 0, values)]


def taken_back(fact: Happened) -> list[Said]:
    """To whom it had been booked, with the reason that was given."""
    told = fact.payload
    return _one(fact, {"no": told["payment"], "amount": told["amount"], "reason": told["reason"]})


def refunded(fact: Happened) -> list[Said]:
    """To whose credit it was."""
    return _one(fact, {"amount": fact.payload["amount"]})


def cheque_returned(fact: Happened) -> list[Said]:
    """To whom the cheque had been booked."""
    return _one(fact, {"amount": fact.payload["amount"], "fee": fact.payload["fee"]})
