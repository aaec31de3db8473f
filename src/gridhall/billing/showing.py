"""Bills as they are shown: every line in words, the readings, the blocks of the year, the months before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import TypeVar

from django.conf import settings
from django.db.models import Q

from gridhall.billing import words
from gridhall.billing.blocks import blocks_of
from gridhall.billing.facts import month_before
from gridhall.billing.models import CANCELLED, FINAL, ISSUED, Bill, BillLine, BillSegment, BillUse
from gridhall.billing.views import (
    BillLineView,
    BillSummary,
    BillUseView,
    BillView,
    MonthUse,
    TariffOfBill,
    YearBlocks,
)
from gridhall.customers import public as customers
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from gridhall.rules.layout import CLASS_ALLOWANCE
from gridhall.rules.leaving import months_of_supply
from gridhall.tariffs import public as tariffs

Key = tuple[int, int, int]
Row = TypeVar("Row", BillLine, BillUse, BillSegment)


def bill(account_id: int, period: int, seq: int, account_number: str = "") -> BillView:
    """One bill in words; `account_number` where the caller knows it. Refuses unknown_bill."""
    found = list(Bill.objects.filter(account_id=account_id, period=period, seq=seq))
    if not found:
        raise _unknown(account_id, period, seq)
    return views(found, {account_id: account_number} if account_number else None)[0]


def _unknown(account_id: int, period: int, seq: int) -> Refusal:
    return Refusal("unknown_bill", "There is no such bill.", "没有这张账单。", value=f"{account_id}-{period}-{seq}")


def bills_of(account_id: int, limit: int = 200, account_number: str = "") -> list[BillSummary]:
    """An account's bills, the newest first, cancelled ones too. `account_number` where the caller knows it."""
    number = account_number or customers.account_numbers([account_id]).get(account_id, "")
    rows = Bill.objects.filter(account_id=account_id).order_by("-period", "-seq")[:limit]
    return [
        BillSummary(
            row.account_id, row.period, row.seq, bill_number(number, row.period, row.seq),
            row.kind, row.state, row.estimated, row.from_on, row.to_on, row.wh, row.amount, row.issued_on, row.due_on,
        )
        for row in rows
    ]  # fmt: skip


def bill_number(account_number: str, period: int, seq: int) -> str:
    """What people call a bill: period, customer number, and which one it is."""
    return f"{period // 100}-{period % 100:02d}-{account_number}-{seq}"


def months_of(account_id: int, until_period: int, months: int = 13) -> list[MonthUse]:
    """Use and cost month by month up to `until_period`, the oldest first; a month without a bill is all 0."""
    return months_of_many([account_id], until_period, months)[account_id]


def months_of_many(account_ids: Sequence[int], until_period: int, months: int = 13) -> dict[int, list[MonthUse]]:
    """The months of many accounts, in two queries. A month with two bills (a move) is their sum."""
    first = month_before(until_period, months - 1)
    span = {"account_id__in": list(account_ids), "period__gte": first, "period__lte": until_period}
    sums: dict[tuple[int, int], list[int]] = {}
    issued: set[Key] = set()
    for account, period, seq, wh, amount, from_on, to_on, estimated in Bill.objects.filter(
        state=ISSUED, **span
    ).values_list("account_id", "period", "seq", "wh", "amount", "from_on", "to_on", "estimated"):
        row = sums.setdefault((account, period), [0] * 8)
        row[0] += wh
        row[1] += amount
        row[2] += (to_on - from_on).days
        row[3] |= int(estimated)
        issued.add((account, period, seq))
    parts = (metering.SHARP, metering.PEAK, metering.FLAT, metering.VALLEY, metering.DEEP_VALLEY)
    for account, period, seq, tou, wh in BillUse.objects.filter(tou__in=parts, **span).values_list(
        "account_id", "period", "seq", "tou", "wh"
    ):
        if (account, period, seq) in issued:
            # the chart has no colour of its own for a deep valley
            sums[(account, period)][3 + min(tou, metering.VALLEY)] += wh
    empty = [0] * 8
    return {
        account: [
            _month(period, sums.get((account, period), empty))
            for period in (month_before(until_period, back) for back in range(months - 1, -1, -1))
        ]
        for account in account_ids
    }


def _month(period: int, row: list[int]) -> MonthUse:
    return MonthUse(period, row[0], row[1], row[2], bool(row[3]), (row[4], row[5], row[6], row[7]))


