"""Months of reading under a seed, with everything that happens to readings: the pieces given to bills make one chain.

For each register the pieces of all periods, one after the other, begin at the installed value and day, end at the last
accepted ones, and each begins where the one before it ended: no Wh is billed twice and none is lost.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from gridhall.kernel import clock
from gridhall.metering import public as metering
from gridhall.rules.usage import register_use
from tests.metering.homes import ACTOR, UNIT, homes, periods, read_on

pytestmark = pytest.mark.django_db

SPAN = 10**6  # five digits and one decimal
Key = tuple[int, int]  # account, register


@dataclass
class Town:
    """What is true: which register hangs at each account, under which serial, and what it shows."""

    accounts: tuple[int, ...]
    register: dict[int, int]
    serial: dict[int, str]
    shows: dict[int, int]
    used: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    known_from: dict[int, int] = field(default_factory=lambda: defaultdict(lambda: 202504))  # a wrong value is noticed

    def use(self, account: int, units: int) -> None:
        self.shows[account] = (self.shows[account] + units) % SPAN
        self.used[account] += units


@pytest.fixture(autouse=True)
def late_in_2026() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC)):
        yield


def read_month(town: Town, period: int, rng: random.Random) -> None:
    """A month: some meters are exchanged, some read twice, some wrongly, some not at all."""
    on, values = read_on(period), {}
    for account in town.accounts:
        town.use(account, rng.randrange(300, 700))
        if rng.random() < 0.05:
            exchange(town, account, on - timedelta(days=rng.randrange(3, 25)), period)
        elif rng.random() < 0.1:
            visit = metering.NewReadings(
                register_id=[town.register[account]], read_on=[on - timedelta(days=rng.randrange(3, 25))],
                value=[town.shows[account]], period=[period],
            )  # fmt: skip
            metering.take_readings(ACTOR, visit)
        town.use(account, rng.randrange(300, 700))
        if rng.random() < 0.85 or period < town.known_from[account]:
            wrong = rng.random() < 0.1 and period >= town.known_from[account]
            values[account] = rng.randrange(SPAN) if wrong else town.shows[account]
    wanted = [town.register[account] for account in values]
    new = metering.NewReadings(register_id=wanted, read_on=[on] * len(wanted), value=list(values.values()))
    metering.take_readings(ACTOR, new)
    for held in metering.held():
        truth = town.shows[held.account_id]
        if held.read_on != on or held.value == truth:
            outcome = "accepted" if held.value == truth else "rejected"
            metering.settle_held(ACTOR, [held.id], outcome)
        else:
            metering.settle_held(ACTOR, [held.id], rng.choice(["corrected", "estimated", "rejected"]), {held.id: truth})
    metering.estimate_missing(ACTOR, period, UNIT)


def read_all(town: Town, period: int) -> None:
    """Every meter is read as it is, and what is held is accepted."""
    registers = [town.register[account] for account in town.accounts]
    values = [town.shows[account] for account in town.accounts]
    days = [read_on(period)] * len(values)
    metering.take_readings(ACTOR, metering.NewReadings(register_id=registers, read_on=days, value=values))
    metering.settle_held(ACTOR, [held.id for held in metering.held(period=period)], "accepted")


def exchange(town: Town, account: int, on: date, period: int) -> None:
    serial = f"N{account}-{period}"
    done = metering.exchange_meters(
        ACTOR,
        metering.RemovedMeters(serial=[town.serial[account]], on=[on], value=[town.shows[account]], period=[period]),
        metering.NewMeters(
            serial=[serial], account_id=[account], since=[on], value=[77], digits=[5], decimals=[1], period=[period]
        ),
    )
    town.register[account], town.serial[account], town.shows[account] = done.register_ids[0], serial, 77
    town.known_from[account] = period + 3 if period % 100 < 10 else period + 91


@pytest.mark.parametrize("seed", range(4))
def test_pieces_make_one_chain(seed: int) -> None:
    rng = random.Random(seed)
    home = homes(10, value=994_000)
    town = Town(
        home.accounts, dict(zip(home.accounts, home.registers, strict=True)),
        dict(zip(home.accounts, home.serials, strict=True)), dict.fromkeys(home.accounts, 994_000),
    )  # fmt: skip
    chains: dict[Key, list[tuple[int, int, int, int, int]]] = defaultdict(list)
    for period in periods(202501, 202607):
        if period < 202607:
            read_month(town, period, rng)
        else:
            read_all(town, period)
        found = metering.usable_readings(UNIT, 0, 2**40, period)
        for row in zip(
            found.account_id.tolist(), found.register_id.tolist(), found.previous_on.tolist(),
            found.previous_value.tolist(), found.current_on.tolist(), found.current_value.tolist(),
            found.after_estimate.tolist(), strict=True,
        ):  # fmt: skip
            chains[row[0], row[1]].append(row[2:])
    billed: dict[int, int] = defaultdict(int)
    for (account, register), chain in chains.items():
        first = 994_000 if register in home.registers else 77
        assert chain[0][1] == first
        for before, after in pairwise(chain):
            assert after[:2] == before[2:4], (seed, account, chain)
        for _, previous, _, current, after_estimate in chain:
            billed[account] += register_use(previous, current, 5, 1, 1, after_estimate)
    # units of a tenth of a kWh
    assert billed == {account: units * 100 for account, units in town.used.items()}
