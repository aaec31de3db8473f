"""Serials and PINs: drawn from the system's cryptographic source, kept as a keyed hash only.

A serial is 12 digits (order and place in it) and a check digit; it is printed openly and tells nothing about the PIN. A
PIN is 16 digits that are drawn evenly from all 10¹⁶, and a check digit, so that one wrong key is told as a slip and not
counted as a guess. What is stored is HMAC-SHA-256 over serial and PIN, its first 16 bytes, under a key that lies sealed
in another table.
"""

import hmac
import os

import numpy as np
import numpy.typing as npt

PIN_DIGITS, SERIAL_DIGITS = 16, 12
IN_ORDER_MOST = 10**6  # cards of one order
_EVEN = 10**PIN_DIGITS
_BELOW = 2**64 // _EVEN * _EVEN  # random numbers from here on are drawn again, else some PINs came oftener

Ints = npt.NDArray[np.int64]


def drawn(count: int) -> npt.NDArray[np.uint64]:
    """So many PINs as numbers below 10¹⁶."""
    found = np.empty(0, np.uint64)
    while len(found) < count:
        more = np.frombuffer(os.urandom(8 * (count - len(found))), np.uint64)
        found = np.concatenate([found, more[more < _BELOW] % np.uint64(_EVEN)])
    return found


def check_digit(digits: str) -> str:
    """The last digit of a serial or a PIN (ISO 7064 MOD 11,10: it sees every single slip and nearly every exchange)."""
    left = 10
    for digit in digits:
        left = (left + int(digit)) % 10 or 10
        left = left * 2 % 11
    return str((11 - left) % 10)


def with_check(digits: str) -> str:
    return digits + check_digit(digits)


def without_check(text: str, length: int) -> str | None:
    """The digits before the check digit, once spaces and hyphens are gone; None where it is no such number or its check
    digit does not fit."""
    digits = text.replace(" ", "").replace("-", "").replace("\u3000", "").translate(_WIDE)
    if len(digits) != length + 1 or not (digits.isascii() and digits.isdigit()):
        return None
    return digits[:-1] if check_digit(digits[:-1]) == digits[-1] else None


_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


def digest(key: bytes, serial: int, pin: str) -> bytes:
    """What is kept of a PIN: 16 bytes."""
    return hmac.digest(key, b"%012d:%s" % (serial, pin.encode()), "sha256")[:16]


def digests(key: bytes, serials: Ints, pins: npt.NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """`digest` of many, as two columns of 64 bits (high, low)."""
    sign = hmac.digest
    out = bytearray(16 * len(serials))
    for at, (serial, pin) in enumerate(zip(serials.tolist(), pins.tolist(), strict=True)):
        out[16 * at : 16 * at + 16] = sign(key, b"%012d:%016d" % (serial, pin), "sha256")[:16]
    halves = np.frombuffer(bytes(out), ">i8").astype(np.int64).reshape(-1, 2)
    return np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1])


def print_lines(serials: Ints, pins: npt.NDArray[np.uint64]) -> bytes:
    """What the printer gets: a line a card, serial and PIN with their check digits."""
    lines = []
    for serial, pin in zip(serials.tolist(), pins.tolist(), strict=True):
        lines.append(f"{with_check(f'{serial:012d}')};{with_check(f'{pin:016d}')}\r\n")
    return "".join(lines).encode("ascii")
