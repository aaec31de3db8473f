"""`monotone: true`: what the compiler accepts never costs less for more use; what it cannot prove it refuses."""

import os

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from gridhall.rules import layout as at
from gridhall.rules.plan import CompiledPlan, rate_with
from gridhall.tariffs.book import BookError, load_book
from gridhall.tariffs.compile import compile_version

TRIES = int(os.environ.get("GRIDHALL_TRIES", "300"))
HEAD = """
tariff: test-monotone
name: monotone
currency: CNY
source: made for this test
for: {class: residential}
versions:
  - from: 2024-01-01
    rounding: ROUNDING, half up, to 0.01
    monotone: true
"""
PERIODS = "    periods: {peak: as metered, valley: as metered}\n"


def _plan(body: str, rounding: str = "once per bill") -> CompiledPlan:
    book = load_book(HEAD.replace("ROUNDING", rounding) + body)
    return compile_version(book, book.versions[0])


def _lines(*lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines)


PRICE = st.integers(-2000, 9000).map(lambda each: f"{each / 10_000:.4f}")


@st.composite
def _bodies(draw: st.DrawFn) -> str:
    """A book of energy with or without blocks and periods, and whatever may stand beside it."""
    by_period = draw(st.booleans())
    blocks = draw(st.sampled_from(["", "each block", "the whole use"]))
    meets = ", with periods: per_period" if by_period and blocks == "each block" else ""
    names = ("peak", "valley") if by_period else ("",)
    prices = [f"[{draw(PRICE)}, {draw(PRICE)}]" if blocks else draw(PRICE) for _ in names]
    price = f"{{peak: {prices[0]}, valley: {prices[-1]}}}" if by_period else prices[0]
    parts = f", blocks: {{count: the month's kWh, limits: [{draw(st.integers(1, 300))}], price of: {blocks}{meets}}}"
    body = f"{PERIODS if by_period else ''}    energy: [{{price per kWh: {price}{parts if blocks else ''}}}]\n"
    taxed = draw(st.sampled_from(["[energy]", "[minimum]", "[everything]"]))
    more = [
        f"levies: [{{price per kWh: {draw(PRICE)}, round: this line}}]",
        f"fixed: [{{price per month: [{draw(PRICE)}, {draw(PRICE)}], divided: once a bill,"
        " by use: {limits: [100]}}]",
        f"minimum: [{{price per month: {draw(st.integers(0, 90))}, counts: [energy, levies], divided: once a bill}}]",
        f"allowance: [{{at: {draw(PRICE)}}}]",
        "sub-supplies: [{per cent of kWh: 10, kWh a month: 20, price per kWh: 0.3}]",
        "losses: {rounded to: 1 kWh, per cent of kWh: 3}",
        f"taxes: [{{per cent: {draw(st.integers(-120, 120))}, on: {taxed}}}]",
        "reactive: [{price per kvarh: 0.1, beyond per cent of kWh: 33}]",
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(more))), max_size=3, unique=True))
    return body + _lines(*(more[k] for k in chosen))


@settings(max_examples=2 * TRIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(_bodies(), st.sampled_from(["once per bill", "per line"]), st.data())
def test_more_use_never_costs_less_where_the_tariff_says_so(body: str, rounding: str, data: st.DataObject) -> None:
    try:
        plan = _plan(body, rounding)
    except BookError:
        return
    note(f"{rounding}\n{body}")
    by_period = bool(plan.table[at.PLAN_USE] & at.USE_PARTS)
    facts = {"from_day": 739_000, "to_day": 739_030, "allowance_wh": 15_000, "varh": 90_000}
    peak, valley = data.draw(st.integers(0, 400_000)), data.draw(st.integers(0, 400_000))
    more = data.draw(st.one_of(st.integers(1, 20), st.integers(1, 200_000)))
    costs = []
    for added in (0, more):
        use = {"wh_total": peak + valley + added}
        if by_period:
            use |= {"wh_peak": peak, "wh_valley": valley + added}
        bill = rate_with([plan], [facts | use])
        assert bill.fault == 0
        costs.append(bill.amount)
    assert costs[1] >= costs[0]


ENERGY = "energy: [{price per kWh: 0.5}]"
REFUSED = {
    "a further kWh takes money off": [ENERGY, "levies: [{price per kWh: -0.6}]"],
    "must rise from block to block": [
        "energy: [{price per kWh: [0.6, 0.5],"
        " blocks: {count: the month's kWh, limits: [100], price of: the whole use}}]"
    ],
    "falls as the use rises": [ENERGY, "power factor: [{table: cn-power-factor-1983, on: [energy]}]"],
    "more kvarh free": [ENERGY, "reactive: [{price per kvarh: 1, beyond per cent of kWh: 30}]"],
    "may be negative": [ENERGY, "hourly: [{series: spot}]"],
    "all of its base": [ENERGY, "taxes: [{per cent: -100, on: [energy]}]"],
    "more than one reduction": [ENERGY, "taxes: [{per cent: -6, on: [energy]}, {per cent: -4, on: [energy]}]"],
    "more than energy and charges": [ENERGY, "taxes: [{key: a, per cent: 6, on: [energy]}, {per cent: -4, on: [a]}]"],
    "true”, but a further kWh takes": [
        ENERGY,
        "minimum: [{price per month: 5, counts: [energy], divided: once a bill}]",
        "taxes: [{per cent: -10, on: [energy]}]",
    ],
    "but a further": [ENERGY, "levies: [{price per kWh: -0.3}]", "taxes: [{per cent: 100, on: [levies]}]"],
    "a further kWh takes money": [
        ENERGY,
        "minimum: [{price per month: 5, counts: [energy], divided: once a bill}]",
        "taxes: [{per cent: 100, on: [minimum]}]",
    ],
    "monotone: true”, but a further": ["energy: [{price per kWh: 0.5}]", "allowance: [{at: 0.6}]"],
    "rounded by itself": [ENERGY, "allowance: [{at: 0.4, round: this line}]"],
}


@pytest.mark.parametrize("says", REFUSED)
def test_what_may_cost_less_is_refused(says: str) -> None:
    with pytest.raises(BookError, match=says) as refusal:
        _plan(_lines(*REFUSED[says]))
    assert "monotone" in refusal.value.what
    plain = HEAD.replace("    monotone: true\n", "").replace("ROUNDING", "once per bill")
    book = load_book(plain + _lines(*REFUSED[says]))
    assert compile_version(book, book.versions[0]).components


BY_PERIOD = "energy: [{price per kWh: {peak: 1, valley: 0.2}}]"


@pytest.mark.parametrize(
    ("says", "lines"),
    [
        (
            "move with the use of other periods",
            [
                "energy: [{price per kWh: {peak: [1, 2], valley: [1, 2]},"
                " blocks: {count: the month's kWh, limits: [9], with periods: prorata}}]"
            ],
        ),
        ("moves with the use", ["sub-supplies: [{per cent of kWh: 9, price per kWh: 1}]", BY_PERIOD]),
        ("losses move", ["losses: {rounded to: 1 kWh, per cent of kWh: 1}", BY_PERIOD]),
    ],
)
def test_what_moves_between_periods_is_refused(says: str, lines: list[str]) -> None:
    with pytest.raises(BookError, match=says):
        _plan(PERIODS + _lines(*lines))
