"""Random plans, facts and amounts for Hypothesis: anything a tariff book could state, and more."""

from hypothesis import strategies as st

from gridhall.rules import layout as at
from gridhall.rules.plan import FACT_NAMES, CompiledPlan
from gridhall.rules.units import QUANTITY_MAX

PRICE = st.one_of(
    st.integers(-(10**10), 2 * 10**10), st.sampled_from([0, 5_469_000_000, 6_628_687_500]), st.integers(0, 1 << 48)
)
RATE = st.one_of(st.integers(-(10**10), 10**11), st.sampled_from([600_000_000, 1_300_000_000]))
WH = st.one_of(st.integers(0, 2_000_000), st.integers(-500_000, 0), st.integers(-QUANTITY_MAX, QUANTITY_MAX))
SIZE = st.one_of(st.integers(0, 5_000_000), st.integers(0, QUANTITY_MAX))
LIMIT = st.integers(1, 1_000_000)


class Sketch:
    """A plan being put together: rows of components and their data."""

    def __init__(self, seasons: int) -> None:
        self.seasons = seasons
        self.rows: list[dict[int, int]] = []
        self.data: list[int] = []

    def keep(self, values: list[int]) -> int:
        self.data += values
        return len(self.data) - len(values)


def _energy(draw: st.DrawFn, sketch: Sketch) -> dict[int, int]:
    periods = draw(st.sampled_from([1, 4]))
    blocks = draw(st.integers(1, 4))
    variants = draw(st.integers(0, 2)) if blocks > 1 else 0
    prices = draw(
        st.lists(PRICE, min_size=sketch.seasons * periods * blocks, max_size=sketch.seasons * periods * blocks)
    )
    rows = sketch.seasons * (variants + 1)
    limits = [
        limit
        for _ in range(rows)
        for limit in sorted(draw(st.lists(LIMIT, min_size=blocks - 1, max_size=blocks - 1, unique=True)))
    ]
    return {
        at.KIND: at.ENERGY,
        at.SOURCE: at.WH_TOTAL,
        at.PERIODS: periods,
        at.BLOCKS: blocks,
        at.BLOCK_MODE: draw(st.sampled_from([at.BLOCKS_PRO_RATA, at.BLOCKS_PER_PERIOD])) if periods == 4 else 0,
        at.BLOCK_CYCLE: draw(st.sampled_from([at.BLOCK_MONTH, at.BLOCK_DAYS, at.BLOCK_YEAR])) if blocks > 1 else 0,
        at.PRICE_AT: sketch.keep(prices),
        at.LIMIT_AT: sketch.keep(limits),
        at.VARIANTS: variants,
        at.VARIANT_AT: sketch.keep(
            sorted(draw(st.lists(st.integers(2, 9), min_size=variants, max_size=variants, unique=True)))
        ),
    }


def _other(draw: st.DrawFn, sketch: Sketch, kind: int) -> dict[int, int]:
    bases = draw(st.lists(st.integers(0, max(len(sketch.rows) - 1, 0)), max_size=4, unique=True)) if sketch.rows else []
    price = RATE if kind == at.PERCENT else PRICE
    return {
        at.KIND: kind,
        at.SOURCE: draw(st.sampled_from([at.SOURCE_ONE, at.DEMAND_W, at.CAPACITY_VA])),
        at.SHARE: draw(st.sampled_from([at.WHOLE, at.THIRTIETHS, at.PERIOD_SHARE, at.DAILY])),
        at.PRICE_AT: sketch.keep(draw(st.lists(price, min_size=sketch.seasons, max_size=sketch.seasons))),
        at.BASE_AT: sketch.keep(bases),
        at.BASES: len(bases),
        at.OVER_PRICE: draw(PRICE),
        at.BAND: draw(st.integers(1000, 1500)),
        at.LEAST: draw(st.integers(0, 1000)),
        at.FACTOR_AT: sketch.keep(
            draw(st.lists(st.integers(-(10**9), 10**10), min_size=303, max_size=303)) if kind == at.POWER_FACTOR else []
        ),
    }


