"""From messages to the acts of the payments room and back: many messages at once, as they arrive together."""

import hmac
import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from gridhall.adapters.bank_teller.messages import Layout, Message, bad_message, framed, read_request, write
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

log = logging.getLogger(__name__)

WINDOW = timedelta(seconds=600)  # how far the clock of a teller's system may be from ours
RSA = "RSA-SHA256"

Values = Mapping[str, object]


def checked(
    how: Layout, known: Mapping[str, payments.PartnerView], body: bytes
) -> tuple[Message, payments.PartnerView, payments.Key]:
    """A request, once it can be read, its MAC is proven and its time is near: from whom of the partners known, by code,
    and under which key.

    Refuses: bad_message (field), unknown_partner, partner_suspended, bad_signature, out_of_time.
    """
    message = read_request(how, body)
    partner = payments.in_service(known, message.values["agent"])
    key = _key_of(partner, message, how)
    if key is None:
        raise _named("bad_signature", "mac")
    try:
        moment = datetime.strptime(message.values["date"] + message.values["time"], "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError as error:
        raise bad_message("date") from error
    if abs(clock.now() - moment.replace(tzinfo=clock.zone())) > WINDOW:
        raise _named("out_of_time", "time")
    return message, partner, key


def _key_of(partner: payments.PartnerView, message: Message, how: Layout) -> payments.Key | None:
    """Which of the partner's shared secrets has made the MAC."""
    for key in partner.keys:
        if key.algorithm != RSA and hmac.compare_digest(mac_of(how, key, message.signed), message.mac):
            return key
    return None


def mac_of(how: Layout, key: payments.Key, data: bytes) -> str:
    """The MAC field over the bytes before it."""
    return payments.mac(key, data).hex()[: how.mac_digits]


def _named(code: str, field: str) -> Refusal:
    english, chinese = payments.REFUSAL_WORDS[code]
    return Refusal(code, english, chinese, field=field)


def answer(
    how: Layout, message: Message | None, head: Values, key: payments.Key | None, done: Values | Refusal,
    items: Sequence[Values] = (),
) -> bytes:  # fmt: skip
    """The answer as it goes over the line: with its length, and its MAC where the caller's key is known."""
    refused = isinstance(done, Refusal)
    if isinstance(done, Refusal):
        result = how.results.get(done.code, how.other_result)
        text = f"{done.code} {done.zh}" + (f" ({done.field})" if done.field else "")
    else:
        result, text = how.results["ok"], ""
    body = write(how, how.head, head) + write(how, how.answer, {"result": result, "text": text})
    if message is not None and not isinstance(done, Refusal):
        body += write(how, message.kind.answer, done)
        body += b"".join(write(how, message.kind.items, item) for item in items)
    mac = mac_of(how, key, body) if key else "0" * how.mac_digits
    if refused:
        log.info("teller message refused: %s", result)
    return framed(how, body + mac.encode("ascii"))


def queries(asks: Sequence[tuple[payments.PartnerView, Message]]) -> list[tuple[Values | Refusal, list[Values]]]:
    """Answers to queries: values and items each."""
    found = payments.query([(partner, message.values["account"]) for partner, message in asks])
    return [(each, []) if isinstance(each, Refusal) else _owes(each) for each in found]


def _owes(owes: payments.Owes) -> tuple[Values, list[Values]]:
    items: list[Values] = [
        {
            "receivable": f"{item.period}-{item.kind}-{item.seq}", "month": item.period, "amount": item.open,
            "late": item.late_now,
        }
        for item in owes.items[:9999]
    ]  # fmt: skip
    return {
        "batch_no": owes.batch_no, "unit": owes.unit_id, "account": owes.account_number, "name": owes.name,
        "address": owes.address, "total": owes.total, "credit": owes.credit, "count": len(items),
    }, items  # fmt: skip


def pays(asks: Sequence[tuple[payments.PartnerView, Message]]) -> list[Values | Refusal]:
    """Answers to payments, which share a commit."""
    answers: dict[int, Values | Refusal] = {}
    good = []
    for row, (partner, message) in enumerate(asks):
        try:
            good.append((row, (partner, _payment(message))))
        except Refusal as no:
            answers[row] = no
    for (row, _), done in zip(good, payments.pay([ask for _, ask in good]), strict=True):
        answers[row] = done if isinstance(done, Refusal) else _paid(done)
    return [answers[row] for row in range(len(asks))]


def _payment(message: Message) -> payments.Pay:
    values = message.values
    return payments.Pay(
        values["serial"], values["account"], values["batch_no"], int(values["amount"]), _day(values["bank_date"]),
        values["outlet"], values["operator"],
    )  # fmt: skip


def _day(text: str) -> date | None:
    """A day as YYYYMMDD; none where the field is blank."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError as error:
        raise bad_message("bank_date", ascii(text)) from error


def _paid(done: payments.Paid) -> Values:
    receipt = done.receipt
    return {
        "payment_no": receipt.payment_no, "paid": receipt.amount, "late": receipt.late_part,
        "to_credit": receipt.to_credit, "left_owed": receipt.left_owed, "replayed": int(receipt.replayed),
        "reversal_no": done.reversal_no,
    }  # fmt: skip


def lasts(asks: Sequence[tuple[payments.PartnerView, Message]]) -> list[Values | Refusal]:
    """The last responses that are asked for."""
    found = payments.last([(partner, message.values["original"]) for partner, message in asks])
    return [each if isinstance(each, Refusal) else _paid(each) for each in found]


def reversals(asks: Sequence[tuple[payments.PartnerView, Message]]) -> list[Values | Refusal]:
    """Reversals, one after the other."""
    answers: list[Values | Refusal] = []
    for partner, message in asks:
        try:
            done = payments.reverse_by_serial(partner, message.values["original"], message.values["serial"])
        except Refusal as no:
            answers.append(no)
        else:
            answers.append({
                "reversal_no": done.no, "payment_no": done.reverses, "amount": done.amount, "left_owed": done.left_owed,
            })  # fmt: skip
    return answers
