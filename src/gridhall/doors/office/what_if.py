"""What a tariff version does to every customer, as a job's result: figures for the screen, every row in a file."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.look import charts, formats
from gridhall.doors.office import jobs, words
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home

AREAS_DRAWN = 12


def report(actor: Actor, asked: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    """Make the report. `asked`: version, periods, from_tariffs. Rows and totals are of the actor's units alone."""
    units = None if actor.everywhere else sorted(actor.units)
    found = billing.what_if(
        asked["version"], asked["periods"], from_tariffs=asked.get("from_tariffs", ()), unit_ids=units,
        progress=progress,
    )  # fmt: skip
    folder = home() / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"what-if-{clock.now():%Y%m%d-%H%M%S-%f}.csv"
    billing.write_what_if(found.rows, path)
    top = [*found.most_less, *found.most_more]
    names = customers.accounts([each.account_id for each in top])
    return {
        "file": str(path.relative_to(home())),
        "periods": list(found.periods),
        "bills": found.bills,
        "not_rated": found.not_rated,
        "customers": found.total.customers,
        "winners": found.total.winners,
        "losers": found.total.losers,
        "equal": found.equal,
        "before": found.total.before,
        "after": found.total.after,
        "change": found.total.change,
        "won": found.won,
        "lost": found.lost,
        "bins": [[each.above, each.upto, each.customers, each.change] for each in found.bins],
        "by_class": [_group(each) for each in found.by_class],
        "by_area": [_group(each) for each in found.by_area],
        "most_less": [_account(each, names) for each in found.most_less],
        "most_more": [_account(each, names) for each in found.most_more],
    }


def _group(each: billing.GroupTotal) -> dict[str, int]:
    return {
        "key": each.key, "customers": each.customers, "winners": each.winners, "losers": each.losers,
        "before": each.before, "after": each.after, "change": each.change,
    }  # fmt: skip


def _account(each: billing.AccountChange, names: dict[int, customers.AccountView]) -> dict[str, Any]:
    view = names.get(each.account_id)
    return {
        "account_id": each.account_id, "number": view.number if view else "", "name": view.name if view else "",
        "wh": each.wh, "before": each.before, "after": each.after, "change": each.change,
    }  # fmt: skip


def shown(result: dict[str, Any]) -> dict[str, Any]:
    """The report with names of classes and areas, and its charts."""
    areas = words.area_names()
    by_area = [row | {"name": areas.get(row["key"], row["key"])} for row in result["by_area"]]
    by_area.sort(key=lambda row: -abs(row["change"]))
    by_class = [row | {"name": words.CLASSES.get(row["key"], row["key"])} for row in result["by_class"]]
    return {
        "report": result,
        "by_class": by_class,
        "by_area": by_area,
        "spread": _spread(result["bins"]),
        "areas": _areas(by_area[:AREAS_DRAWN]) if len(by_area) > 1 else None,
    }


def bounds(above: int | None, upto: int | None) -> str:
    """A bin in per cent: "−5 – −2 %", "0", "> 20 %"."""
    if above == upto == 0:
        return "0"
    low, high = (None if bound is None else _per_cent(bound) for bound in (above, upto))
    if low is None:
        return f"< {high}"
    return f"> {low}" if high is None else f"{low} – {high}"


def _per_cent(permille: int) -> str:
    return formats.decimal(permille, 1)


def _label(above: int | None, upto: int | None) -> str:
    """A bin below its column, where there is little room: its bound away from nothing."""
    if above == upto == 0:
        return "="
    if upto is not None and upto <= 0:
        return f"−{_per_cent(-upto)}" if upto else "< 0"
    return f"+{_per_cent(above)}" if above else "> 0"


def _spread(bins: Sequence[Sequence[Any]]) -> charts.ColumnChart:
    """How many customers pay how much less or more."""
    series = (
        charts.Series(_("pays less"), "good"), charts.Series(_("the same"), "info"),
        charts.Series(_("pays more"), "cost"),
    )  # fmt: skip
    columns = []
    for above, upto, count, _change in bins:
        place = 1 if above == upto == 0 else 0 if upto is not None and upto <= 0 else 2
        values = tuple(count if k == place else 0 for k in range(3))
        name = f"{bounds(above, upto)} %"
        columns.append(
            charts.Column(
                label=_label(above, upto),
                name=name, values=values,
                texts=tuple(formats.count_text(value) for value in values), text=formats.count_text(count),
            )
        )  # fmt: skip
    return charts.columns(
        _("Customers by how much their bills change, in per cent"), _("customers"), series, columns, formats.count_text
    )


def _areas(rows: Sequence[dict[str, Any]]) -> charts.ColumnChart:
    """What the version brings in more or less, by area."""
    decimals = settings.CURRENCY_DECIMALS

    def text(minor: int) -> str:
        whole = (abs(minor) * 2 + 10**decimals) // (2 * 10**decimals)  # halves away from nothing, for reading
        return formats.decimal(-whole if minor < 0 else whole, 0)

    columns = [
        charts.Column(
            label="", name=str(row["name"]), values=(row["change"],), texts=(text(row["change"]),),
            text=text(row["change"]),
        )
        for row in rows
    ]  # fmt: skip
    return charts.columns(
        _("Revenue, more or less, by area"), formats.sign(settings.CURRENCY), [charts.Series(_("Difference"), "cost")],
        columns, text, 10**decimals,
    )  # fmt: skip
