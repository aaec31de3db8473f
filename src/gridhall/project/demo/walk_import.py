"""The walk from an empty database to a town whose last month is read."""

from gridhall.project.demo import months, opening, use
from gridhall.project.demo.steps import Step, Walk
from gridhall.territory import public as territory


def opened(walk: Walk, step: Step) -> None:
    """Territory, tariffs, staff, accounts, meters."""
    walk.opened = opening.open_town(walk.town)
    walk.seen["accounts"] = walk.opened.account_id.copy()
    step.same("areas", len(territory.areas()), 40)
    step.same("accounts", len(set(walk.opened.account_id.tolist())), walk.town.size)


def lived(walk: Walk, step: Step) -> None:
    """Twenty-three months read, billed and paid."""
    walk.year = months.begin(walk.place)
    for month in range(use.MONTHS - 1):
        done = months.live_month(walk.place, walk.year, month, bill=True)
        walk.seen["accounts"] = [*walk.seen["accounts"], *walk.place.account_id.tolist()]
        step.sure(f"every premise was billed in {done.period}", done.bills + done.bills_held >= walk.town.size)
    for name in ("readings", "held", "estimated", "bills", "payments"):
        step.figures[name] = sum(getattr(each, name) for each in walk.year.months)


def read(walk: Walk, step: Step) -> None:
    """The last month is read; it waits for its checks and its bills."""
    done = months.live_month(walk.place, walk.life, use.MONTHS - 1, bill=False)
    step.figures["readings"] = done.readings
    step.figures["held"] = done.held


STEPS = (("town opened", opened), ("two years lived", lived), ("last month read", read))
