"""Price series kept as dated data: loaded from files, asked for by bill runs."""

from dataclasses import dataclass

from django.db import transaction

from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.tariffs import models
from gridhall.tariffs.price_series import PriceSeries, SeriesError, read_series

AT_ONCE = 5000


@dataclass(frozen=True)
class PricesLoaded:
    """What a file of prices came to: how many were new, stood there already, and took the place of others."""

    new: int
    known: int
    replaced: int


def load_prices(actor: Actor, code: str, text: str, decimals: int, replace: bool = False) -> PricesLoaded:
    """Keep the prices of a file (see price_series) under a name, all or none. `decimals` of the currency.

    Prices that were given out stay: another value for the same moment is refused unless `replace` says that it is a
    correction; bills made by the old one are to be made again by hand. Refuses: bad_prices (with the line),
    series_differs, price_stands.
    """
    actor.require("tariffs.approve")
    try:
        given = read_series(text, decimals)
    except SeriesError as fault:
        raise Refusal(
            "bad_prices", f"The prices cannot be read: {fault}.", f"价格文件有误：{fault}。", field="prices"
        ) from fault
    with transaction.atomic():
        head, _ = models.PriceSeries.objects.get_or_create(
            code=code, defaults={"step": given.step, "offsets": given.offsets}
        )
        models.PriceSeries.objects.select_for_update().get(code=code)
        if (head.step, head.offsets) != (given.step, given.offsets):
            raise Refusal(
                "series_differs",
                f"The series {code} has prices every {head.step} minutes, {'with' if head.offsets else 'without'} "
                "offsets from UTC; this file has others.",
                f"序列 {code} 每 {head.step} 分钟一个价格（{'含' if head.offsets else '不含'}时差），与该文件不符。",
                field="prices",
            )
        done = _keep(code, given, replace)
        audit.record(
            actor, "tariffs.load_prices", f"series:{code}",
            after={"new": done.new, "replaced": done.replaced, "from": min(given.prices), "to": max(given.prices)},
        )  # fmt: skip
    return done


def _keep(code: str, given: PriceSeries, replace: bool) -> PricesLoaded:
    rows = models.SeriesPrice.objects.filter(
        series_id=code, minute__gte=min(given.prices), minute__lte=max(given.prices)
    )
    standing = dict(rows.values_list("minute", "price"))
    new = {minute: price for minute, price in given.prices.items() if minute not in standing}
    other = {minute: price for minute, price in given.prices.items() if standing.get(minute, price) != price}
    if other and not replace:
        raise Refusal(
            "price_stands",
            f"{len(other)} moments of the file have another price already; say that it is a correction.",
            f"文件中有 {len(other)} 个时刻已有不同价格；如为更正，请注明替换。",
            field="prices", value=str(len(other)),
        )  # fmt: skip
    models.SeriesPrice.objects.bulk_create(
        [models.SeriesPrice(series_id=code, minute=m, price=p) for m, p in (new | other).items()],
        batch_size=AT_ONCE, update_conflicts=True, unique_fields=["series", "minute"], update_fields=["price"],
    )  # fmt: skip
    return PricesLoaded(len(new), len(given.prices) - len(new) - len(other), len(other))


def prices_between(code: str, first: int, until: int) -> PriceSeries | None:
    """The prices of a series that hold from a minute to before another; None where there is no such series."""
    head = models.PriceSeries.objects.filter(code=code).first()
    if head is None:
        return None
    rows = models.SeriesPrice.objects.filter(series_id=code, minute__gt=first - head.step, minute__lt=until)
    return PriceSeries(dict(rows.values_list("minute", "price")), head.step, head.offsets)
