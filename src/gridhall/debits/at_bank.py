"""What debits have brought to our bank: the bank's statement tells it once more, and it is not to be booked again."""

from datetime import date, datetime, time

from gridhall.debits.models import ResultFile
from gridhall.debits.results import POSTED
from gridhall.kernel import clock
from gridhall.payments.public import Booked


def booked_at_bank(since: date) -> list[Booked]:
    """The sum of each result file that was booked from a day on. What the bank writes beside its line is not known: a
    person confirms it."""
    begin = datetime.combine(since, time(), tzinfo=clock.zone())
    found = ResultFile.objects.filter(state=POSTED, posted_at__gte=begin, debited_amount__gt=0).order_by("pk")
    return [
        Booked(f"debits:{row.pk}", row.debited_amount, row.posted_at.astimezone(clock.zone()).date(), "")
        for row in found
        if row.posted_at is not None
    ]
