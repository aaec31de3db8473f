"""Which files were taken before."""

from gridhall.kernel.access import Actor
from gridhall.metering.models import ReadingBatch
from gridhall.metering.views import FileTaken

# What a file holds, as its batch names it, with the right that taking it asks for.
KINDS = {
    "file": ("readings", "readings.take"),
    "meters": ("meters", "readings.take"),
    "customers": ("customers", "customers.change"),
}


def files_taken(actor: Actor, door: str, limit: int) -> list[FileTaken]:
    """See public.files_taken."""
    sources = [source for source, (_, permission) in KINDS.items() if actor.may(permission)]
    found = ReadingBatch.objects.filter(source__in=sources, door=door).order_by("-id")[:limit]
    return [
        FileTaken(KINDS[each.source][0], each.name, each.at, each.rows, each.accepted, each.held, each.refused)
        for each in found
    ]
