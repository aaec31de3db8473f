"""The weather of a district: mean temperatures by day, as they were measured, with their source."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.territory import models

KEPT_SECONDS, KEPT_MOST = 60, 64
COLDEST, HOTTEST = -900, 600  # tenths of a degree; beyond them it is a slip of the pen

WRITE = """
INSERT INTO territory_temperature (district_code, "on", mean_tenths, source)
SELECT %(district)s, day, mean, %(source)s FROM unnest(%(days)s::date[], %(means)s::smallint[]) AS given (day, mean)
ON CONFLICT (district_code, "on") DO UPDATE SET mean_tenths = EXCLUDED.mean_tenths, source = EXCLUDED.source
"""


@dataclass(frozen=True)
class DayMean:
    """The mean temperature of a day, tenths of a degree Celsius."""

    on: date
    mean_tenths: int


def record_temperatures(actor: Actor, district_code: str, means: Sequence[DayMean], source: str) -> None:
    """Keep the mean temperatures of some days; a day that is there already gets the new value (a station's correction).

    Refuses `unknown_district`, `text_too_long` (the source), and `bad_temperature` (with the row) below -90 or above
    60 degrees. All days or none.
    """
    actor.require("territory.change")
    if not models.District.objects.filter(code=district_code).exists():
        raise Refusal(
            "unknown_district", f"There is no district {district_code}.", f"没有编码为 {district_code} 的区县。",
            field="district", value=district_code,
        )  # fmt: skip
    if len(source) > models.SOURCE_MOST:
        raise Refusal(
            "text_too_long", f"The source is longer than {models.SOURCE_MOST} characters.",
            f"来源超过 {models.SOURCE_MOST} 个字符。", field="source", value=source[:80],
        )  # fmt: skip
    for row, each in enumerate(means):
        if not COLDEST <= each.mean_tenths <= HOTTEST:
            raise Refusal(
                "bad_temperature", f"{each.on}: no day has a mean of {each.mean_tenths} tenths of a degree.",
                f"{each.on}：日平均气温 {each.mean_tenths}（0.1 摄氏度）不合理。",
                field="mean", row=row, value=str(each.mean_tenths),
            )  # fmt: skip
    by_day = {each.on: each.mean_tenths for each in means}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {"district": district_code, "source": source, "days": list(by_day), "means": list(by_day.values())},
        )
        audit.record(
            actor, "territory.temperatures", f"district:{district_code}",
            after={"days": len(by_day), "source": source},
        )  # fmt: skip
    forget()


def temperatures(district_code: str, since: date, until: date) -> dict[date, int]:
    """Mean temperatures by day (tenths of a degree) of [since, until); a day that is not known is left out.

    Kept in the process for a minute: many customers of a district ask for the same months.
    """
    key = (str(connection.settings_dict["NAME"]), district_code, since, until)
    kept = _kept.get(key)
    if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
        return kept[1]
    rows = models.Temperature.objects.filter(district_code=district_code, on__gte=since, on__lt=until)
    found = dict(rows.values_list("on", "mean_tenths"))
    if len(_kept) >= KEPT_MOST:
        _kept.clear()
    _kept[key] = time.monotonic(), found
    return found


def forget() -> None:
    """Read the temperatures anew at the next question."""
    _kept.clear()


_kept: dict[tuple[str, str, date, date], tuple[float, dict[date, int]]] = {}
