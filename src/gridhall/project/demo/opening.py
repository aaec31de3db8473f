"""Opening the town: territory, tariffs, staff, accounts and meters, through the public acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
from django.db import connection

from gridhall.customers import public as customers
from gridhall.kernel import access, clock
from gridhall.metering import public as metering
from gridhall.project.demo import people, places
from gridhall.project.demo.hanging import Hanging, hang_all, new_meters, refuse_any, register
from gridhall.project.demo.town import Ints, Town
from gridhall.tariffs import public as tariffs
from gridhall.tariffs.book import shipped_books
from gridhall.territory import public as territory

ACTOR = access.system("demo", "Sample town")


@dataclass
class Opened:
    """The town as it stands in the database. `account_id`: who is supplied in each row's premise now."""

    town: Town
    account_id: Ints
    premise_id: Ints
    hanging: Hanging
    staff: dict[str, int]


@contextmanager
def moment(day: date, at: time) -> Iterator[datetime]:
    """The clock held at a time of a day, in the supplier's zone."""
    held = datetime.combine(day, at, clock.zone())
    with clock.at(held):
        yield held


def open_place(on: datetime) -> dict[str, int]:
    """Territory, tariff books (in force) and staff."""
    with clock.at(on):
        territory.register_territory(ACTOR, places.territory())
        for text in shipped_books().values():
            for version in tariffs.enter_book(ACTOR, text):
                tariffs.approve(ACTOR, version)
        return people.hire(ACTOR)


def new_accounts(town: Town) -> customers.NewAccounts:
    """All accounts of the beginning as one batch."""
    columns: dict[str, Any] = town.accounts.to_dict(as_series=True)
    return customers.NewAccounts(since=[places.GO_LIVE] * town.size, **columns)


def open_town(town: Town) -> Opened:
    """Everything that stands on the first day."""
    morning = datetime.combine(places.GO_LIVE, time(8), clock.zone())
    hired = open_place(morning)
    with clock.at(morning):
        done = customers.register_accounts(ACTOR, new_accounts(town))
        refuse_any(done.refused)
        opened = Opened(town, np.array(done.account_ids), np.array(done.premise_ids), hang_all(town), hired)
        batch, where = new_meters(town, opened.hanging, np.arange(town.size), opened.account_id, places.GO_LIVE)
        register(opened.hanging, where, metering.register_meters(ACTOR, batch))
    with connection.cursor() as cursor:
        # so many rows at once: the planner should know of them before autovacuum comes round
        cursor.execute("ANALYZE")
    return opened
