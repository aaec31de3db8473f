"""A tax that stands inside a price (价税合计): how much of an amount it is. Whole numbers; half away from zero."""


def tax_within(gross: int, rate: int) -> int:
    """The tax inside `gross` minor units at `rate` hundredths of a percent (1300: 13 %).

    Of 113.00 at 13 % it is 13.00. `gross` may be negative; up to 10**15, `rate` up to 10**6.
    """
    amount = gross if gross >= 0 else -gross
    whole = 10_000 + rate
    tax = (2 * amount * rate + whole) // (2 * whole)
    return tax if gross >= 0 else -tax


def without_tax(price: int, rate: int) -> int:
    """A price at which the tax stands outside, from one that has it inside, at the same scale."""
    amount = price if price >= 0 else -price
    whole = 10_000 + rate
    net = (2 * amount * 10_000 + whole) // (2 * whole)
    return net if price >= 0 else -net
