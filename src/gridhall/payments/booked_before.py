"""What of our books a line of a statement is the bank's side of: cash that was brought to the bank, and transfers of
banks and agents for reconciled days. Those stand on 1002 already and must not be booked again."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from gridhall.payments.models import Banking
from gridhall.payments.partner_models import DayReconciliation
from gridhall.payments.statement_data import EntryIn
from gridhall.payments.statement_models import StatementEntry, SuspenseAct

DAYS_BACK = timedelta(days=120)  # how long after its day a booking may still come on a statement
REFERENCE_LEAST = 4  # characters: a shorter slip number would be found in anything


@dataclass(frozen=True)
class Booked:
    """A booking at our bank. `what`: banking:<id> or day:<id>; `reference`: the slip's or the transfer's."""

    what: str
    amount: int
    on: date
    reference: str


@dataclass
class BookedBefore:
    """Bookings whose line on a statement has not come yet; each is taken once."""

    by_amount: dict[int, list[Booked]] = field(default_factory=dict)

    def take(self, entry: EntryIn) -> str:
        """What a line is the bank's side of: amount and reference are the same. Empty where there is nothing."""
        waiting = self.by_amount.get(entry.amount, [])
        said = f"{entry.bank_ref}\n{entry.text}"
        for place, each in enumerate(waiting):
            if len(each.reference) >= REFERENCE_LEAST and each.reference in said:
                del waiting[place]
                return each.what
        return ""


def booked_before(since: date) -> BookedBefore:
    """Bookings at our bank from `since` on that no statement has confirmed, the oldest first."""
    bankings = Banking.objects.filter(state="booked", banked_on__gte=since)
    days = DayReconciliation.objects.filter(state="settled", settled_on__gte=since)
    found = [Booked(f"banking:{each.pk}", each.amount, each.banked_on, each.slip) for each in bankings]
    found += [
        Booked(f"day:{each.pk}", each.their_amount, each.settled_on, each.transfer) for each in days if each.settled_on
    ]
    confirmed = set(StatementEntry.objects.exclude(confirms="").values_list("confirms", flat=True))
    confirmed |= set(
        SuspenseAct.objects.exclude(confirms="").exclude(state="declined").values_list("confirms", flat=True)
    )
    left = BookedBefore()
    for each in sorted(found, key=lambda one: (one.on, one.what)):
        if each.what not in confirmed:
            left.by_amount.setdefault(each.amount, []).append(each)
    return left
