"""The loops over interval loads and tariffs: each gathers or rates by the compiled law. No rule is in here."""

import numpy as np
import numpy.typing as npt

from gridhall.columns.law import law, lean
from gridhall.rules.interval_layout import BILL_SIZE, GATHERED, METERS, Desk, LoadSteps

Ints = npt.NDArray[np.int64]
Steps = npt.NDArray[np.int64] | npt.NDArray[np.int32]
gather = law("interval_rating").gather_load
rate_year = law("interval_rating").rate_year


@lean
def rate_tariffs(table: Ints, starts: Ints, facts: Ints, load: LoadSteps, desk: Desk, bills: Ints) -> None:
    """One load by many tariffs, which stand in `table` from `starts` on: a row of `bills` each."""
    for i in range(starts.shape[0]):
        rate_year(table, starts[i], facts, load, desk)
        for k in range(BILL_SIZE):
            bills[i, k] = desk.bill[k]


@lean
def rate_accounts(
    table: Ints, loads: Steps, fed: Steps, system: Steps, meters: Ints, facts: Ints, width: int, slots: Ints,
    desk: Desk, bills: Ints, energy: Ints,
) -> None:  # fmt: skip
    """Many loads by one tariff: a row of `loads` (and of `fed`, which may have no columns) and of `bills` each.
    `energy` gets the whole Wh of each account's month × period × block, or has no columns."""
    for i in range(loads.shape[0]):
        wh = loads[i]
        gather(wh, wh[:0], fed[i], facts, width, slots)
        facts[METERS] = meters[i]
        rate_year(table, 0, facts, LoadSteps(wh, wh, system, slots), desk)  # type: ignore[arg-type]  # arrays
        for k in range(BILL_SIZE):
            bills[i, k] = desk.bill[k]
        for k in range(energy.shape[1]):
            energy[i, k] = desk.whole[k]


def new_slots() -> Ints:
    """Slots of a load of which nothing is known."""
    slots = np.zeros(GATHERED, np.int64)
    slots[-12:] = -1
    return slots