KINDS = st.sampled_from(
    [at.ENERGY, at.ENERGY, at.CHARGE, at.CONTRACT_DEMAND, at.PERCENT, at.POWER_FACTOR, at.MINIMUM, at.ALLOWANCE]
)
PLACES = (at.PRICE_AT, at.LIMIT_AT, at.VARIANT_AT, at.BASE_AT, at.FACTOR_AT)


@st.composite
def plans(draw: st.DrawFn) -> CompiledPlan:
    """A plan with 1 to 6 components over 1 to 3 seasons, in a currency of 0, 2 or 3 decimals."""
    seasons = draw(st.integers(1, 3))
    sketch = Sketch(seasons)
    for kind in draw(st.lists(KINDS, min_size=1, max_size=6)):
        row = _energy(draw, sketch) if kind == at.ENERGY else _other(draw, sketch, kind)
        row[at.CLASS] = draw(st.integers(1, 5))
        row[at.UNIT] = draw(st.integers(1, 6))
        row[at.OWN_ROUNDING] = draw(st.integers(0, 1))
        row.setdefault(at.PERIODS, 1)
        row.setdefault(at.BLOCKS, 1)
        sketch.rows.append(row)
    season_at = sketch.keep(
        draw(st.lists(st.integers(0, seasons - 1), min_size=372, max_size=372)) if seasons > 1 else []
    )
    data_at = at.PLAN_HEAD + at.COMPONENT_SIZE * len(sketch.rows)
    decimals = draw(st.sampled_from([0, 2, 2, 3]))
    head = [0] * at.PLAN_HEAD
    head[at.PLAN_SIZE] = data_at + len(sketch.data)
    head[at.PLAN_PARTS], head[at.PLAN_DECIMALS] = 10 ** (13 - decimals), decimals
    head[at.PLAN_ROUND_AT], head[at.PLAN_ROUND_HOW] = draw(st.integers(0, 1)), draw(st.integers(0, 2))
    head[at.PLAN_SEASONS], head[at.PLAN_SEASON_BY] = seasons, draw(st.integers(0, 3))
    head[at.PLAN_SEASON_AT], head[at.PLAN_COMPONENTS] = season_at + data_at, len(sketch.rows)
    head[at.PLAN_LAYOUT], head[at.PLAN_USE] = at.LAYOUT, at.USE_PARTS
    for row in sketch.rows:
        head += [row[k] + data_at if k in PLACES and k in row else row.get(k, 0) for k in range(at.COMPONENT_SIZE)]
    return CompiledPlan("random", "XXX", decimals, (*head, *sketch.data), ())


@st.composite
def bills(draw: st.DrawFn, n_plans: int) -> list[dict[str, int]]:
    """One bill of 1 to 3 segments; registers add up to the total, or (seldom) do not."""
    segments = []
    day = draw(st.integers(730_000, 740_000))
    shared = {
        "period_months": draw(st.integers(1, 3)),
        "period": draw(st.sampled_from([0, 202601, 202612])),
        "year_used_wh": draw(WH),
        "year_months": draw(st.integers(1, 12)),
        "persons": draw(st.integers(0, 10)),
        "allowance_wh": draw(st.integers(0, 20_000)),
        "power_factor_standard": draw(st.sampled_from([0, 80, 85, 90])),
        "capacity_va": draw(SIZE),
        "contract_w": draw(st.one_of(st.just(0), SIZE)),
    }
    for _ in range(draw(st.integers(1, 3))):
        days = draw(st.integers(0, 40))
        parts = draw(st.lists(WH.map(lambda wh: wh // 8), min_size=4, max_size=4))
        names = ("wh_sharp", "wh_peak", "wh_flat", "wh_valley")
        total = sum(parts) if draw(st.integers(0, 9)) else draw(WH)
        segment = shared | dict(zip(names, parts, strict=True)) | {"wh_total": total}
        segment |= {"plan": draw(st.integers(0, n_plans - 1)), "from_day": day, "to_day": day + days}
        segment |= {"varh": draw(SIZE), "demand_w": draw(SIZE)}
        segments.append(segment)
        day += days
    whole = max(day - segments[0]["from_day"], 1)
    period_days = whole + draw(st.sampled_from([0, 0, 5]))
    for segment in segments:
        segment["period_days"] = period_days
    assert set(segments[0]) <= set(FACT_NAMES)
    return segments
