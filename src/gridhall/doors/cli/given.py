"""What every command is given and shows alike: periods, units, days, and amounts of money."""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings

from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.territory import public as territory


def period_of(text: str) -> int:
    """YYYY-MM or YYYYMM as a number. Refuses `bad_period`."""
    digits = text.replace("-", "")
    if len(digits) != 6 or not digits.isascii() or not digits.isdecimal() or not 1 <= int(digits[4:]) <= 12:
        raise Refusal(
            "bad_period", f"{text} is not a period (YYYY-MM).", f"{text} 不是有效的账期（YYYY-MM）。",
            field="period", value=text,
        )  # fmt: skip
    return int(digits)


def units_of(codes: Sequence[str]) -> list[int]:
    """Ids of the units by code or number; none for none. Refuses `unknown_unit`."""
    known = {name: unit.id for unit in territory.units() for name in (unit.code, str(unit.id))} if codes else {}
    for code in codes:
        if code not in known:
            raise Refusal(
                "unknown_unit", f"There is no unit {code}.", f"没有核算单元 {code}。", field="unit", value=code
            )
    return [known[code] for code in codes]


def day_of(text: str, field: str) -> date:
    """YYYY-MM-DD. Refuses `bad_date`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(
            "bad_date", f"{text} is not a date (YYYY-MM-DD).", f"{text} 不是有效日期（YYYY-MM-DD）。", field=field,
            value=text,
        ) from None  # fmt: skip


def moment_of(text: str, field: str) -> datetime:
    """A moment (ISO 8601); without an offset by the supplier's clock. Refuses `bad_time`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(
            "bad_time", f"{text} is not a moment (2026-11-01T08:00).", f"{text} 不是有效时间（2026-11-01T08:00）。",
            field=field, value=text,
        ) from None  # fmt: skip
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.zone())


def money(minor: int) -> str:
    """Minor units as an amount with the decimals of the currency and thousands separated."""
    decimals = settings.CURRENCY_DECIMALS
    whole, part = divmod(abs(minor), 10**decimals)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{part:0{decimals}d}" if decimals else "")
