"""The walk from an empty database and three files to a town whose last month is read."""

from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from gridhall.project.demo import files, months, opening, places, use
from gridhall.project.demo.hanging import hang_all
from gridhall.project.demo.opening import ACTOR, Opened
from gridhall.project.demo.steps import Step, Walk
from gridhall.tariffs import public as tariffs
from gridhall.territory import public as territory

Import = Callable[..., metering.ImportReport]
MORNING = datetime.combine(places.GO_LIVE, time(8), clock.zone())


def place(walk: Walk, step: Step) -> None:
    """Territory, tariff books in force, staff and tills."""
    walk.seen["staff"] = opening.open_place(MORNING)
    step.same("areas", len(territory.areas()), 40)
    on_sale = {each.code for each in tariffs.tariffs(places.GO_LIVE) if each.version}
    step.sure("the town's tariffs are in force", on_sale >= set(walk.town.accounts["tariff_code"].to_list()))


def import_customers(walk: Walk, step: Step) -> None:
    """Customers from a CSV file in GB18030: a dry run, then for real; wrong rows are refused by name."""
    path = walk.folder / "customers.csv"
    refused = files.customers(walk.town, path)
    known = frozenset(each.code for each in tariffs.tariffs(places.GO_LIVE))
    with clock.at(MORNING):
        _import(step, partial(metering.import_customers, tariffs=known), path, walk.town.size, refused)
    numbers = walk.town.accounts["number"].to_list()
    by_number = customers.account_ids(numbers)
    step.same("accounts", len(by_number), walk.town.size)
    accounts = np.array([by_number[number] for number in numbers])
    views = customers.accounts(accounts.tolist())
    premises = np.array([views[each].agreements[0].premise_id for each in accounts.tolist()])
    walk.opened = Opened(walk.town, accounts, premises, hang_all(walk.town), walk.seen["staff"])
    walk.seen["accounts"] = set(accounts.tolist())


def import_meters(walk: Walk, step: Step) -> None:
    """Meters from a workbook, one row a register."""
    path = walk.folder / "meters.xlsx"
    hanging = walk.place.hanging
    refused = files.meters(walk.town, hanging, path)
    with clock.at(MORNING):
        _import(step, metering.import_meters, path, len(hanging.row), refused)
    hanging.register_id[:] = files.register_ids(walk.place.account_id, hanging)
    step.sure("every register has its number", bool((hanging.register_id > 0).all()))


def lived(walk: Walk, step: Step) -> None:
    """Twenty-three months read, billed and paid."""
    walk.year = months.begin(walk.place)
    for month in range(use.MONTHS - 1):
        done = months.live_month(walk.place, walk.year, month)
        walk.seen["accounts"].update(walk.place.account_id.tolist())
        step.sure(f"every premise was billed in {done.period}", done.bills + done.bills_held >= walk.town.size)
    for name in ("readings", "held", "estimated", "bills", "payments"):
        step.figures[name] = sum(getattr(each, name) for each in walk.year.months)


def agreements(walk: Walk, step: Step) -> None:
    """After two years of moves and changes: every agreement is covered by its terms, every premise supplied once."""
    views = customers.accounts(walk.seen["accounts"])
    supplied: list[int] = []
    for view in views.values():
        for each in view.agreements:
            days = [(term.since, term.until) for term in each.terms]
            covered = days[0][0] == each.since and days[-1][1] == each.until
            step.sure(
                f"terms cover agreement {each.id}",
                covered and all(before[1] == after[0] for before, after in pairwise(days)),
            )
            supplied += [each.premise_id] if each.until is None else []
        step.sure(
            f"account {view.number} is closed or supplied",
            (view.closed_on is None) == (view.term is not None and view.term.until is None),
        )
    step.same("premises supplied", len(set(supplied)), walk.town.size)
    step.same("open agreements", len(supplied), walk.town.size)
    step.figures["moved"] = len(views) - walk.town.size


def import_readings(walk: Walk, step: Step) -> None:
    """The readings of the last month from a CSV file; they wait for their checks and their bills."""
    period = use.periods()[-1]
    happened = months.pass_month(walk.place, walk.life, use.MONTHS - 1)
    batch, where = months.reading_batch(walk.place, happened, period)
    path = walk.folder / f"readings-{period}.csv"
    hanging = walk.place.hanging
    refused = files.readings(hanging, where, np.asarray(batch.value), np.asarray(batch.kind), period, path)
    with opening.moment(use.next_day(period), months.READ_AT):
        _import(step, metering.import_readings, path, len(where), refused)


def _import(step: Step, act: Import, path: Path, good: int, refused: list[str]) -> None:
    """Dry run, import, the same file again; the counts and the refusals must be those that were planted."""
    dry = act(ACTOR, path, metering.Options(dry_run=True))
    step.same("dry run", (dry.accepted + dry.held, dry.imported), (good, False))
    done = act(ACTOR, path, metering.Options(refused_to=path.with_name(f"{path.stem}.refused{path.suffix}")))
    step.figures["recognised"] = done.recognised
    step.figures["held"] = done.held
    step.same("imported", (done.accepted + done.held, done.imported), (good, True))
    step.same("refused", sorted(each.code for each in done.refused), sorted(refused))
    step.sure("the refused rows are in a file", done.refused_file is not None and done.refused_file.exists())
    try:
        act(ACTOR, path, metering.Options())
    except Refusal as again:
        step.same("the same file again", again.code, "same_file")
    else:
        step.problems.append("the same file was imported twice")


STEPS = (
    ("place opened", place),
    ("customers imported", import_customers),
    ("meters imported", import_meters),
    ("two years lived", lived),
    ("agreements and terms", agreements),
    ("readings imported", import_readings),
)
