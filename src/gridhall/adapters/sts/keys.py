"""Meters' keys: made from a supplier's vending key and what a meter is set to (decoder key generation algorithm 04 of
IEC 62055-41, HMAC-SHA-256)."""

import hmac
from dataclasses import dataclass
from datetime import date

BASE_DATES = {1993: "93", 2014: "14", 2035: "35"}
VENDING_KEY_BYTES, METER_KEY_BYTES = 20, 16
MISTY1 = b"11"
INITIAL, DEFAULT, UNIQUE, COMMON = range(4)  # key types


class BadMeter(ValueError):
    """What a meter is said to be set to cannot be: the field, and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


@dataclass(frozen=True)
class Meter:
    """A keypad meter as its key sees it. Raises `BadMeter`.

    `number`: 18 digits, the last its check digit; `supply_group`: 6 digits; `tariff_index`: 2 digits; `revision` of the
    vending key 1–9; `key_type` 0–3; `base`: the year whose first minute its token identifiers count from; `expiry`:
    after which the key takes no more tokens, 255 for never, in units of 2¹⁶ minutes since the base.
    """

    number: str
    supply_group: str
    tariff_index: str = "01"
    revision: int = 1
    key_type: int = UNIQUE
    base: int = 1993
    expiry: int = 255

    def __post_init__(self) -> None:
        for field, length in (("number", 18), ("supply_group", 6), ("tariff_index", 2)):
            text = getattr(self, field)
            if len(text) != length or not (text.isascii() and text.isdigit()):
                raise BadMeter(field, f"not {length} digits")
        if not passes_luhn(self.number):
            raise BadMeter("number", "its check digit does not fit")
        for field, least, most in (("revision", 1, 9), ("key_type", 0, 3), ("expiry", 0, 255)):
            if not least <= getattr(self, field) <= most:
                raise BadMeter(field, f"not {least} to {most}")
        if self.base not in BASE_DATES:
            raise BadMeter("base", "not 1993, 2014 or 2035")

    @property
    def base_day(self) -> date:
        return date(self.base, 1, 1)


def meter_key(vending_key: bytes, meter: Meter) -> bytes:
    """The meter's key: 16 bytes."""
    if len(vending_key) != VENDING_KEY_BYTES:
        raise ValueError(f"a vending key has {VENDING_KEY_BYTES} bytes")
    # each field behind its length; the last is the length of the key that is wanted, in bits
    covered = b"".join((
        b"\x04", _field(b"04"), _field(BASE_DATES[meter.base].encode()), _field(MISTY1),
        _field(meter.tariff_index.encode()), b"\x00\x04", _field(meter.supply_group.encode()),
        _field(b"%x" % meter.key_type), _field(b"%x" % meter.revision), _field(meter.number.encode()),
        (8 * METER_KEY_BYTES).to_bytes(4, "big"),
    ))  # fmt: skip
    return hmac.digest(vending_key, covered, "sha256")[:METER_KEY_BYTES]


def _field(value: bytes) -> bytes:
    return bytes([len(value)]) + value


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def with_check_digit(digits: str) -> str:
    """The digits with their check digit behind them."""
    return next(digits + str(last) for last in range(10) if passes_luhn(digits + str(last)))
