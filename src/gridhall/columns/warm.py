"""Compile the law ahead of its first use: `python -m gridhall.columns.warm`, a part of setting up."""

import numpy as np

from gridhall.columns.answer import take_numbers
from gridhall.columns.intervals import load_of, rate_accounts, rate_load
from gridhall.columns.money import allocate_batch, late_charges, use_of_registers
from gridhall.columns.pairs import places_of_pairs
from gridhall.columns.plausible import Limits, back_too_much, judge_uses, least_uses, most_uses
from gridhall.columns.rating import Segments, pack, rate, rate_amounts
from gridhall.rules import layout as at
from gridhall.rules.interval_tariff import A_MONTH, IN_TIME, Blocks, IntervalTariff, Ratchet
from gridhall.rules.intervals import SLOTS
from gridhall.rules.plan import CompiledPlan


def smallest_plan() -> CompiledPlan:
    """A plan with one charge and nothing else."""
    head = [0] * at.PLAN_HEAD
    head[at.PLAN_SIZE] = at.PLAN_HEAD + at.COMPONENT_SIZE + 1
    head[at.PLAN_PARTS], head[at.PLAN_DECIMALS] = 10**11, 2
    head[at.PLAN_SEASONS], head[at.PLAN_COMPONENTS] = 1, 1
    charge = [0] * at.COMPONENT_SIZE
    charge[at.KIND], charge[at.CLASS], charge[at.UNIT] = at.CHARGE, at.CLASS_BASIC, at.MONTH
    charge[at.SOURCE], charge[at.PERIODS], charge[at.BLOCKS] = at.SOURCE_ONE, 1, 1
    charge[at.PRICE_AT] = at.PLAN_HEAD + at.COMPONENT_SIZE
    return CompiledPlan("warm", "CNY", 2, (*head, *charge, 10**10), ())


def warm() -> None:
    """Call each compiled loop once; the machine code is kept on disk, so that later processes load it in
    milliseconds."""
    segments = Segments.zeros(1)
    segments.to_day[:] = segments.period_days[:] = 1
    plans = pack([smallest_plan()])
    rate(plans, segments, 1)
    rate_amounts(plans, segments, 1)
    one = np.ones(1, np.int64)
    use_of_registers(one, one, one, one, one)
    allocate_batch(one, np.array([0, 1], np.int64), one, one)
    limits = Limits(1, 1, 1, 1, 1, 1)
    judge_uses(one, one, one, one, limits)
    most_uses(one, limits)
    least_uses(one, limits)
    back_too_much(one, one, one)
    late_charges(one, one, one, 2, 1, 1, 0, 0, one, one)
    places_of_pairs(one, one, one, one)
    take_numbers(b"1", np.empty((1, 1), np.int64))
    two = Blocks((1,), (1, 1))
    no_ratchet = Ratchet((0, 1), (False,) * 12, 0)
    hours = (0,) * SLOTS
    tariff = IntervalTariff(
        "warm", "", 0, 0, (two,), hours, (), (), (), (), no_ratchet, 0, 0, A_MONTH, 0, A_MONTH, ()
    )  # fmt: skip
    year = np.zeros((1, 8760), np.int32)
    rate_load(tariff, load_of(year[0], 2018, 0, 1), IN_TIME)
    rate_accounts(tariff, year, 2018, 0, 1, IN_TIME)


if __name__ == "__main__":
    warm()
