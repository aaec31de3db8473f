"""The accounts of the books by number, and which of them a movement touches."""

CASH = 1001
BANK = 1002
IN_TRANSIT = 1012
CHEQUES = 1013
RECEIVABLE = 1122
CREDIT = 2203
TAX = 2221
LEVIES = 2241
SUSPENSE = 2999
CLEARING = 3001  # between accounting units
ENERGY_REVENUE = 6001
BASIC_REVENUE = 6002
LATE_REVENUE = 6051
FEES = 6053
BANK_CHARGES = 6603
BAD_DEBT = 6702
CASH_DIFFERENCE = 6711

# By ledger class of a bill line: 0 unused, 1 energy, 2 basic, 3 levy, 4 tax, 5 allowance (it reduces the revenue).
OF_CLASS = (0, ENERGY_REVENUE, BASIC_REVENUE, LEVIES, TAX, ENERGY_REVENUE)
