"""From facts to bills: what is billed, what is held and why. Pure: nothing is read or written here."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from gridhall.billing import _cutting as cutting
from gridhall.billing import by_interval, reasons
from gridhall.billing.block_year import first_years, turned_back, used_in_year
from gridhall.billing.facts import Columns, Facts
from gridhall.billing.further import lay_further, told_further, without_demands
from gridhall.billing.hourly import lay_in_time
from gridhall.billing.joining import PIECE, join
from gridhall.billing.models import FINAL, REGULAR
from gridhall.billing.plausible import Past, by_class, judge
from gridhall.billing.plausible import places as places_of
from gridhall.billing.rows import joined, line_rows, segment_rows, sequence, use_rows
from gridhall.billing.terms import BillTerms, terms_on
from gridhall.columns.money import use_of_registers
from gridhall.columns.rating import RatedBills, Segments, rate
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from gridhall.rules.layout import FAULT_BOUNDS, FAULT_DAYS, FAULT_PARTS

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_BY_INTERVAL = {
    by_interval.LACKS: reasons.INTERVALS_MISSING, by_interval.APART: reasons.INTERVALS_APART,
    by_interval.GUESSED: reasons.INTERVALS_ESTIMATED, by_interval.MISFITS: reasons.INTERVALS_UNFIT,
    by_interval.NONE: reasons.NO_INTERVALS, by_interval.UNPRICED: reasons.UNPRICED,
    by_interval.UNREAD: reasons.UNREAD_CHANGE,
}  # fmt: skip
_FAULTS = {FAULT_PARTS: reasons.REGISTERS, FAULT_BOUNDS: reasons.BOUNDS, FAULT_DAYS: reasons.DAYS}


@dataclass(frozen=True)
class Held:
    """An agreement that is not billed, with the reason and what a person needs to see (Wh, days)."""

    account_id: int
    agreement_id: int
    reason: str
    detail: dict[str, int]


@dataclass(frozen=True)
class Decided:
    """Bills to be written, in columns, and those held. `past` stands beside `bills`; `already`: billed before."""

    bills: Columns
    by_class: Ints
    lines: Columns
    uses: Columns
    segments: Columns
    further: Columns  # facts of segments that few bills have, and energy fed in that is kept (models.BillFact)
    past: Past
    held: list[Held]
    already: int

    def __len__(self) -> int:
        return len(self.bills["account_id"])


@dataclass(frozen=True)
class _Drafts:
    """Agreements that could be billed (columns of equal length) and their pieces of use, sorted by draft."""

    bills: Columns
    pieces: Columns


def decide(facts: Facts) -> Decided:
    """Bill every agreement of the stretch that can be billed."""
    held: list[Held] = []
    drafts, already = _draft(facts, held)
    terms = terms_on(facts.stretch.issued_on)
    past, doubts = judge(facts, drafts.bills, terms)
    for reason, doubtful in (*_breaks(facts, drafts.bills), *doubts):
        _hold(held, drafts.bills, doubtful, reason, past)
    drafts = _without(drafts, held)
    past = past.of(drafts.bills["draft"])
    segments, counts, trouble, cut, laid = _segments(facts, drafts)
    unfit = _hold_intervals(facts, drafts, laid, past, held)
    turned = turned_back(facts, drafts.bills, cut) & (not facts.stretch.accept)
    _hold(held, drafts.bills, turned, reasons.TURN_OF_YEAR, past)
    for code, reason in ((cutting.NO_TERMS, reasons.NO_TERMS), (cutting.NO_TARIFF, reasons.NO_TARIFF)):
        _hold(held, drafts.bills, trouble == code, reason, past)
    rated = rate(facts.book.plans, segments, len(counts))
    for fault, reason in _FAULTS.items():
        _hold(held, drafts.bills, (rated.fault == fault) & ~unfit, reason, past)
    unread = without_demands(facts.further, segments, drafts.pieces, len(counts)) & (rated.fault == 0)
    unread &= ~laid.by_interval & ~unfit
    _hold(held, drafts.bills, unread, reasons.REGISTERS, past)
    good = (trouble == cutting.CUT_WELL) & (rated.fault == 0) & (counts > 0) & ~turned & ~unread & ~unfit
    good &= _hold_unpostable(facts, drafts, rated, good, past, held)
    drafts.bills["year_used_wh"] = cut[cutting.OUT_YEAR_USED]
    return _result(facts, drafts, segments, counts, rated, good, past, held, already, terms, laid)


def _hold_intervals(facts: Facts, drafts: _Drafts, laid: by_interval.Laid, past: Past, held: list[Held]) -> Mask:
    """Hold bills whose intervals are not to be billed by, each with its days; which they are."""
    unfit = np.zeros(len(laid.trouble), np.bool_)
    for code, reason in _BY_INTERVAL.items():
        doubtful = laid.trouble == code
        if not bool(doubtful.any()) or (facts.stretch.accept and reason in reasons.DOUBTS):
            continue
        begun = len(held)
        _hold(held, drafts.bills, doubtful, reason, past)
        for each, bill in zip(held[begun:], np.flatnonzero(doubtful).tolist(), strict=True):
            each.detail.update(by_interval.detail_of(laid, bill))
        unfit |= doubtful
    return unfit


def _hold_unpostable(
    facts: Facts, drafts: _Drafts, rated: RatedBills, good: Mask, past: Past, held: list[Held]
) -> Mask:  # fmt: skip
    """Which bills the ledger takes; the others are held by name, so that one agreement never stops its slice."""
    beyond = good & (np.abs(rated.by_class) > ledger.AMOUNT_MAX).any(axis=1)
    _hold(held, drafts.bills, beyond, reasons.BOUNDS, past)
    places = np.flatnonzero(good & ~beyond)
    many = np.zeros(len(good), np.bool_)
    many[places[sequence(facts, drafts.bills["account_id"][places]) > ledger.BILLS_MAX]] = True
    _hold(held, drafts.bills, many, reasons.TOO_MANY, past)
    return ~beyond & ~many


def _draft(facts: Facts, held: list[Held]) -> tuple[_Drafts, int]:
    """Agreements with usable readings that are not billed yet; those whose readings wait are held."""
    terms, readings = facts.terms, facts.readings
    begins = np.ones(len(terms), np.bool_)
    begins[1:] = terms.agreement_id[1:] != terms.agreement_id[:-1]
    first_term = np.flatnonzero(begins)
    agreements = terms.agreement_id[first_term]
    wanted = np.ones(len(agreements), np.bool_)
    if facts.stretch.only is not None:
        wanted = np.isin(agreements, np.array(facts.stretch.only, np.int64))
    billed = np.isin(agreements, facts.taken["agreement_id"][facts.taken["state"] == 1])
    already = int(np.count_nonzero(wanted & billed))
    wanted &= ~billed
    _wait(facts, agreements, wanted, held)
    place = places_of(agreements, readings.agreement_id)
    _hold_strangers(facts, place < 0, held)
    useful = (place >= 0) & wanted[place] if len(agreements) else np.zeros(len(place), np.bool_)
    order = np.flatnonzero(useful)
    order = order[np.lexsort((readings.previous_on[order], readings.register_id[order], place[order]))]
    drafted, draft_of_piece = np.unique(place[order], return_inverse=True)
    pieces = _pieces(facts, order) | {"draft": draft_of_piece.astype(np.int64)}
    last_term = np.append(first_term[1:], len(terms))
    return _Drafts(_bills(facts, first_term[drafted], last_term[drafted], pieces), pieces), already


def _wait(facts: Facts, agreements: Ints, wanted: Mask, held: list[Held]) -> None:
    """Hold the wanted agreements of which a reading is held or missing, once each; they are wanted no more."""
    readings = facts.readings
    waiting = places_of(agreements, readings.waiting_agreement_id)
    for place, account, agreement, code in zip(
        waiting.tolist(), readings.waiting_account_id.tolist(), readings.waiting_agreement_id.tolist(),
        readings.waiting_reason.tolist(), strict=True,
    ):  # fmt: skip
        if place >= 0 and wanted[place]:
            reason = reasons.READING_MISSING if code == metering.MISSING else reasons.READING_HELD
            held.append(Held(account, agreement, reason, {"reading_reason": code}))
            wanted[place] = False


def _hold_strangers(facts: Facts, strange: Mask, held: list[Held]) -> None:
    """Hold agreements that were read but have no terms at all in these days: they would be passed over in silence."""
    readings, only = facts.readings, facts.stretch.only
    if not bool(strange.any()):
        return
    billed = set(facts.taken["agreement_id"][facts.taken["state"] == 1].tolist())
    pairs = zip(readings.account_id[strange].tolist(), readings.agreement_id[strange].tolist(), strict=True)
    for account, agreement in sorted(set(pairs)):
        if agreement not in billed and (only is None or agreement in only):
            held.append(Held(account, agreement, reasons.NO_TERMS, {}))


def _pieces(facts: Facts, rows: Ints) -> Columns:
    """The readings of these rows with the use they come to."""
    readings = facts.readings
    pieces = {name: getattr(readings, name)[rows] for name in PIECE}
    join(facts, pieces)
    # A demand register shows the highest demand since it was set back: its use is the value itself.
    begin = np.where(metering.is_demand(pieces["tou"]), 0, pieces["previous_value"])
    pieces["wh"] = use_of_registers(
        begin, pieces["current_value"], pieces["digits"], pieces["decimals"], pieces["multiplier"],
        pieces["after_estimate"],
    )  # fmt: skip
    return pieces


def _bills(facts: Facts, first_term: Ints, last_term: Ints, pieces: Columns) -> Columns:
    """One row per draft: who, from when to when, how much, and where it stands in the year."""
    terms = facts.terms
    n = len(first_term)
    starts = np.searchsorted(pieces["draft"], np.arange(n)) if n else np.zeros(0, np.int64)

    def over(function: "np.ufunc", values: Ints) -> Ints:
        return np.asarray(function.reduceat(values, starts), np.int64) if n else np.zeros(0, np.int64)

    part = metering.is_part(pieces["tou"])
    by_period = over(np.maximum, part.astype(np.int64))
    fed_in_by_period = over(np.maximum, metering.is_fed_in_part(pieces["tou"]).astype(np.int64))
    whole = over(np.add, np.where(pieces["tou"] == metering.TOTAL, pieces["wh"], 0))
    parts = over(np.add, np.where(part, pieces["wh"], 0))
    agreement = terms.agreement_id[first_term]
    last = places_of(facts.last_bill["agreement_id"], agreement)
    from_day = over(np.minimum, pieces["previous_on"])
    first_year = first_years(facts, last, from_day)
    return {
        "draft": np.arange(n, dtype=np.int64),
        "account_id": terms.account_id[first_term],
        "agreement_id": agreement,
        "area_id": terms.area_id[first_term],
        "class_code": terms.class_code[first_term],
        "since": terms.agreement_since[first_term],
        "until": terms.agreement_until[first_term],
        "first_term": first_term,
        "last_term": last_term,
        "from_day": from_day,
        "to_day": over(np.maximum, pieces["current_on"]),
        "estimated": over(np.maximum, (pieces["kind"] == metering.ESTIMATED).astype(np.int64)),
        "after_estimate": over(np.maximum, pieces["after_estimate"]),
        "moved": over(np.maximum, pieces["moved"]),
        "by_period": by_period,
        "fed_in_by_period": fed_in_by_period,
        "wh": np.where(by_period == 1, parts, whole),
        "first_year": first_year,
        "year_used_wh": used_in_year(facts, agreement, last, first_year),
        "last": last,
        "last_period": _last_periods(facts, last),
    }


def _last_periods(facts: Facts, last: Ints) -> Ints:
    """The period of the bill before each draft, 0 where there is none."""
    if not len(facts.last_bill["period"]):
        return np.zeros(len(last), np.int64)
    return np.where(last >= 0, facts.last_bill["period"][last], 0).astype(np.int64)


def _breaks(facts: Facts, bills: Columns) -> list[tuple[str, Mask]]:
    """Bills must follow one another without a gap or an overlap."""
    last, from_day, to_day = bills["last"], bills["from_day"], bills["to_day"]
    n = len(last)
    before = (
        np.where(last >= 0, facts.last_bill["to_on"][last], from_day) if len(facts.last_bill["to_on"]) else from_day
    )
    later = places_of(facts.later["agreement_id"], bills["agreement_id"])
    after = to_day
    if len(facts.later["agreement_id"]):
        after = np.where(later >= 0, facts.later["from_on"][later], to_day)
    return [
        (reasons.EARLIER_OPEN, before < from_day),
        (reasons.OVERLAPS, (before > from_day) | (after < to_day)),
        (reasons.VALUE_MOVED, (bills["moved"] == 1) & (not facts.stretch.accept)),
        (reasons.DAYS, (to_day <= from_day) & (bills["wh"] != 0) if n else np.zeros(0, np.bool_)),
    ]


def _hold(held: list[Held], bills: Columns, doubtful: Mask, reason: str, past: Past) -> None:
    for k in np.flatnonzero(doubtful).tolist():
        detail = {
            "wh": int(bills["wh"][k]),
            "days": int(bills["to_day"][k] - bills["from_day"][k]),
            "last_month_wh": int(past.month_wh[k]),
            "last_year_wh": int(past.year_wh[k]),
        }
        held.append(Held(int(bills["account_id"][k]), int(bills["agreement_id"][k]), reason, detail))


def _without(drafts: _Drafts, held: list[Held]) -> _Drafts:
    """The drafts that are not held; those without a day (nothing to bill) go too. `draft` keeps the old places."""
    bills, pieces = drafts.bills, drafts.pieces
    stopped = np.array([each.agreement_id for each in held], np.int64)
    keep = ~np.isin(bills["agreement_id"], stopped) & (bills["to_day"] > bills["from_day"])
    if bool(keep.all()):
        return drafts
    places = np.cumsum(keep) - 1
    kept_pieces = keep[pieces["draft"]]
    left = {name: values[kept_pieces] for name, values in pieces.items()}
    left["draft"] = places[left["draft"]]
    return _Drafts({name: values[keep] for name, values in bills.items()}, left)


def _segments(facts: Facts, drafts: _Drafts) -> tuple[Segments, Ints, Ints, Ints, by_interval.Laid]:
    """Cut the drafts into segments and lay their use on them: (segments, number of each draft, trouble, the cut, what
    the intervals came to). A draft's use is that of its intervals where it goes by them."""
    bills, terms, pieces = drafts.bills, facts.terms, drafts.pieces
    n_bills = len(bills["account_id"])
    year = facts.stretch.period // 100
    cut = np.zeros((cutting.N_BILL, n_bills), np.int64)
    for row, values in (
        (cutting.FIRST_TERM, bills["first_term"]), (cutting.LAST_TERM, bills["last_term"]),
        (cutting.BILL_FROM, bills["from_day"]), (cutting.BILL_TO, bills["to_day"]),
        (cutting.SINCE, bills["since"]), (cutting.UNTIL, bills["until"]),
        (cutting.YEAR, year), (cutting.FIRST_YEAR, bills["first_year"]),
        (cutting.LAST_TURN, np.where(bills["first_year"] < year, date(year, 1, 1).toordinal(), 0)),
        (cutting.BILL_PERIOD, facts.stretch.period),
        (cutting.USED_BEFORE, bills["year_used_wh"]),
        (cutting.FIRST_BILL, bills["last"] < 0),
    ):  # fmt: skip
        cut[row] = values
    term_rows = np.stack([
        terms.since, terms.until, terms.tariff, terms.capacity_va, terms.contract_w, terms.power_factor_standard,
        terms.persons, terms.allowance_wh, terms.sub_share, terms.sub_wh,
    ])  # fmt: skip
    counts, trouble = np.zeros(n_bills, np.int64), np.zeros(n_bills, np.int64)
    book = facts.book
    tariffs = (book.days, book.firsts, book.plans.table, book.plans.starts)
    cutting.measure(cut)
    cutting.count_segments(cut, term_rows, *tariffs, counts, trouble)
    counts[trouble != cutting.CUT_WELL] = 0
    starts = np.zeros(n_bills + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    n = int(starts[-1])
    segments = Segments.zeros(n)
    block = segments.facts()
    cutting.fill_segments(cut, term_rows, *tariffs, counts, block, n)
    laid = np.stack([pieces["previous_on"], pieces["current_on"], pieces["tou"], pieces["wh"], pieces["draft"]])
    cutting.lay_use(laid, starts, block, n, np.zeros(2 * int(counts.max(initial=1)), np.int64))
    cutting.total_of_parts(bills["by_period"], starts, block, n)
    if bool(bills["fed_in_by_period"].any()):
        cutting.total_fed_in(bills["fed_in_by_period"], starts, block, n)
    laid_intervals = by_interval.lay_intervals(
        facts.intervals, bills["by_period"], pieces, starts, segments, bills["wh"], book.plans
    )  # fmt: skip
    by_interval.note_changes(laid_intervals, book.plans, segments, starts, pieces)
    _take_over(laid_intervals, bills, segments, starts)
    cutting.place_in_year(cut, starts, block, n, book.plans.table, book.plans.starts)
    if facts.intervals.slots is not None:
        lay_in_time(laid_intervals.gathered, facts.intervals.slots, facts.intervals.calendars, book.plans, segments)
    lay_further(facts.further, facts.stretch.period, bills, segments)
    return segments, counts, trouble, cut, laid_intervals


def _take_over(laid: by_interval.Laid, bills: Columns, segments: Segments, starts: Ints) -> None:
    """Bills by intervals are of the energy that these add up to, and estimated where a step is."""
    if not bool(laid.by_interval.any()):
        return
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(segments.wh_total)])
    bills["wh"] = np.where(laid.by_interval, sums[starts[1:]] - sums[starts[:-1]], bills["wh"])
    bills["estimated"] = np.maximum(bills["estimated"], (laid.by_interval & (laid.estimated > 0)).astype(np.int64))