def year_blocks(account_id: int, on: date | None = None) -> YearBlocks | None:
    """The blocks as the account's newest bill (issued on or before `on`) leaves them; None without blocks or bills."""
    rows = Bill.objects.filter(account_id=account_id, state=ISSUED)
    if on is not None:
        rows = rows.filter(issued_on__lte=on)
    newest = rows.order_by("-period", "-seq").first()
    if newest is None:
        return None
    mine = {"account_id": account_id, "period": newest.period, "seq": newest.seq}
    uses = list(BillUse.objects.filter(**mine).order_by("n"))
    return _blocks(newest, uses, list(BillSegment.objects.filter(**mine).order_by("n")))


def views(rows: Sequence[Bill], account_numbers: Mapping[int, str] | None = None) -> list[BillView]:
    """Bills of any accounts in words, in the order given; a handful of queries for all of them."""
    keys = [_key(row) for row in rows]
    lines = _by_bill(BillLine.objects.filter(_any_of(keys)).order_by("account_id", "period", "seq", "n"))
    uses = _by_bill(BillUse.objects.filter(_any_of(keys)).order_by("account_id", "period", "seq", "n"))
    segments = _by_bill(BillSegment.objects.filter(_any_of(keys)).order_by("account_id", "period", "seq", "n"))
    component_words = tariffs.components({line.component for each in lines.values() for line in each})
    serials = metering.serials_of({use.register_id for each in uses.values() for use in each})
    numbers = account_numbers or customers.account_numbers({row.account_id for row in rows})
    stamps = {plan: _tariff(plan) for plan in {row.plan_id for row in rows}}
    return [
        _view(
            row, numbers.get(row.account_id, ""), stamps[row.plan_id],
            tuple(_line(line, component_words[line.component]) for line in lines.get(key, ())),
            tuple(_use(use, serials.get(use.register_id, "")) for use in uses.get(key, ())),
            _blocks(row, uses.get(key, []), segments.get(key, [])),
        )
        for row, key in zip(rows, keys, strict=True)
    ]  # fmt: skip


def _key(row: Bill | BillLine | BillUse | BillSegment) -> Key:
    return row.account_id, row.period, row.seq


def _any_of(keys: Sequence[Key]) -> Q:
    """Rows of these bills; of one period the whole is one condition, so that a thousand bills are one query."""
    wanted = Q(pk__in=[])
    for period, group in groupby(sorted(keys, key=lambda key: key[1]), key=lambda key: key[1]):
        members = list(group)
        wanted |= Q(
            period=period, account_id__in=[key[0] for key in members], seq__in=sorted({key[2] for key in members})
        )
    return wanted


