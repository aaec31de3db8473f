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


PER_KW = st.one_of(st.integers(0, 800_000), st.integers(0, 10_000_000))
SHARE = st.one_of(st.just(0), st.integers(0, 2_000_000))


def _energy(draw: st.DrawFn, sketch: Sketch, most_periods: int) -> dict[int, int]:
    periods = draw(st.sampled_from([1, most_periods]))
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
    by_kw = [wh for _ in range(rows) for wh in sorted(draw(st.lists(PER_KW, min_size=blocks - 1, max_size=blocks - 1)))]
    modes = [at.BLOCKS_BY_WHOLE] + ([at.BLOCKS_PRO_RATA, at.BLOCKS_PER_PERIOD] if periods > 1 else [at.BLOCKS_OF_TOTAL])
    cycles = [at.BLOCK_MONTH, at.BLOCK_DAYS, at.BLOCK_YEAR, at.BLOCK_YEAR_DAYS]
    return {
        at.KIND: at.ENERGY,
        at.SOURCE: at.WH_TOTAL,
        at.PERIODS: periods,
        at.BLOCKS: blocks,
        at.BLOCK_MODE: draw(st.sampled_from(modes)),
        at.BLOCK_CYCLE: draw(st.sampled_from(cycles)) if blocks > 1 else 0,
        at.OF_USE: draw(st.sampled_from([at.OF_PRICED, at.OF_PRICED, at.OF_METERED, at.OF_EXPORT])),
        at.KW_LIMIT_AT: sketch.keep(by_kw) if draw(st.booleans()) and blocks > 1 else NOWHERE,
        at.PRICE_AT: sketch.keep(prices),
        at.LIMIT_AT: sketch.keep(limits),
        at.VARIANTS: variants,
        at.VARIANT_AT: sketch.keep(
            sorted(draw(st.lists(st.integers(2, 9), min_size=variants, max_size=variants, unique=True)))
        ),
    }


def _charge(draw: st.DrawFn, sketch: Sketch, most_periods: int) -> dict[int, int]:
    """A charge by blocks of its quantity, by period of the demand, or by the whole use."""
    periods, blocks = draw(st.sampled_from([1, most_periods])), draw(st.integers(1, 3))
    sources = [at.SOURCE_ONE, at.SOURCE_BILLING, at.SOURCE_METERS, at.SOURCE_FURTHER, at.COINCIDENT_W]
    count = sketch.seasons * periods * blocks
    limits = sorted(draw(st.lists(LIMIT, min_size=blocks - 1, max_size=blocks - 1, unique=True)))
    prices = draw(st.lists(st.one_of(PRICE, st.just(at.UNPRICED)), min_size=count, max_size=count))
    if periods == 1 or blocks > 1:
        prices = [0 if price == at.UNPRICED else price for price in prices]
    return {
        at.KIND: at.CHARGE,
        at.SOURCE: draw(st.sampled_from(sources)) if periods == 1 else at.DEMAND_SHARP,
        at.SHARE: draw(SHARES),
        at.PERIODS: periods,
        at.BLOCKS: blocks,
        at.BLOCK_MODE: draw(st.sampled_from([at.BLOCKS_OF_TOTAL, at.BLOCKS_BY_WHOLE])),
        at.BLOCK_CYCLE: draw(st.sampled_from([at.BLOCK_PLAIN, at.BLOCK_MONTH])),
        at.LIMIT_AT: sketch.keep(limits * sketch.seasons),
        at.PRICE_AT: sketch.keep(prices),
    }


