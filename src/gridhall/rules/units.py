"""Exact money out of whole numbers.

A price is a whole number of 10**-10 currency units per priced unit (kWh, kW, kVA, month, day); a quantity
is in thousandths of the priced unit (Wh, W, VA). Their product counts 10**-13 currency units. It is kept as
a pair `(minor, rest)`: whole minor units (fen, cents) and a rest of `parts` to the minor unit, `parts` =
10**(13 - decimals of the currency), `0 <= rest < parts`, so that 64 bits always suffice. A negative amount
has a negative `minor` and a rest that still counts upwards (-0.25 fen is -1 and 3/4).
"""

HALF_UP, HALF_EVEN, DOWN = 0, 1, 2

QUANTITY_MAX = 1 << 42  # 4.4 TWh in Wh: quantities beyond it are refused where they come in
AMOUNT_MAX = 1 << 56  # the most minor units that one line may come to; 64 lines still fit 64 bits
RATE_ONE = 10_000_000_000  # 100 % as a rate at the scale of prices
CENT_PARTS = 100_000_000_000  # parts of a minor unit for the usual currency of two decimals
BASIS_POINT = 1_000_000  # a hundredth of a per cent as a rate
TWO_25, TWO_30, TWO_32, TWO_37 = 1 << 25, 1 << 30, 1 << 32, 1 << 37


def price_max(parts: int) -> int:
    """The highest price that can be multiplied with the highest quantity and stay below AMOUNT_MAX minor
    units."""
    return (AMOUNT_MAX >> 42) * parts


def mul_div(a: int, b: int, divisor: int) -> tuple[int, int]:
    """`a × b` divided by `divisor`, exactly: (quotient rounded down, remainder >= 0).

    |a| and |b| below 2**62, 0 < divisor < 2**44, and the quotient must fit in 62 bits (the compiler of
    tariffs sees to it).
    """
    if (-TWO_30 < a < TWO_30 and -TWO_32 < b < TWO_32) or (-TWO_25 < a < TWO_25 and -TWO_37 < b < TWO_37):
        product = a * b
        quotient = product // divisor
        return quotient, product - quotient * divisor
    return _mul_div_long(a, b, divisor)


def _mul_div_long(a: int, b: int, divisor: int) -> tuple[int, int]:
    """The schoolbook way for products beyond 64 bits: four digits of 18 bits, largest first."""
    negative = (a < 0) != (b < 0)
    a = abs(a)
    b = abs(b)
    quotient = 0
    rest = 0
    small = b % divisor
    for shift in (54, 36, 18, 0):
        digit = (a >> shift) & 262143
        value = (rest << 18) + digit * small
        quotient = (quotient << 18) + value // divisor
        rest = value % divisor
    quotient += a * (b // divisor)
    if negative:
        if rest > 0:
            return -quotient - 1, divisor - rest
        return -quotient, 0
    return quotient, rest


def amount_of(quantity: int, price: int, parts: int) -> tuple[int, int]:
    """What a quantity (thousandths) costs at a price (10**-10): the exact pair (minor, rest)."""
    if parts == CENT_PARTS and -TWO_25 < quantity < TWO_25 and -TWO_37 < price < TWO_37:
        product = quantity * price  # the everyday case; dividing by a constant is several times faster
        minor = product // CENT_PARTS
        return minor, product - minor * CENT_PARTS
    return mul_div(quantity, price, parts)


def share_of(minor: int, rest: int, numerator: int, denominator: int, parts: int) -> tuple[int, int]:
    """A fraction of an exact amount (days of a month, say), to 10**-13 of the currency unit, half up. 0 <
    denominator < 2**18."""
    if numerator == denominator:
        return minor, rest
    whole, left = mul_div(minor, numerator, denominator)
    more, odd = mul_div(rest, numerator, denominator)
    inner = left * parts
    more += inner // denominator
    odd += inner % denominator
    more += (2 * odd + denominator) // (2 * denominator)
    return whole + more // parts, more % parts


def percent_of(minor: int, rest: int, rate: int, parts: int) -> tuple[int, int]:
    """`rate` (10**10 is 100 %, at most ± 1000 %) of an exact amount, to 10**-13 of the currency unit, half up.

    `parts` is a multiple of 10**10.
    """
    points = rate // BASIS_POINT
    if points * BASIS_POINT == rate and parts == CENT_PARTS and -TWO_30 < minor < TWO_30:
        product = minor * points  # whole hundredths of a per cent: every product fits
        whole = product // 10_000
        more = (product - whole * 10_000) * 10_000_000 + (rest * points + 5_000) // 10_000
    else:
        whole, left = mul_div(minor, rate, RATE_ONE)
        more, odd = mul_div(rest, rate, RATE_ONE)
        more += left * (parts // RATE_ONE)
        if 2 * odd >= RATE_ONE:
            more += 1
    while more >= parts:
        more -= parts
        whole += 1
    while more < 0:
        more += parts
        whole -= 1
    return whole, more


def rounded(minor: int, rest: int, parts: int, mode: int) -> int:
    """The whole minor units of an exact amount: HALF_UP (halves away from zero), HALF_EVEN, or DOWN
    (towards zero)."""
    if rest == 0:
        return minor
    if mode == HALF_UP:
        if 2 * rest > parts or (2 * rest == parts and minor >= 0):
            return minor + 1
        return minor
    if mode == HALF_EVEN:
        if 2 * rest > parts or (2 * rest == parts and minor % 2 != 0):
            return minor + 1
        return minor
    if minor < 0:
        return minor + 1
    return minor


def compare_products(a: int, b: int, c: int, d: int) -> int:
    """-1, 0 or 1 as `a × b` is below, equal to or above `c × d`; all >= 0 and below 2**62. No product is
    formed.

    Compares the ratios a/c and d/b digit by digit as continued fractions, so that nothing can overflow.
    """
    if c == 0 or d == 0:
        return 1 if a > 0 and b > 0 else 0
    if b == 0 or a == 0:
        return -1
    sign = 1
    while True:
        left = a // c
        right = d // b
        if left != right:
            return sign if left > right else -sign
        a, d = a - left * c, d - right * b
        if a == 0 or d == 0:
            if a == d:
                return 0
            return -sign if a == 0 else sign
        a, c, d, b = c, a, b, d
        sign = -sign