def _result(
    facts: Facts, drafts: _Drafts, segments: Segments, counts: Ints, rated: RatedBills, good: Mask, past: Past,
    held: list[Held], already: int, terms: BillTerms, laid: by_interval.Laid,
) -> Decided:  # fmt: skip
    """The good bills as the rows that are written."""
    places = np.cumsum(good) - 1
    first_segment = np.cumsum(counts) - counts
    last_segment = np.maximum(first_segment + counts - 1, 0)[good]
    bills = {name: values[good] for name, values in drafts.bills.items()}
    seq = sequence(facts, bills["account_id"])
    stretch = facts.stretch
    rows: Columns = {
        "account_id": bills["account_id"],
        "seq": seq,
        "agreement_id": bills["agreement_id"],
        "area_id": bills["area_id"],
        "kind": np.where(bills["until"] <= bills["to_day"], FINAL, REGULAR),
        "class_code": bills["class_code"],
        "estimated": bills["estimated"],
        "plan_id": facts.book.ids[segments.plan[last_segment]],
        "from_on": bills["from_day"],
        "to_on": bills["to_day"],
        "wh": bills["wh"],  # as metered; what is priced of it after losses and export the lines say
        "year_used_wh": bills["year_used_wh"],
        "year_months": segments.year_months[last_segment],
        "amount": rated.bill_amount[good],
        "due_on": stretch.issued_on.toordinal() + by_class(terms.due_days, bills["class_code"]),
    }
    return Decided(
        bills=rows,
        by_class=np.ascontiguousarray(rated.by_class[good]),
        lines=line_rows(facts, segments, first_segment, rated, good, places, rows),
        uses=use_rows(drafts.pieces, good, places, rows),
        segments=segment_rows(facts, segments, counts, good, places, rows),
        further=joined(
            told_further(segments, counts, rated.credit_wh, good, places, rows),
            by_interval.told_intervals(laid, drafts.bills["wh"], good, places, rows),
        ),
        past=past.of(np.flatnonzero(good)),
        held=held,
        already=already,
    )
