"""Prices of a tariff version as a reader of any door sees them."""

from django.utils.translation import gettext

from gridhall.tariffs.public import PriceRow, VersionView


def prices_shown(version: VersionView, component: int) -> list[tuple[str, PriceRow]]:
    """The prices of a component by its place, each with the name of its season. Where all seasons have the same prices
    and bounds one says it all, with the name ""."""
    rows = [row for row in version.prices if row.component == component]
    by_season: dict[int, list[tuple[int, ...]]] = {}
    for row in rows:
        by_season.setdefault(row.season, []).append((row.tou, row.block, row.above_wh, row.upto_wh or 0, row.price))
    if len({tuple(each) for each in by_season.values()}) <= 1:
        return [("", row) for row in rows if row.season == 0]
    names = version.seasons
    return [(season_name(names[row.season] if row.season < len(names) else ""), row) for row in rows]


def season_name(code: str) -> str:
    """A season of a tariff book in the reader's language; a name we do not know stays as the book has it."""
    names = {
        "heating": gettext("heating season"),
        "summer": gettext("summer"),
        "winter": gettext("winter"),
        "midsummer": gettext("July and August"),
        "other": gettext("other months"),
    }
    return names.get(code, code)
