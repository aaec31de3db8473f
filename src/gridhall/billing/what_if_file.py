"""The rows of a what-if as a CSV file: written by columns, so that a million customers take a second or two."""

from pathlib import Path

import numpy as np
import polars as pl
from django.conf import settings

from gridhall.billing.what_if import WhatIfRows
from gridhall.customers import public as customers
from gridhall.territory import public as territory

NUMBER_DIGITS = 10


def write_rows(rows: WhatIfRows, path: Path) -> None:
    """Every customer: number, unit, area, class, kWh, what the bills came to, would come to, and the change."""
    ids, numbers = customers.number_columns()
    shown = np.zeros(len(rows), np.int64)
    if len(ids):
        at = np.minimum(np.searchsorted(ids, rows.account_id), len(ids) - 1)
        shown = np.where(ids[at] == rows.account_id, numbers[at], 0)
    areas = {area.id: area.code for area in territory.areas()}
    units = {unit.id: unit.code for unit in territory.units()}
    decimals = settings.CURRENCY_DECIMALS
    frame = pl.DataFrame(
        {
            "customer_number": shown,
            "unit": pl.Series(rows.unit_id).replace_strict(units, default=pl.Series(rows.unit_id).cast(pl.String)),
            "area": pl.Series(rows.area_id).replace_strict(areas, default=pl.Series(rows.area_id).cast(pl.String)),
            "class": rows.class_code,
            "kwh": rows.wh,
            "before": rows.before,
            "after": rows.after,
            "change": rows.change,
        }
    )
    frame.select(
        pl.col("customer_number").cast(pl.String).str.zfill(NUMBER_DIGITS),
        "unit", "area", "class",
        _decimal("kwh", 3),
        *(_decimal(name, decimals) for name in ("before", "after", "change")),
    ).write_csv(path, include_bom=True)  # fmt: skip


def _decimal(name: str, places: int) -> pl.Expr:
    """Whole numbers of 10**-places as decimals, exactly: text, no floating point."""
    value = pl.col(name)
    if places == 0:
        return value
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = (value.abs() // 10**places).cast(pl.String)
    rest = (value.abs() % 10**places).cast(pl.String).str.zfill(places)
    return pl.concat_str(sign, whole, pl.lit("."), rest).alias(name)
