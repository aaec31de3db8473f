"""Numbers: blocks from a sequence, and check digits for numbers that people key in."""

from django.db import connection


def take(sequence: str, count: int) -> range:
    """Reserve `count` (≥ 0) numbers of a sequence at once; gaps may stay, a number never comes twice."""
    if count < 0:
        raise ValueError("count must not be negative")
    if count == 0:
        return range(0)
    with connection.cursor() as cursor:
        # A sequence hands out one number a call; the advisory lock makes the block contiguous.
        cursor.execute("SELECT gridhall_take_numbers(%s, %s)", [sequence, count])
        row = cursor.fetchone()
    first = int(row[0])
    return range(first, first + count)


def check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10 check digit of decimal digits: finds every single wrong digit and nearly all swaps."""
    rest = 10
    for digit in digits:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return str((11 - rest) % 10)


def has_valid_check_digit(number: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return len(number) > 1 and number.isascii() and number.isdecimal() and check_digit(number[:-1]) == number[-1]