def _by_bill(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(row)
    return found


def _tariff(plan_id: int) -> TariffOfBill:
    tariff = tariffs.tariff_of_version(plan_id)
    version = tariff.version
    assert version is not None, "a bill's version is there for ever"
    return TariffOfBill(
        plan_id, tariff.code, tariff.name_en, tariff.name_zh, version.content_hash, version.source, version.sample
    )


def _line(line: BillLine, component: tariffs.ComponentWords) -> BillLineView:
    decimals = settings.CURRENCY_DECIMALS
    name_en, name_zh = words.line_name(component, line)
    sentence_en, sentence_zh = words.line_sentence(component, line, decimals)
    unit_en, unit_zh = words.UNITS[line.unit]
    per_cent = unit_en == "%"
    return BillLineView(
        n=line.n, component=line.component, key=component.key, kind=component.kind, name_en=name_en, name_zh=name_zh,
        clause_en=component.clause_en, clause_zh=component.clause_zh, sentence_en=sentence_en, sentence_zh=sentence_zh,
        block=line.block, tou=line.tou, segment=line.segment, unit=line.unit, unit_en=unit_en, unit_zh=unit_zh,
        quantity=line.quantity,
        quantity_text=words.money(line.base, decimals) if per_cent else words.decimal(line.quantity, 3),
        price=line.price, price_text=words.decimal(line.price, 8) if per_cent else words.price(line.price),
        base=line.base, amount=line.amount, rest=line.rest, exact=words.exact(line.amount, line.rest, decimals),
        ledger_class=component.ledger_class,
    )  # fmt: skip


def _use(use: BillUse, serial: str) -> BillUseView:
    return BillUseView(
        n=use.n, register_id=use.register_id, meter_serial=serial, tou=use.tou, kind=use.kind,
        estimated=use.kind == metering.ESTIMATED, previous_on=use.previous_on, previous_value=use.previous_value,
        previous_text=words.decimal(use.previous_value, use.decimals, use.decimals), current_on=use.current_on,
        current_value=use.current_value, current_text=words.decimal(use.current_value, use.decimals, use.decimals),
        multiplier=use.multiplier, decimals=use.decimals, wh=use.wh,
    )  # fmt: skip


def _blocks(row: Bill, uses: Sequence[BillUse], segments: Sequence[BillSegment]) -> YearBlocks | None:
    facts = {
        "wh_total": row.wh, "year_used_wh": row.year_used_wh, "year_months": row.year_months, "period_months": 1,
        "from_day": row.from_on.toordinal(), "to_day": row.to_on.toordinal(),
    }  # fmt: skip
    if segments:
        last = segments[-1]
        facts |= {
            "period_months": last.period_months, "persons": last.persons,
            "from_day": last.from_on.toordinal(), "to_day": last.to_on.toordinal(),
        }  # fmt: skip
    if row.kind == FINAL:
        facts["supplied_months"] = months_of_supply(row.period // 100, facts["year_months"], facts["to_day"])
    for use in uses:
        if 1 <= use.tou <= 4 or use.tou == metering.DEEP_VALLEY:
            name = {1: "wh_sharp", 2: "wh_peak", 3: "wh_flat", 4: "wh_valley"}.get(use.tou, "wh_deep")
            facts[name] = facts.get(name, 0) + use.wh
    return blocks_of(tariffs.plan(row.plan_id), facts, row.period // 100)


def _view(
    row: Bill, number: str, tariff: TariffOfBill, lines: tuple[BillLineView, ...], uses: tuple[BillUseView, ...],
    blocks: YearBlocks | None,
) -> BillView:  # fmt: skip
    sentence_en, sentence_zh = _sentence(row, lines, uses, blocks)
    return BillView(
        account_id=row.account_id, period=row.period, seq=row.seq, number=bill_number(number, row.period, row.seq),
        agreement_id=row.agreement_id, unit_id=row.unit_id, area_id=row.area_id, run_id=row.run_id, kind=row.kind,
        state=row.state, class_code=row.class_code, estimated=row.estimated, plan_id=row.plan_id, from_on=row.from_on,
        to_on=row.to_on, wh=row.wh, year_used_wh=row.year_used_wh, year_months=row.year_months, amount=row.amount,
        issued_on=row.issued_on, due_on=row.due_on, tariff=tariff, lines=lines, uses=uses, blocks=blocks,
        sentence_en=sentence_en, sentence_zh=sentence_zh,
        replaces=bill_number(number, row.period, row.seq - 1) if row.seq > 1 else "",
        days=(row.to_on - row.from_on).days,
    )  # fmt: skip


def _sentence(
    row: Bill, lines: Sequence[BillLineView], uses: Sequence[BillUseView], blocks: YearBlocks | None
) -> tuple[str, str]:  # fmt: skip
    """The bill in a sentence or two: how much in how many days, and where the year's blocks stand."""
    decimals = settings.CURRENCY_DECIMALS
    kwh, amount, days = words.decimal(row.wh, 3), words.money(row.amount, decimals), (row.to_on - row.from_on).days
    en = f"You used {kwh} kWh in {days} days; the bill comes to {amount}."
    zh = f"{days}天用电 {kwh} 千瓦时，电费合计 {amount} 元。"
    if row.estimated and not any(use.estimated for use in uses):
        en += " Some hours of its interval data were missing and are estimated."
        zh += "其中部分时段的负荷数据缺失，按规则估算。"
    elif row.estimated:
        en += " Part of it is estimated; the next reading puts it right."
        zh += "其中含估抄电量，下次抄表后自动清算。"
    here = next((each for each in blocks.blocks if each.current), None) if blocks else None
    if blocks and here:
        used = words.decimal(blocks.used_wh, 3)
        span_en, span_zh = ("this year", "今年") if blocks.cycle == "year" else ("this month", "本月")
        en += f" {used} kWh are used {span_en}: you are in the {words.ordinal_en(here.n)} block"
        zh += f"{span_zh}累计 {used} 千瓦时，处于第{words.ordinal_zh(here.n)}档"
        if here.high_wh is not None:
            left = words.decimal(here.high_wh - blocks.used_wh, 3)
            en, zh = f"{en}, {left} kWh below its end", f"{zh}，距下一档还有 {left} 千瓦时"
        en, zh = f"{en}.", f"{zh}。"
    given = -sum(line.amount for line in lines if line.ledger_class == CLASS_ALLOWANCE)
    if given > 0:
        en += f" Your allowance takes off {words.money(given, decimals)}."
        zh += f"免费电量抵减 {words.money(given, decimals)} 元。"
    if row.state == CANCELLED:
        en, zh = f"This bill is cancelled. {en}", f"此账单已作废。{zh}"
    return en, zh
