"""The supplier's accounts of the books, and the late-charge terms as published: there from the first migration on."""

from datetime import date
from typing import Any

from django.db import connections

ACCOUNTS = [
    (1001, "Cash in tills", "库存现金", "asset"),
    (1002, "Bank", "银行存款", "asset"),
    (1012, "Money in transit (cards, online)", "在途货币资金", "asset"),
    (1013, "Cheques in clearing", "支票托收在途", "asset"),
    (1122, "Receivable from customers", "应收电费", "asset"),
    (1124, "Receivable from card agents", "应收代销商款", "asset"),
    (2203, "Customers' credit", "预收电费", "liability"),
    (2204, "Recharge cards not used yet", "未使用充值卡", "liability"),
    (2221, "Tax payable", "应交税费", "liability"),
    (2241, "Levies payable", "代征基金及附加", "liability"),
    (2999, "Suspense", "待处理款项", "liability"),
    (3001, "Clearing between units", "核算单元间清算往来", "asset"),
    (6001, "Energy revenue", "电度电费收入", "income"),
    (6002, "Basic charge revenue", "基本电费收入", "income"),
    (6051, "Late-charge revenue", "违约金收入", "income"),
    (6053, "Fees charged to customers", "向用户收取的手续费", "income"),
    (6301, "Recharge cards lapsed", "充值卡逾期收入", "income"),
    (6601, "Commission of card agents", "代销手续费", "expense"),
    (6603, "Bank charges and interest", "财务费用", "expense"),
    (6702, "Bad debts", "坏账损失", "expense"),
    (6711, "Cash over and short", "现金长短款", "expense"),
]

# Rules of Electricity Supply (供电营业规则, 1996), article 98: 0.1 % a day for homes; for others 0.2 % in the year of
# the debt and 0.3 % for debt carried over a year end; from the day after the due day to the day of payment; a total
# under 1 yuan is charged as 1 yuan. A supplier under other rules enters its own terms with a later `since`.
SOURCE = "供电营业规则 (1996) art. 98"
TERMS = [
    (class_code, date(1996, 10, 8), rate, carried, 1, True, 100, 0, SOURCE)
    for class_code, rate, carried in [(1, 1000, 1000), (2, 2000, 3000), (3, 2000, 3000)]
]


def ensure(using: str = "default", **_: Any) -> None:
    """Add accounts of the books that are missing, and the published terms where there are none at all. Called after
    each `migrate`; changes nothing that is there."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('ledger_glaccount') IS NOT NULL AND to_regclass('ledger_lateterm') IS NOT NULL"
        )
        if cursor.fetchone() != (True,):
            return
        cursor.executemany(
            "INSERT INTO ledger_glaccount (code, name_en, name_zh, kind) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            ACCOUNTS,
        )
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_lateterm)")
        if cursor.fetchone() == (False,):
            cursor.executemany(
                "INSERT INTO ledger_lateterm (class_code, since, rate, rate_carried, first_day, inclusive, minimum,"
                " cap_permille, source) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                TERMS,
            )
