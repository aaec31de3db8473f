"""What stands in a token: fields into 64 bits, a checksum, the cipher, and the class put in between (IEC 62055-41).

A token is a number of 66 bits, keyed as 20 digits. Bits are counted from the least, 0. Energy in Wh.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gridhall.adapters.sts.keys import Meter
from gridhall.adapters.sts.misty1 import decrypt, encrypt

CREDIT, TEST, ENGINEERING = 0, 1, 2  # token classes
ELECTRICITY, WATER, GAS = 0, 1, 2  # sub-classes of credit
# sub-classes of engineering tokens
POWER_LIMIT, CLEAR_CREDIT, KEY_1, KEY_2, CLEAR_TAMPER, UNBALANCE_LIMIT, KEY_3, KEY_4 = 0, 1, 3, 4, 5, 6, 8, 9
STEP_WH = 100
MANTISSA_BITS = 14
STEPS = (1, 10, 100, 1000)  # by exponent, in units of 0.1 kWh
IDENTIFIER_BITS = 24
RESERVED_MINUTE = 1  # 00:01 of each day is kept for tokens that many meters take


class BadToken(ValueError):
    """What cannot be put into a token, or a number that is none: the field, and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


def identifier_of(moment: datetime, meter: Meter, last: int = -1) -> int:
    """The identifier of a token that is issued at a moment (local time of the meter, without a zone): minutes since the
    meter's base date, later than `last`, the identifier that the meter was given before. Raises `BadToken`.
    """
    if moment.tzinfo is not None:
        raise BadToken("issued", "must be local time without a zone")
    start = datetime(meter.base, 1, 1)  # noqa: DTZ001  # the meter's own local time
    found = max((moment - start) // timedelta(minutes=1), last + 1)
    if found % 1440 == RESERVED_MINUTE:
        found += 1
    if not 0 < found < 1 << IDENTIFIER_BITS:
        raise BadToken("issued", f"is outside the minutes that base date {meter.base} can count: change the key")
    if found >> 16 > meter.expiry:
        raise BadToken("issued", "the meter's key has expired")
    return found


def field_of_energy(wh: int) -> int:
    """The 16 bits that say an amount of energy. Raises `BadToken` where it cannot be said exactly: steps are 0.1 kWh up
    to 1,638.3 kWh, then 1, 10 and 100 kWh."""
    units, rest = divmod(wh, STEP_WH)
    if wh <= 0 or rest:
        raise BadToken("energy", "is no positive number of 0.1 kWh")
    for exponent, step in enumerate(STEPS):
        mantissa, rest = divmod(units - _below(exponent), step)
        if mantissa < 1 << MANTISSA_BITS:
            if rest:
                raise BadToken("energy", f"must go in steps of {step * STEP_WH} Wh at this size")
            return exponent << MANTISSA_BITS | mantissa
    raise BadToken("energy", f"is beyond {energy_of_field((1 << 16) - 1)} Wh")


def energy_of_field(field: int) -> int:
    """The energy that 16 bits say, in Wh."""
    exponent, mantissa = field >> MANTISSA_BITS, field & (1 << MANTISSA_BITS) - 1
    return (mantissa * STEPS[exponent] + _below(exponent)) * STEP_WH


def largest_sayable(wh: int) -> int:
    """The largest energy up to `wh` that a token can say; 0 where that is none."""
    units = min(wh, energy_of_field((1 << 16) - 1)) // STEP_WH
    for exponent, step in enumerate(STEPS):
        over = units - _below(exponent)
        if over // step < 1 << MANTISSA_BITS:
            return max(units - over % step, 0) * STEP_WH
    raise AssertionError("the last exponent takes all")


def _below(exponent: int) -> int:
    """The least number of units that an exponent says: all that those below it say, and one more."""
    return (1 << MANTISSA_BITS) * sum(STEPS[:exponent])


def checksum(bits: int) -> int:
    """CRC-16 over the 50 bits before it, in seven bytes (IEC 62055-41: x¹⁶ + x¹⁵ + x² + 1, low byte first)."""
    crc = 0xFFFF
    for byte in bits.to_bytes(7, "big"):
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return (crc & 0xFF) << 8 | crc >> 8


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
        table.append(byte)
    return tuple(table)


_CRC = _crc_table()


def put(token_class: int, body: int, key: bytes | None) -> str:
    """A token of a class over 48 bits (sub-class and what follows), under a key; test tokens have none."""
    block = body << 16 | checksum(token_class << 48 | body)
    if key is not None:
        block = encrypt(block, key)
    # the class takes the places 28 and 27, what stood there goes to the front
    front = block >> 27 & 3
    return f"{front << 64 | block & ~(3 << 27) | token_class << 27:020d}"


@dataclass(frozen=True)
class Opened:
    """A token that was opened: its class, its sub-class, and the 44 bits behind that."""

    token_class: int
    sub_class: int
    rest: int

    @property
    def identifier(self) -> int:
        return self.rest >> 16 & (1 << IDENTIFIER_BITS) - 1

    @property
    def value(self) -> int:
        """The last 16 bits: an amount, a limit, a register."""
        return self.rest & 0xFFFF


def open_token(text: str, key: bytes) -> Opened:
    """Open a token of 20 digits (spaces and hyphens between them are let be). Raises `BadToken`."""
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) != 20 or not (digits.isascii() and digits.isdigit()) or int(digits) >> 66:
        raise BadToken("token", "is no token of 20 digits")
    number = int(digits)
    token_class = number >> 27 & 3
    block = number & (1 << 64) - 1 & ~(3 << 27) | (number >> 64) << 27
    if token_class != TEST:
        block = decrypt(block, key)
    body = block >> 16
    if checksum(token_class << 48 | body) != block & 0xFFFF:
        raise BadToken("token", "is not for this meter, or was keyed wrongly")
    return Opened(token_class, body >> 44, body & (1 << 44) - 1)


