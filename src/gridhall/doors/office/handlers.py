"""What the office hears of the rooms below: facts that a second person should look at become flags of the work list."""

from gridhall.doors.office.models import Flag
from gridhall.kernel import outbox

SUBSCRIBER = "office.flags"


def subscribe() -> None:
    """Called when the office is loaded."""
    outbox.subscribe("till_closed", SUBSCRIBER, till_closed)
    outbox.subscribe("payment_reversed", SUBSCRIBER, payment_reversed)


def till_closed(fact: outbox.Happened) -> None:
    """A till that did not tally."""
    if fact.payload["difference"]:
        _flag(fact)


def payment_reversed(fact: outbox.Happened) -> None:
    """Money that went back."""
    _flag(fact)


def _flag(fact: outbox.Happened) -> None:
    Flag.objects.bulk_create(
        [
            Flag(
                fact_id=fact.id, kind=fact.kind, unit_id=fact.payload["unit"], account_id=fact.account_low, at=fact.at,
                told=fact.payload,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
