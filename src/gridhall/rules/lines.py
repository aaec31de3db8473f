"""Writing a bill line: where the exact amount becomes whole minor units."""

from collections.abc import MutableSequence

from gridhall.rules.layout import (
    AT_LINE,
    CLASS_SUM,
    COMPONENT_SUM,
    LINE_AMOUNT,
    LINE_BASE,
    LINE_BILL,
    LINE_BLOCK,
    LINE_COMPONENT,
    LINE_PERIOD,
    LINE_PRICE,
    LINE_QUANTITY,
    LINE_REST,
    LINE_SEGMENT,
    LINE_UNIT,
    ONCE_PER_BILL,
    PARTS,
    PER_LINE,
    ROUND_AT,
    ROUND_HOW,
    SHOWN,
    SUM_MINOR,
    SUM_REST,
)
from gridhall.rules.units import rounded


def add_to_bill(state: MutableSequence[int], minor: int, rest: int) -> None:
    """Add an exact amount to the running total of the bill."""
    minor += state[SUM_MINOR]
    rest += state[SUM_REST]
    if rest >= state[PARTS]:
        rest -= state[PARTS]
        minor += 1
    state[SUM_MINOR] = minor
    state[SUM_REST] = rest


def show(state: MutableSequence[int], minor: int, rest: int) -> int:
    """Add an exact amount to the bill and return the whole minor units its line shows.

    Rounding per line: the line alone. Rounding once per bill: the rounded running total less what earlier
    lines show, so that the lines always add up to the bill, which is the rounded exact sum.
    """
    parts = state[PARTS]
    if state[ROUND_AT] == PER_LINE:
        shown = rounded(minor, rest, parts, state[ROUND_HOW])
        state[SHOWN] += shown
        return shown
    add_to_bill(state, minor, rest)
    total = rounded(state[SUM_MINOR], state[SUM_REST], parts, state[ROUND_HOW])
    shown = total - state[SHOWN]
    state[SHOWN] = total
    return shown


def add_to_component(state: MutableSequence[int], component: int, minor: int, rest: int) -> None:
    """Remember what a component came to in this segment, as the base of later percentages."""
    k = COMPONENT_SUM + 2 * component
    rest += state[k + 1]
    state[k] += minor
    if rest >= state[PARTS]:
        rest -= state[PARTS]
        state[k] += 1
    state[k + 1] = rest


def put_line(
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
    facts_bill: int, segment: int, component: int, ledger_class: int, own_rounding: int,
    block: int, period: int, quantity: int, unit: int, price: int, base: int, minor: int, rest: int,
) -> None:  # fmt: skip
    """Account for one line and, when `write` is set, write it at place AT_LINE. With `own_rounding` the
    exact amount is replaced by its rounded value first. Under rounding per line, later percentages are
    taken on what the line shows.

    Without `write` a bill that is rounded once only adds up: its lines and ledger classes are not rounded one by
    one."""
    parts = state[PARTS]
    if own_rounding == 1:
        minor = rounded(minor, rest, parts, state[ROUND_HOW])
        rest = 0
    if write == 0 and state[ROUND_AT] == ONCE_PER_BILL:
        add_to_component(state, component, minor, rest)
        add_to_bill(state, minor, rest)
        state[AT_LINE] += 1
        return
    shown = show(state, minor, rest)
    if state[ROUND_AT] == PER_LINE:
        add_to_component(state, component, shown, 0)
    else:
        add_to_component(state, component, minor, rest)
    state[CLASS_SUM + ledger_class] += shown
    n = state[AT_LINE]
    if write == 1:
        lines[LINE_BILL * room + n] = facts_bill
        lines[LINE_SEGMENT * room + n] = segment
        lines[LINE_COMPONENT * room + n] = component
        lines[LINE_BLOCK * room + n] = block
        lines[LINE_PERIOD * room + n] = period
        lines[LINE_QUANTITY * room + n] = quantity
        lines[LINE_UNIT * room + n] = unit
        lines[LINE_PRICE * room + n] = price
        lines[LINE_BASE * room + n] = base
        lines[LINE_AMOUNT * room + n] = shown
        lines[LINE_REST * room + n] = (minor - shown) * parts + rest
    state[AT_LINE] = n + 1