def _other(draw: st.DrawFn, sketch: Sketch, kind: int) -> dict[int, int]:
    bases = draw(st.lists(st.integers(0, max(len(sketch.rows) - 1, 0)), max_size=4, unique=True)) if sketch.rows else []
    price = RATE if kind == at.PERCENT else PRICE
    sources = [at.SOURCE_ONE, at.SOURCE_BILLING, at.SOURCE_METERS, at.DEMAND_W, at.CAPACITY_VA]
    return {
        at.KIND: kind,
        at.SOURCE: draw(st.sampled_from(sources)),
        at.SHARE: draw(SHARES),
        at.PRICE_AT: sketch.keep(draw(st.lists(price, min_size=sketch.seasons, max_size=sketch.seasons))),
        at.BASE_AT: sketch.keep(bases),
        at.BASES: len(bases),
        at.OVER_PRICE: draw(PRICE),
        at.BAND: draw(st.integers(1000, 1500)),
        at.LEAST: draw(st.integers(0, 1000)) if kind == at.CONTRACT_DEMAND else draw(SHARE),
        at.YEARLY: draw(st.integers(0, 1)),
        at.SUB_PART: draw(st.one_of(st.just(at.AS_AGREED), st.integers(0, 10_000))),
        at.SUB_MONTH: draw(st.one_of(st.just(0), SIZE)),
        at.FACTOR_AT: sketch.keep(
            draw(st.lists(st.integers(-(10**9), 10**10), min_size=303, max_size=303)) if kind == at.POWER_FACTOR else []
        ),
    }


SHARES = st.sampled_from([at.WHOLE, at.THIRTIETHS, at.PERIOD_SHARE, at.DAILY, at.YEAR_SHARE])
KINDS = st.sampled_from([
    at.ENERGY, at.ENERGY, at.CHARGE, at.CONTRACT_DEMAND, at.PERCENT, at.POWER_FACTOR, at.MINIMUM, at.ALLOWANCE,
    at.REACTIVE, at.HOURLY, at.SUB_SUPPLY, at.PAID_OUT,
])  # fmt: skip
PLACES = (at.PRICE_AT, at.LIMIT_AT, at.VARIANT_AT, at.BASE_AT, at.FACTOR_AT, at.KW_LIMIT_AT)
NOWHERE = -1  # a place that a row does not have
USES = (at.USE_NET, at.USE_LOSS, at.USE_SUBS, at.USE_WHOLE)


def _demand_terms(draw: st.DrawFn) -> list[int]:
    terms = [0] * at.N_DEMAND
    terms[at.DEMAND_PAST], terms[at.DEMAND_OF_CONTRACT], terms[at.DEMAND_OF_CAPACITY] = (
        draw(SHARE),
        draw(SHARE),
        draw(SHARE),
    )
    terms[at.DEMAND_LEAST] = draw(st.one_of(st.just(0), SIZE))
    terms[at.DEMAND_FACTOR], terms[at.DEMAND_STEP] = (
        draw(st.sampled_from([0, 85, 95])),
        draw(st.sampled_from([0, 100, 1000])),
    )
    return terms


def _losses(draw: st.DrawFn) -> list[int]:
    sizes = sorted(draw(st.lists(st.integers(1, 5_000_000), min_size=0, max_size=3, unique=True)))
    numbers = [0] * at.LOSS_ROWS
    numbers[at.LOSS_SHARE], numbers[at.LOSS_VAR_SHARE] = draw(SHARE), draw(SHARE)
    numbers[at.LOSS_STEP], numbers[at.LOSS_SIZES] = draw(st.sampled_from([1, 1000])), len(sizes)
    for size in sizes:
        numbers += [size, draw(st.integers(0, 10**9)), draw(st.integers(0, 10**9))]
    return numbers


def _plain(row: dict[int, int], k: int) -> int:
    return 0 if k in PLACES else row.get(k, 0)


