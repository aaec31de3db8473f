"""What a tariff version does to every customer, as a job's result: figures for the screen, every row in a file."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.look import area_map, charts, formats
from gridhall.doors.look.templatetags.look import signed
from gridhall.doors.office import jobs, lists, words
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.home import home
from gridhall.territory import public as territory

AREAS_LISTED = 20  # the others are folded
# What a version charges by (facts of a bill) in words.
CHARGED_BY: dict[str, Promise] = {
    "demand_w": gettext_lazy("the highest demand"), "demand_sharp": gettext_lazy("the demand of periods of the day"),
    "past_demand_w": gettext_lazy("the demand of earlier months"),
    "coincident_w": gettext_lazy("the demand at the system's peak"),
    "contract_w": gettext_lazy("the contract demand"), "capacity_va": gettext_lazy("the capacity"),
    "varh": gettext_lazy("reactive energy"), "meters": gettext_lazy("the number of meters"),
    "year_ends": gettext_lazy("the minimum of a year"), "hourly_wh": gettext_lazy("the prices of each hour"),
    "in_time_1_sharp": gettext_lazy("the order of the hours"),
}  # fmt: skip


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
        "lacking": list(found.lacking),
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
        "places": _places(found.by_area),
        "most_less": [_account(each, names) for each in found.most_less],
        "most_more": [_account(each, names) for each in found.most_more],
    }


def _places(groups: Sequence[billing.GroupTotal]) -> dict[str, tuple[int, int]]:
    """Where each area lies (millionths of a degree), by its id as text, as a job's result keeps it."""
    centres = customers.area_centres()
    return {str(each.key): centres[each.key] for each in groups if each.key in centres}


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
    """The report with names of classes and areas, its charts and its map."""
    areas = words.area_names()
    by_area = [row | {"name": areas.get(row["key"], str(row["key"]))} for row in result["by_area"]]
    by_area.sort(key=lambda row: (-abs(row["change"]), row["key"]))
    by_class = [row | {"name": words.CLASSES.get(row["key"], row["key"])} for row in result["by_class"]]
    ranked = _ranked(by_area)
    return {
        "report": result,
        "untold": charged_by(result.get("lacking", ())),
        "by_class": by_class,
        "areas": ranked[:AREAS_LISTED],
        "areas_more": ranked[AREAS_LISTED:],
        "spread": _spread(result["bins"]),
        "map": _map(by_area, result.get("places", {})),
    }


def charged_by(lacking: Sequence[str]) -> str:
    """What a version charges by and no bill tells, in words; "" where nothing."""
    comma = "、" if (get_language() or "").startswith("zh") else ", "
    return comma.join(str(CHARGED_BY[name]) for name in lacking)


def areas_file(result: dict[str, Any], name: str) -> HttpResponse:
    """Every area of the report as a CSV file, the largest difference first."""
    areas = {area.id: area for area in territory.areas()}
    rows = sorted(result["by_area"], key=lambda row: (-abs(row["change"]), row["key"]))
    heading = (
        _("Area"), _("Area name"), _("Customers"), _("pay less"), _("pay more"), _("As billed"), _("On this version"),
        _("Difference"),
    )  # fmt: skip
    return lists.csv_file(
        name, heading,
        (
            (
                areas[row["key"]].code if row["key"] in areas else row["key"],
                words.of(areas[row["key"]]) if row["key"] in areas else "", row["customers"], row["winners"],
                row["losers"], *(lists.plain_amount(row[each]) for each in ("before", "after", "change")),
            )
            for row in rows
        ),
    )  # fmt: skip


def _ranked(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The areas with the bar of each: from nothing to the right where it brings in more, to the left where less; and
    its customers as parts of a bar of their own."""
    low, high = (pick(0, *(row["change"] for row in rows)) for pick in (min, max))
    span = high - low or 1
    ranked = []
    for row in rows:
        start, end = min(row["change"], 0), max(row["change"], 0)
        same = row["customers"] - row["winners"] - row["losers"]
        ranked.append(
            row
            | {
                "x": charts.per_cent((start - low) * 100 / span), "width": charts.per_cent((end - start) * 100 / span),
                "nothing": charts.per_cent(-low * 100 / span), "colour": "good" if row["change"] < 0 else "cost",
                "share": _share(row["change"], row["before"]), "same": same,
                "parts": [("good", row["winners"]), ("info", same), ("cost", row["losers"])],
            }
        )  # fmt: skip
    return ranked


def _share(change: int, before: int) -> str:
    """The change in per cent to one place, halves away from nothing: "− 4.3 %"; a dash where there was nothing."""
    if before <= 0:
        return "–"
    per_mille = (abs(change) * 2000 + before) // (2 * before)
    mark = formats.MINUS if change < 0 and per_mille else "+" if per_mille else ""
    return f"{mark}\u00a0{formats.decimal(per_mille, 1, 1)}\u00a0%".strip()


def _map(rows: Sequence[dict[str, Any]], places: dict[str, Sequence[int]]) -> area_map.AreaMap | None:
    """The areas that have a place, each as large as its difference in revenue."""
    spots = [
        area_map.Spot(
            row["name"], places[str(row["key"])][0], places[str(row["key"])][1], row["change"],
            _("%(change)s; %(less)s pay less, %(more)s pay more") % {
                "change": signed(row["change"]), "less": formats.count_text(row["winners"]),
                "more": formats.count_text(row["losers"]),
            },
        )
        for row in rows
        if str(row["key"]) in places
    ]  # fmt: skip
    return area_map.draw(_("Revenue, more or less, by area"), _("less revenue"), _("more revenue"), spots)


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
