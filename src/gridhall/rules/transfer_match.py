"""How sure is it that a transfer at the bank is meant for an account? The one rule: points out of 100, each explained.

What was told is weighed: the reference in the text, the amount beside what is owed, the payer's name beside the
account's. Below the limit that a supplier sets for its bank account a person decides.
"""

# What names the account: nothing, a customer number (its check digit is right), the number of a bill, a reference by
# ISO 11649, a virtual account of the bank's that stands for one customer.
NO_REFERENCE, CUSTOMER_NUMBER, BILL_NUMBER, CREDITOR_REFERENCE, VIRTUAL_ACCOUNT = 0, 1, 2, 3, 4
REFERENCE_POINTS = (0, 60, 70, 70, 95)

# The amount: nothing is owed, more than all that is owed, a part of it, one open bill, all that is owed.
NOTHING_OWED, ABOVE, PART, ONE_BILL, ALL_OWED = 0, 1, 2, 3, 4
AMOUNT_POINTS = (0, 0, 5, 20, 25)

# The name: not told, another, alike (one holds the other, or the bank hides a part of it), the same.
NO_NAME, OTHER_NAME, NAME_ALIKE, SAME_NAME = 0, 1, 2, 3
NAME_POINTS = (0, -5, 5, 15)

ONLY_ONE = 25  # amount and name point at one account alone, and no reference is there
SEVERAL_MOST = 50  # the text names several accounts, or several fit as well as this one
CLOSED_MOST = 50  # the account was closed
SPLIT = 75  # the text names several accounts, and the amount is what they owe together: a person looks
MOST = 100


def reference_points(reference: int) -> int:
    """Points of what names the account."""
    return REFERENCE_POINTS[reference]


def amount_points(amount: int) -> int:
    """Points of the amount beside what is owed."""
    return AMOUNT_POINTS[amount]


def name_points(name: int) -> int:
    """Points of the payer's name beside the account's."""
    return NAME_POINTS[name]


def amount_fit(paid: int, owed: int, equals_a_bill: bool) -> int:
    """How an amount (minor units, above zero) stands beside all that an account owes; `equals_a_bill`: it is what is
    open of one bill."""
    if owed <= 0:
        return NOTHING_OWED
    if paid == owed:
        return ALL_OWED
    if equals_a_bill:
        return ONE_BILL
    return ABOVE if paid > owed else PART


def match_points(reference: int, amount: int, name: int, rivals: int, closed: bool) -> int:
    """Points, 0 to 100, that a transfer is meant for an account.

    `rivals`: how many other accounts the text names, or fit by amount and name. Without a reference the amount must be
    all that is owed and the name the same: a supplier's customers pay the same amounts under alike names.
    """
    points = REFERENCE_POINTS[reference] + AMOUNT_POINTS[amount] + NAME_POINTS[name]
    if reference == NO_REFERENCE:
        if amount != ALL_OWED or name != SAME_NAME:
            return 0
        if rivals == 0:
            points += ONLY_ONE
    if rivals > 0 and reference != VIRTUAL_ACCOUNT:
        points = min(points, SEVERAL_MOST)
    if closed:
        points = min(points, CLOSED_MOST)
    return max(0, min(points, MOST))
