"""Three customers whom a visitor may be: one in arrears, one on peak and valley prices, one shop."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.project.demo.opening import Opened
from gridhall.project.demo.payers import LATE, PROMPT, Payers
from gridhall.project.demo.town import SHANDONG_TOU
from gridhall.territory import public as territory

ARREARS, PEAK_VALLEY, SHOP = "in arrears", "peak and valley prices", "a shop"


@dataclass(frozen=True)
class Sample:
    """A customer to sign in as. `owes`: with late charge, as text in the main unit."""

    account_id: int
    number: str
    name: str
    who: str
    owes: str


def choose(opened: Opened, payers: Payers, unit_ids: Sequence[int]) -> list[tuple[int, str]]:
    """(account id, who) of each, of these units. All of them owe something; the one in arrears has more than one bill
    open, and not the largest debt of all."""
    town = opened.town
    row_of = {account: row for row, account in enumerate(opened.account_id.tolist())}
    late = [
        each.account_id
        for each in sorted(ledger.debtors(None, 100_000), key=lambda each: (-each.items, each.account_id))
        if town.class_code[row_of.get(each.account_id, 0)] == customers.RESIDENTIAL
        and each.items >= 3
        and each.unit_id in unit_ids
    ]
    codes = town.accounts["tariff_code"].to_numpy()
    prompt = np.isin(payers.kind, (PROMPT, LATE))
    standing = ledger.balances(opened.account_id.tolist())
    owing = np.array([each in standing and standing[each].owed > 0 for each in opened.account_id.tolist()])
    owing &= np.isin(town.accounts["area_id"].to_numpy(), [each.id for each in territory.areas(list(unit_ids))])
    homes = np.flatnonzero((codes == SHANDONG_TOU) & prompt & owing)
    shops = np.flatnonzero((town.class_code == customers.COMMERCIAL) & prompt & owing)
    chosen = [(late[len(late) // 3], ARREARS)] if late else []
    chosen += [
        (int(opened.account_id[rows[0]]), who) for rows, who in ((homes, PEAK_VALLEY), (shops, SHOP)) if len(rows)
    ]
    return chosen


def shown(chosen: list[tuple[int, str]]) -> list[Sample]:
    """The samples with number, name and what they owe now."""
    samples = []
    for account_id, who in chosen:
        view = customers.account(account_id)
        assert view is not None, "chosen from the accounts that are there"
        owed = ledger.owed(account_id, clock.now()).total
        samples.append(Sample(account_id, view.number, view.name, who, f"{owed // 100}.{owed % 100:02d}"))
    return samples
