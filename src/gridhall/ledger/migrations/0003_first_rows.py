"""The supplier's accounts of the books, and the late-charge terms as published."""

from datetime import date
from typing import Any

from django.db import migrations

ACCOUNTS = [
    (1001, "Cash in tills", "库存现金", "asset"),
    (1002, "Bank", "银行存款", "asset"),
    (1012, "Money in transit (cards, online)", "在途货币资金", "asset"),
    (1122, "Receivable from customers", "应收电费", "asset"),
    (2203, "Customers' credit", "预收电费", "liability"),
    (2221, "Tax payable", "应交税费", "liability"),
    (2241, "Levies payable", "代征基金及附加", "liability"),
    (2999, "Suspense", "待处理款项", "liability"),
    (6001, "Energy revenue", "电度电费收入", "income"),
    (6002, "Basic charge revenue", "基本电费收入", "income"),
    (6051, "Late-charge revenue", "违约金收入", "income"),
    (6711, "Cash over and short", "现金长短款", "expense"),
]

# Rules of Electricity Supply (供电营业规则, 1996), article 98: 0.1 % a day for homes; for others 0.2 % in the year of
# the debt and 0.3 % for debt carried over a year end; from the day after the due day to the day of payment; a total
# under 1 yuan is charged as 1 yuan. A supplier under other rules enters its own terms with a later `since`.
SOURCE = "供电营业规则 (1996) art. 98"
TERMS = [(1, 1000, 1000), (2, 2000, 3000), (3, 2000, 3000)]


def fill(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  # Django calls it with both
    account = apps.get_model("ledger", "GlAccount")
    account.objects.bulk_create(
        account(code=code, name_en=english, name_zh=chinese, kind=kind) for code, english, chinese, kind in ACCOUNTS
    )
    term = apps.get_model("ledger", "LateTerm")
    term.objects.bulk_create(
        term(
            class_code=class_code,
            since=date(1996, 10, 8),
            rate=rate,
            rate_carried=carried,
            first_day=1,
            inclusive=True,
            minimum=100,
            cap_permille=0,
            source=SOURCE,
        )
        for class_code, rate, carried in TERMS
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_big_tables")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
