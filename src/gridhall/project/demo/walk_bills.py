"""The walk from readings to bills: checks, a held reading settled, the bill run, bills worked out by hand,
documents."""

from datetime import date
from io import BytesIO

import pikepdf

from gridhall.billing import public as billing
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from gridhall.project.demo import events, months, use
from gridhall.project.demo.opening import ACTOR
from gridhall.project.demo.steps import Step, Walk
from gridhall.project.demo.town import SHENZHEN, ZHEJIANG
from gridhall.territory import public as territory

LAST = use.MONTHS - 1


def checks(walk: Walk, step: Step) -> None:
    """Every reading with swapped digits that shows too much or too little was held; the missing ones are known."""
    period = use.periods()[LAST]
    happened = events.of_month(walk.town, LAST)
    hanging = walk.place.hanging
    waiting = {each.register_id for each in metering.held(period=period, limit=100_000)}
    shown = hanging.shows()
    planted = [
        int(hanging.register_id[place])
        for place in hanging.of(happened.swapped)
        # a meter that shows 00000 cannot be read with two digits exchanged
        if hanging.tou[place] == metering.TOTAL and events.swap_digits(shown[[place]])[0] != shown[place]
    ]
    step.figures["planted"] = len(planted)
    step.same("planted and held", len(waiting.intersection(planted)), len(planted))
    progress = metering.reading_progress(period)
    step.same("registers without reading", sum(each.missing for each in progress), len(hanging.of(happened.missing)))
    step.figures["held"] = len(waiting)
    first, after = use.first_day(period), use.next_day(period)
    known = [len(territory.temperatures(each.code, first, after)) for each in territory.districts()]
    step.same("days with a temperature", known, [(after - first).days] * len(known))
    walk.seen["planted"] = planted


def settle(walk: Walk, step: Step) -> None:
    """One held reading is corrected to what the meter shows, and the bill run will see that value."""
    period = use.periods()[LAST]
    wanted = walk.seen["planted"][0]
    waiting = next(each for each in metering.held(period=period, limit=100_000) if each.register_id == wanted)
    hanging = walk.place.hanging
    truth = int(hanging.shows()[hanging.register_id == wanted][0])
    done = metering.settle_held(ACTOR, [waiting.id], "corrected", {waiting.id: truth}, note="read again")
    step.same("settled", done.settled, 1)
    values = [each for each in metering.register_values(waiting.account_id) if each.register_id == wanted]
    step.same("value", values[0].value, truth)
    step.same("kind", values[0].kind, metering.CORRECTED)
    # the others are right after all or put right, so that this month can be billed whole
    step.figures["settled beside"] = months.settle(walk.place, period)
    estimated = sum(metering.estimate_missing(ACTOR, period, unit.id).estimated for unit in territory.units())
    step.same("estimated", estimated, len(hanging.of(events.of_month(walk.town, LAST).missing)))


def bill(walk: Walk, step: Step) -> None:
    """The run bills what the preview promised, and a second run bills nothing."""
    period = use.periods()[LAST]
    seen = billing.preview(ACTOR, period)
    assert seen.preview is not None
    billing.approve(ACTOR, seen.id)
    run = billing.run(ACTOR, seen.id, processes=2)
    step.same("bills", run.bills, seen.preview.bills)
    step.same("amount", run.amount, seen.preview.amount)
    step.same("state", run.state, "done")
    step.same("bills and holds", run.bills + run.held, walk.town.size)
    again = billing.preview(ACTOR, period)
    assert again.preview is not None
    step.same("bills of a second run", again.preview.bills, 0)
    billing.abandon(ACTOR, again.id)
    walk.seen["bills"] = all_bills(walk)
    step.same(
        "bills of the period", sum(1 for each in walk.seen["bills"] if each.period == period), run.bills
    )  # fmt: skip


def all_bills(walk: Walk) -> list[billing.BillSummary]:
    """Every bill of the town, those of people who have moved out too."""
    accounts = sorted({int(each) for each in walk.seen["accounts"]} | set(walk.place.account_id.tolist()))
    return [each for account in accounts for each in billing.bills_of(account)]


def by_hand(walk: Walk, step: Step) -> None:
    """Bills of two plain tariffs, worked out here from the notices' prices, must come to the same fen."""
    codes = walk.town.accounts["tariff_code"].to_numpy()
    persons = walk.town.accounts["persons"].to_numpy()
    poor = walk.town.accounts["allowance_wh"].to_numpy()
    changed = {row for change in walk.life.changes for row in change.rows.tolist()}
    for code, worked in ((ZHEJIANG, zhejiang), (SHENZHEN, shenzhen)):
        rows = [
            row
            for row in range(walk.town.size)
            if codes[row] == code and persons[row] < 5 and not poor[row] and row not in changed
        ][:3]
        compared = 0
        for row in rows:
            for each in billing.bills_of(int(walk.place.account_id[row])):
                if each.kind != billing.REGULAR or each.state != billing.ISSUED or each.from_on.day != 1:
                    continue
                view = billing.bill(each.account_id, each.period, each.seq)
                if view.amount != worked(view):
                    step.problems.append(f"{view.number} ({code}): {view.amount}, by hand {worked(view)}")
                if view.amount != sum(line.amount for line in view.lines):
                    step.problems.append(f"{view.number}: its lines do not add up")
                compared += 1
        step.figures[code] = compared
        step.sure(f"some bills of {code} were compared", compared > 20)


