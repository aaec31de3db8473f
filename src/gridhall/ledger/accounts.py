"""The accounts of the books by number, and which of them a movement touches."""

CASH = 1001
BANK = 1002
IN_TRANSIT = 1012
CHEQUES = 1013
RECEIVABLE = 1122
AGENTS = 1124  # what agents owe for cards they have sold
CREDIT = 2203
CARDS_UNUSED = 2204
TAX = 2221
LEVIES = 2241
SUSPENSE = 2999
CLEARING = 3001  # between accounting units
ENERGY_REVENUE = 6001
BASIC_REVENUE = 6002
LATE_REVENUE = 6051
FEES = 6053
COMMISSION = 6601
CARDS_LAPSED = 6301
BANK_CHARGES = 6603
BAD_DEBT = 6702
CASH_DIFFERENCE = 6711

# By ledger class of a bill line: 0 unused, 1 energy, 2 basic, 3 levy, 4 tax, 5 allowance (it reduces the revenue).
OF_CLASS = (0, ENERGY_REVENUE, BASIC_REVENUE, LEVIES, TAX, ENERGY_REVENUE)