def credit(wh: int, identifier: int, random: int, key: bytes, kind: int = ELECTRICITY) -> str:
    """Credit for a meter: energy in Wh (of another `kind` as many tenths of its unit). `random`: four bits."""
    return put(CREDIT, kind << 44 | _random(random) << 40 | identifier << 16 | field_of_energy(wh), key)


def engineering(sub_class: int, value: int, identifier: int, random: int, key: bytes) -> str:
    """A token that sets or clears something: a power limit in W, the credit register (0xFFFF: all), a tamper state."""
    if sub_class not in (POWER_LIMIT, CLEAR_CREDIT, CLEAR_TAMPER, UNBALANCE_LIMIT):
        raise BadToken("sub_class", "is none that sets or clears")
    if not 0 <= value < 1 << 16:
        raise BadToken("value", "is not 0 to 65535")
    return put(ENGINEERING, sub_class << 44 | _random(random) << 40 | identifier << 16 | value, key)


def test_token(control: int, manufacturer: int) -> str:
    """A token that any meter takes: it tests or shows what the bits of `control` (36) say."""
    if not 0 <= control < 1 << 36 or not 0 <= manufacturer < 100:
        raise BadToken("control", "does not fit")
    return put(TEST, control << 8 | manufacturer, None)


def key_change(old: Meter, new: Meter, old_key: bytes, new_key: bytes, roll_over: bool) -> tuple[str, str, str, str]:
    """The four tokens that give a meter its new key, under the old one; `roll_over`: its base date changes too, and it
    forgets which identifiers it has taken. Raises `BadToken` where they are not the same meter."""
    if old.number != new.number:
        raise BadToken("number", "the new key is for another meter")
    if roll_over == (old.base == new.base):
        raise BadToken("base", "a roll-over, and nothing else, changes the base date")
    high, middle_2, middle_1, low = (int.from_bytes(new_key[k : k + 4], "big") for k in range(0, 16, 4))
    group = int(new.supply_group)
    first = (
        KEY_1 << 44 | (new.expiry >> 4) << 40 | new.revision << 36 | roll_over << 35 | new.key_type << 32 | high
    )  # fmt: skip
    second = KEY_2 << 44 | (new.expiry & 15) << 40 | int(new.tariff_index) << 32 | low
    third = KEY_3 << 44 | (group & 0xFFF) << 32 | middle_2
    fourth = KEY_4 << 44 | (group >> 12) << 32 | middle_1
    made = [put(ENGINEERING, body, old_key) for body in (first, second, third, fourth)]
    return made[0], made[1], made[2], made[3]


def _random(value: int) -> int:
    if not 0 <= value < 16:
        raise BadToken("random", "is not 0 to 15")
    return value


def shown(token: str) -> str:
    """A token as it is printed: five groups of four."""
    return " ".join(token[k : k + 4] for k in range(0, 20, 4))