def zhejiang(view: billing.BillView) -> int:
    """0.538 yuan a kWh; 0.05 more above 230 kWh, 0.30 more above 400 kWh, times the months of the year. In fen."""
    first, second = 230_000 * view.year_months, 400_000 * view.year_months
    before, after = view.year_used_wh, view.year_used_wh + view.wh
    above_first = max(0, after - first) - max(0, before - first)
    above_second = max(0, after - second) - max(0, before - second)
    # 10**-4 yuan a kWh on Wh: 10**-7 yuan, 10**-5 fen
    return half_up(view.wh * 5380 + above_first * 500 + above_second * 2500, 100_000)


def shenzhen(view: billing.BillView) -> int:
    """0.66286875 yuan a kWh; 0.05 more above 260 kWh in summer (200 otherwise), 0.30 more above 600 (400). In fen."""
    summer = 5 <= date.fromordinal(view.to_on.toordinal() - 1).month <= 10
    first, second = (260_000, 600_000) if summer else (200_000, 400_000)
    above_first, above_second = max(0, view.wh - first), max(0, view.wh - second)
    # 10**-8 yuan a kWh on Wh: 10**-11 yuan, 10**-9 fen
    return half_up(view.wh * 66_286_875 + above_first * 5_000_000 + above_second * 25_000_000, 10**9)


def half_up(parts: int, of: int) -> int:
    """Whole units, half upwards, away from zero for negative amounts as for positive ones."""
    return (2 * abs(parts) + of) // (2 * of) * (1 if parts >= 0 else -1)


def again(walk: Walk, step: Step) -> None:
    """A bill cancelled and made again from the same readings comes to the same fen, and the books stay right."""
    period = use.periods()[LAST]
    old = next(each for each in walk.seen["bills"] if each.period == period and each.amount > 0)
    before = ledger.owed(old.account_id).total
    done = billing.rebill(ACTOR, old.account_id, period, "walk")
    step.same("new bills", len(done.bills), 1)
    new = billing.bill(done.bills[0].account_id, done.bills[0].period, done.bills[0].seq)
    step.same("amount", new.amount, old.amount)
    step.same("seq", new.seq, old.seq + 1)
    step.same("old bill", billing.bill(old.account_id, period, old.seq).state, billing.CANCELLED)
    step.same("owed", ledger.owed(old.account_id).total, before)
    walk.seen["bills"] = all_bills(walk)


def document(walk: Walk, step: Step) -> None:
    """A bill in both languages is one page; an area's print file has a page for each bill."""
    some = next(each for each in reversed(walk.seen["bills"]) if each.period == use.periods()[LAST])
    for language in ("zh", "en"):
        pdf = billing.document(some.account_id, some.period, some.seq, language)
        with pikepdf.open(BytesIO(pdf)) as opened:
            step.same(f"pages ({language})", len(opened.pages), 1)
        step.figures[f"bytes ({language})"] = len(pdf)
    area = int(walk.town.accounts["area_id"][0])
    path = billing.print_file(ACTOR, area, some.period)
    mine = {
        int(walk.place.account_id[row]) for row in range(walk.town.size) if walk.town.accounts["area_id"][row] == area
    }
    wanted = sum(
        each.period == some.period and each.account_id in mine and each.state == billing.ISSUED
        for each in walk.seen["bills"]
    )
    with pikepdf.open(path) as opened:
        step.same("pages of the print file", len(opened.pages), wanted)


def rate_again(walk: Walk, step: Step) -> None:
    """Every bill of two years, rated anew from what it stores, gives the same fen: all over columns, some one by
    one."""
    again = [billing.rate_period_again(period) for period in use.periods()]
    different = [str(key) for _, keys in again for key in keys]
    some = walk.seen["bills"][::10]
    different += [
        each.number for each in some if billing.rate_again(each.account_id, each.period, each.seq) != each.amount
    ]
    step.same("bills", sum(count for count, _ in again), len(walk.seen["bills"]))
    step.figures["one by one"] = len(some)
    step.same("different", len(different), 0)
    step.problems.extend(different[:10])


STEPS = (
    ("readings checked", checks),
    ("held reading settled", settle),
    ("bills run", bill),
    ("bills by hand", by_hand),
    ("cancelled and made again", again),
    ("bills rated again", rate_again),
    ("documents", document),
)
