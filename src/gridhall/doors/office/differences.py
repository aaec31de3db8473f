"""A difference report as a job's result: totals and the largest rows on the screen, every row in a file."""

import csv
import itertools
from dataclasses import dataclass
from typing import Any

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.office import lists
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home

ROWS_SHOWN = 200
NAMES_AT_ONCE = 5_000


def report(actor: Actor, asked: dict[str, Any]) -> dict[str, Any]:
    """Make the report. `asked`: run_a and run_b, or period, version_a and version_b.

    Rows and totals are of the actor's units alone.
    """
    units = None if actor.everywhere else sorted(actor.units)
    if "run_a" in asked:
        found = billing.difference_of_runs(asked["run_a"], asked["run_b"], units)
    else:
        found = billing.difference_of_versions(asked["period"], asked["version_a"], asked["version_b"], units)
    rows = sorted(found.rows, key=lambda row: -abs(row.change))
    top = customers.accounts([row.account_id for row in rows[:ROWS_SHOWN]])
    return {
        "before": found.before,
        "after": found.after,
        "bills": found.bills,
        "equal": found.equal,
        "not_rated": found.not_rated,
        "before_amount": found.before_amount,
        "after_amount": found.after_amount,
        "change": found.change,
        "differ": len(rows),
        "file": _write(rows),
        "rows": [
            {
                "account_id": row.account_id,
                "number": top[row.account_id].number if row.account_id in top else "",
                "name": top[row.account_id].name if row.account_id in top else "",
                "before_wh": row.before_wh,
                "after_wh": row.after_wh,
                "before_amount": row.before_amount,
                "after_amount": row.after_amount,
                "change": row.change,
            }
            for row in rows[:ROWS_SHOWN]
        ],
    }


def _write(rows: list[billing.Difference]) -> str:
    """Every differing bill as CSV under the home folder; its path from there."""
    folder = home() / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"difference-{clock.now():%Y%m%d-%H%M%S-%f}.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as out:
        writer = csv.writer(out)
        writer.writerow(["account", "name", "before_kwh", "after_kwh", "before", "after", "change"])
        for start in range(0, len(rows), NAMES_AT_ONCE):
            part = rows[start : start + NAMES_AT_ONCE]
            views = customers.accounts([row.account_id for row in part])
            for row in part:
                view = views.get(row.account_id)
                line = (
                    view.number if view else row.account_id, view.name if view else "",
                    lists.plain_kwh(row.before_wh), lists.plain_kwh(row.after_wh),
                    lists.plain_amount(row.before_amount), lists.plain_amount(row.after_amount),
                    lists.plain_amount(row.change),
                )  # fmt: skip
                writer.writerow([lists.cell(each) for each in line])
    return str(path.relative_to(home()))


@dataclass(frozen=True)
class FilePage:
    """A page of a report's file: its rows as they were written, and whether there is one before and after it."""

    number: int
    rows: tuple[tuple[str, ...], ...]
    last: int

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1 if self.number < self.last else 0


def page(file: str, number: int, rows: int) -> FilePage:
    """A page (1, 2…) of the file of a report of `rows` rows. Raises FileNotFoundError where it is cleared away."""
    last = max(1, -(-rows // ROWS_SHOWN))
    number = min(max(number, 1), last)
    path = (home() / file).resolve()
    if not path.is_relative_to(home().resolve()):
        raise FileNotFoundError(file)
    with path.open(newline="", encoding="utf-8-sig") as source:
        start = 1 + (number - 1) * ROWS_SHOWN
        found = tuple(tuple(row) for row in itertools.islice(csv.reader(source), start, start + ROWS_SHOWN))
    return FilePage(number, found, last)
