"""Reading tariffs. An approved version never changes, so plans and words are kept in the process."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.db.models import Q

from gridhall.rules import layout
from gridhall.rules.plan import CompiledPlan, ComponentWords
from gridhall.tariffs import models
from gridhall.tariffs.interval_terms import hourly_terms, interval_calendar
from gridhall.tariffs.looking_back import looks_back
from gridhall.tariffs.views import PriceRow, TariffView, VersionInForce, VersionView, Waiting


def forget() -> None:
    """Drop what is kept in the process (a test database is made anew under the same ids)."""
    _plans.clear()
    _words.cache_clear()
    _kept.clear()
    looks_back.cache_clear()
    interval_calendar.cache_clear()
    hourly_terms.cache_clear()


_plans: dict[int, CompiledPlan] = {}


def plan(version_id: int) -> CompiledPlan:
    """The compiled plan of a version. LookupError where there is none. A draft is read anew each time: another process
    may have kept it otherwise since."""
    if version_id in _plans:
        return _plans[version_id]
    version = models.TariffVersion.objects.select_related("tariff").filter(id=version_id).first()
    if version is None:
        raise LookupError(f"there is no tariff version {version_id}")
    words = tuple(words for _, words in _words(version_id, _text_of(version)))
    found = CompiledPlan(version.tariff_id, version.tariff.currency, version.decimals, tuple(version.table), words)
    if version.state == models.APPROVED:
        _plans[version_id] = found
    return found


def component_ids(version_id: int) -> tuple[int, ...]:
    """Component ids of an approved version by their place in the plan."""
    return tuple(component_id for component_id, _ in _words(version_id, ""))


def components(ids: Iterable[int]) -> dict[int, ComponentWords]:
    """What components are called and which clause they rest on, by component id."""
    wanted = set(ids)
    missing = [component for component in wanted if component not in _kept]
    if missing:
        _kept.update({row.pk: _component_words(row) for row in models.Component.objects.filter(id__in=missing)})
    return {component: _kept[component] for component in wanted if component in _kept}


def versions_in_force(codes: Iterable[str], since: date, until: date) -> list[VersionInForce]:
    """Approved versions of the tariffs that are in force on any day of [since, until), by code and day."""
    rows = (
        models.TariffVersion.objects.filter(tariff_id__in=list(codes), state=models.APPROVED, from_on__lt=until)
        .filter(Q(until_on__isnull=True) | Q(until_on__gt=since))
        .order_by("tariff_id", "from_on")
        .values_list("tariff_id", "id", "from_on", "until_on")
    )
    return [
        VersionInForce(code, version, from_on, until_on, plan(version)) for code, version, from_on, until_on in rows
    ]


def tariffs(on: date) -> list[TariffView]:
    """Every tariff of the catalogue with its version in force on a day. Two queries, and the words once a process."""
    rows = (
        models.TariffVersion.objects.filter(state=models.APPROVED, from_on__lte=on)
        .filter(Q(until_on__isnull=True) | Q(until_on__gt=on))
        .order_by("from_on")
    )
    in_force = {row.tariff_id: row for row in rows}  # the latest wins
    return [
        TariffView(
            tariff.code, tariff.name_en, tariff.name_zh, tariff.currency, tariff.class_code,
            _view(in_force[tariff.code]) if tariff.code in in_force else None, tariff.place, tariff.meter,
        )
        for tariff in models.Tariff.objects.order_by("code")
    ]  # fmt: skip


def tariff_in_force(code: str, on: date) -> TariffView | None:
    """A tariff with the version in force on a day; None where there is no such tariff."""
    tariff = models.Tariff.objects.filter(code=code).first()
    if tariff is None:
        return None
    version = (
        models.TariffVersion.objects.filter(tariff_id=code, state=models.APPROVED, from_on__lte=on)
        .filter(Q(until_on__isnull=True) | Q(until_on__gt=on))
        .order_by("-from_on")
        .first()
    )
    return TariffView(
        tariff.code, tariff.name_en, tariff.name_zh, tariff.currency, tariff.class_code,
        _view(version) if version else None, tariff.place, tariff.meter,
    )  # fmt: skip


def tariff_of_version(version_id: int) -> TariffView:
    """The tariff that a version belongs to, with this version. LookupError where there is none."""
    row = models.TariffVersion.objects.select_related("tariff").filter(id=version_id).first()
    if row is None:
        raise LookupError(f"there is no tariff version {version_id}")
    tariff = row.tariff
    return TariffView(
        tariff.code, tariff.name_en, tariff.name_zh, tariff.currency, tariff.class_code, _view(row), tariff.place,
        tariff.meter,
    )  # fmt: skip


def version_ids(codes: Iterable[str] | None = None) -> dict[str, list[int]]:
    """Ids of all versions of these tariffs (None: of all), drafts too, by code; a code that nobody knows is left out.
    One query."""
    found: dict[str, list[int]] = {}
    rows = models.TariffVersion.objects.all()
    if codes is not None:
        rows = rows.filter(tariff_id__in=list(codes))
    for code, version in rows.values_list("tariff_id", "id"):
        found.setdefault(code, []).append(version)
    return found


def waiting() -> list[Waiting]:
    """Versions that are drafted, wait for approval or were rejected, of all tariffs, those that wait first."""
    order = {models.SENT: 0, models.REJECTED: 1, models.DRAFT: 2}
    rows = (
        models.TariffVersion.objects.filter(state__in=order).select_related("tariff").order_by("tariff_id", "from_on")
    )
    return sorted(
        (
            Waiting(
                row.pk, row.tariff_id, row.tariff.name_en, row.tariff.name_zh, row.from_on, row.state, row.entered_by,
                row.reason,
            )
            for row in rows.order_by("tariff_id", "from_on")
        ),
        key=lambda each: order[each.state],
    )  # fmt: skip


def standing(version: VersionView, on: date) -> str:
    """How a version stands on a day: its state; of an approved one to_come, in_force or superseded."""
    if version.state != models.APPROVED:
        return version.state
    if on < version.from_on:
        return "to_come"
    return "in_force" if version.until_on is None or on < version.until_on else "superseded"


def versions(code: str) -> list[VersionView]:
    """All versions of a tariff, drafts too, the newest first."""
    return [_view(row) for row in models.TariffVersion.objects.filter(tariff_id=code).order_by("-from_on", "-id")]


def _view(row: models.TariffVersion) -> VersionView:
    words = _words(row.pk, _text_of(row))
    return VersionView(
        version_id=row.pk,
        from_on=row.from_on,
        until_on=row.until_on,
        state=row.state,
        sample=row.sample,
        source=row.source,
        policy_en=row.policy_en,
        policy_zh=row.policy_zh,
        note_en=row.note_en,
        note_zh=row.note_zh,
        seasons=tuple(row.seasons),
        book=row.book,
        content_hash=row.content_hash,
        entered_by=row.entered_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        sent_by=row.sent_by,
        hands=tuple(row.hands),
        sent_at=row.sent_at,
        reason=row.reason,
        component_ids=tuple(component for component, _ in words),
        components=tuple(each for _, each in words),
        prices=tuple(prices(row.table)),
    )


PRICED = (
    layout.ENERGY, layout.CHARGE, layout.CONTRACT_DEMAND, layout.PERCENT, layout.MINIMUM, layout.ALLOWANCE,
    layout.REACTIVE, layout.SUB_SUPPLY, layout.PAID_OUT,
)  # fmt: skip
REGISTER_CODES = (layout.SHARP, layout.PEAK, layout.FLAT, layout.VALLEY, layout.DEEP)


def prices(table: list[int] | tuple[int, ...]) -> list[PriceRow]:
    """The prices of a compiled table as rows to read: one per component, season, priced register and block. A
    power-factor table and prices by the hour have none."""
    rows = []
    for position in range(table[layout.PLAN_COMPONENTS]):
        at = layout.PLAN_HEAD + position * layout.COMPONENT_SIZE
        if table[at + layout.KIND] not in PRICED:
            continue
        periods, blocks = table[at + layout.PERIODS], table[at + layout.BLOCKS]
        for season in range(table[layout.PLAN_SEASONS]):
            for period in range(periods):
                for block in range(blocks):
                    place = (season * periods + period) * blocks + block
                    price = table[table[at + layout.PRICE_AT] + place]
                    if price == layout.UNPRICED:  # a register that the tariff does not know
                        continue
                    above, upto = _bounds(table, at, season, block, blocks)
                    rows.append(
                        PriceRow(
                            component=position, season=season, tou=REGISTER_CODES[period] if periods > 1 else 0,
                            block=block + 1 if blocks > 1 else 0, above_wh=above, upto_wh=upto,
                            yearly=table[at + layout.BLOCK_CYCLE] == layout.BLOCK_YEAR,
                            unit=table[at + layout.UNIT], price=price,
                        )
                    )  # fmt: skip
    return rows


def _bounds(
    table: list[int] | tuple[int, ...], at: int, season: int, block: int, blocks: int
) -> tuple[int, int | None]:
    if blocks == 1:
        return 0, None
    limits = table[at + layout.LIMIT_AT] + season * (blocks - 1)
    months = 12 if table[at + layout.BLOCK_CYCLE] == layout.BLOCK_YEAR else 1
    above = table[limits + block - 1] * months if block else 0
    return above, table[limits + block] * months if block < blocks - 1 else None


_kept: dict[int, ComponentWords] = {}


@lru_cache(maxsize=4096)
def _words(version_id: int, _text: str) -> tuple[tuple[int, ComponentWords], ...]:
    rows = models.Component.objects.filter(version_id=version_id).order_by("position")
    return tuple((row.pk, _component_words(row)) for row in rows)


def _text_of(version: models.TariffVersion) -> str:
    """What words of a version are kept under besides its number: the book of one that may still change."""
    return "" if version.state == models.APPROVED else version.book


def _component_words(row: models.Component) -> ComponentWords:
    return ComponentWords(
        row.key, row.kind, row.name_zh, row.name_en, row.clause_zh, row.clause_en, row.ledger_class, row.unit
    )