@st.composite
def plans(draw: st.DrawFn) -> CompiledPlan:
    """A plan with 1 to 6 components over 1 to 3 seasons, in a currency of 0, 2 or 3 decimals."""
    seasons = draw(st.integers(1, 3))
    sketch = Sketch(seasons)
    most_periods = draw(st.sampled_from([4, 4, at.MAX_PERIODS]))
    for kind in draw(st.lists(KINDS, min_size=1, max_size=6)):
        if kind == at.ENERGY:
            row = _energy(draw, sketch, most_periods)
        else:
            row = _charge(draw, sketch, most_periods) if kind == at.CHARGE else _other(draw, sketch, kind)
        row[at.CLASS] = draw(st.integers(1, 5))
        row[at.UNIT] = draw(st.integers(1, 6))
        row[at.OWN_ROUNDING] = draw(st.integers(0, 1))
        row.setdefault(at.PERIODS, 1)
        row.setdefault(at.BLOCKS, 1)
        sketch.rows.append(row)
    season_at = sketch.keep(
        draw(st.lists(st.integers(0, seasons - 1), min_size=372, max_size=372)) if seasons > 1 else []
    )
    demand_at, loss_at = sketch.keep(_demand_terms(draw)), sketch.keep(_losses(draw))
    uses = sum(draw(st.lists(st.sampled_from(USES), max_size=2, unique=True)))
    if any(row[at.KIND] == at.PAID_OUT for row in sketch.rows):
        uses |= at.USE_NET
    data_at = at.PLAN_HEAD + at.COMPONENT_SIZE * len(sketch.rows)
    decimals = draw(st.sampled_from([0, 2, 2, 3]))
    head = [0] * at.PLAN_HEAD
    head[at.PLAN_SIZE] = data_at + len(sketch.data)
    head[at.PLAN_PARTS], head[at.PLAN_DECIMALS] = 10 ** (13 - decimals), decimals
    head[at.PLAN_ROUND_AT], head[at.PLAN_ROUND_HOW] = draw(st.integers(0, 1)), draw(st.integers(0, 2))
    head[at.PLAN_SEASONS], head[at.PLAN_SEASON_BY] = seasons, draw(st.integers(0, 3))
    head[at.PLAN_SEASON_AT], head[at.PLAN_COMPONENTS] = season_at + data_at, len(sketch.rows)
    head[at.PLAN_LAYOUT] = at.LAYOUT
    head[at.PLAN_USE] = uses | draw(st.sampled_from([0, at.USE_PARTS, at.USE_PARTS | at.USE_DEEP]))
    head[at.PLAN_DEMAND_AT] = demand_at + data_at if draw(st.booleans()) else 0
    head[at.PLAN_LOSS_AT] = loss_at + data_at
    for row in sketch.rows:
        head += [
            row[k] + data_at if row.get(k, NOWHERE) != NOWHERE and k in PLACES else _plain(row, k)
            for k in range(at.COMPONENT_SIZE)
        ]
    return CompiledPlan("random", "XXX", decimals, (*head, *sketch.data), ())


def _rarer(draw: st.DrawFn, total: int) -> dict[str, int]:
    """Facts that few tariffs ask for."""
    exported = draw(st.lists(st.one_of(st.just(0), SIZE.map(lambda wh: wh // 8)), min_size=5, max_size=5))
    names = ("sharp", "peak", "flat", "valley", "deep")
    facts = {f"export_{name}": wh for name, wh in zip(names, exported, strict=True)}
    facts |= {f"demand_{name}": draw(st.one_of(st.just(0), SIZE)) for name in names}
    facts |= {"export_wh": sum(exported), "past_demand_w": draw(SIZE), "coincident_w": draw(SIZE)}
    facts |= {"meters": draw(st.integers(0, 5)), "credit_wh": draw(st.one_of(st.just(0), SIZE))}
    facts |= {"true_up": int(draw(st.integers(0, 3)) > 0), "year_ends": draw(st.integers(0, 1))}
    facts |= {"year_counted": draw(st.integers(-(10**9), 10**12)), "sub_share": draw(st.integers(0, 10_100))}
    facts |= {"sub_wh": draw(st.one_of(st.just(0), SIZE)), "hourly_minor": draw(st.integers(-(10**9), 10**12))}
    facts |= {"hourly_rest": draw(st.integers(0, 10**10 - 1)), "hourly_wh": total if draw(st.integers(0, 5)) else 1}
    return facts


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
        parts = draw(st.lists(WH.map(lambda wh: wh // 8), min_size=5, max_size=5))
        parts[4] *= draw(st.integers(0, 1))
        names = ("wh_sharp", "wh_peak", "wh_flat", "wh_valley", "wh_deep")
        total = sum(parts) if draw(st.integers(0, 9)) else draw(WH)
        segment = shared | dict(zip(names, parts, strict=True)) | {"wh_total": total}
        segment |= {"plan": draw(st.integers(0, n_plans - 1)), "from_day": day, "to_day": day + days}
        segment |= {"varh": draw(SIZE), "demand_w": draw(SIZE)} | _rarer(draw, total)
        segments.append(segment)
        day += days
    whole = max(day - segments[0]["from_day"], 1)
    period_days = whole + draw(st.sampled_from([0, 0, 5]))
    for segment in segments:
        segment["period_days"] = period_days
    assert set(segments[0]) <= set(FACT_NAMES)
    return segments
