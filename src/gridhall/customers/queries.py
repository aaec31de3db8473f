"""Reading customers: search, one account, and the columns of a bill run."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from gridhall.columns import copy
from gridhall.columns.answer import answer
from gridhall.customers import keys, models
from gridhall.customers.views import (
    AccountFound,
    AccountHead,
    AccountView,
    AgreementView,
    Message,
    Term,
    TermColumns,
)
from gridhall.kernel.access import Actor

# A search looks at so many hits of its first word; with more, the rest are only reached by a longer text.
CANDIDATES_MOST = 2000

# The middle of an area is that of its premises.
AREA_CENTRES = """
SELECT area_id, round(avg(longitude) * 1000000)::bigint, round(avg(latitude) * 1000000)::bigint
FROM customers_premise WHERE longitude IS NOT NULL AND latitude IS NOT NULL GROUP BY area_id
"""

FOUND_COLUMNS = """
SELECT account.id, account.number, customer.name, premise.address, customer.phone,
       account.area_id, account.unit_id, account.class_code, account.closed_on IS NOT NULL
"""

# The newest agreement tells the address. The sub-query reads one row by the index on account.
FOUND_JOINS = """
JOIN customers_customer customer ON customer.id = account.customer_id
JOIN LATERAL (
    SELECT premise.address, premise.address_key
    FROM customers_agreement agreement JOIN customers_premise premise ON premise.id = agreement.premise_id
    WHERE agreement.account_id = account.id ORDER BY agreement.since DESC LIMIT 1
) premise ON true
WHERE (%(everywhere)s OR account.unit_id = ANY(%(units)s))
"""

BY_DIGITS = f"""
{FOUND_COLUMNS}
FROM (
    SELECT id FROM customers_account WHERE number LIKE %(prefix)s
    UNION
    SELECT account.id FROM customers_customer customer
    JOIN customers_account account ON account.customer_id = customer.id
    WHERE customer.phone LIKE %(prefix)s
) hit JOIN customers_account account ON account.id = hit.id
{FOUND_JOINS}
ORDER BY account.number <> %(exact)s, account.closed_on IS NOT NULL, account.number LIMIT %(limit)s
"""  # noqa: S608  constants only

# First word by either index, each cut off at a number of candidates; the other words must be met by name or address.
BY_WORDS = f"""
{FOUND_COLUMNS}
FROM (
    (SELECT account.id FROM customers_customer customer
     JOIN customers_account account ON account.customer_id = customer.id
     WHERE array_to_tsvector(string_to_array(customer.name_key, ' ')) @@ %(first)s::tsquery LIMIT %(most)s)
    UNION
    (SELECT agreement.account_id FROM customers_premise premise
     JOIN customers_agreement agreement ON agreement.premise_id = premise.id
     WHERE array_to_tsvector(string_to_array(premise.address_key, ' ')) @@ %(first)s::tsquery LIMIT %(most)s)
) hit JOIN customers_account account ON account.id = hit.id
{FOUND_JOINS}
AND (%(others)s = '' OR array_to_tsvector(string_to_array(customer.name_key || ' ' || premise.address_key, ' '))
     @@ %(others)s::tsquery)
ORDER BY account.closed_on IS NOT NULL, customer.name <> %(exact)s, customer.name_key, account.number LIMIT %(limit)s
"""  # noqa: S608  constants only

TERM_COLUMNS = """
SELECT term.account_id, term.agreement_id, account.area_id, account.class_code,
       agreement.since, COALESCE(agreement.until, date '9999-12-31'),
       term.since, COALESCE(term.until, date '9999-12-31'),
       array_position(%(codes)s::varchar[], term.tariff_code) - 1,
       term.capacity_va, term.contract_w, term.power_factor_standard, term.persons, term.allowance_wh,
       term.sub_share, term.sub_wh
FROM customers_account account
JOIN customers_agreement agreement ON agreement.account_id = account.id
-- a term's account is its agreement's: told so that all three can be merged in the order of accounts
JOIN customers_supplyterm term ON term.account_id = agreement.account_id AND term.agreement_id = agreement.id
WHERE account.unit_id = %(unit)s AND account.id BETWEEN %(account_from)s AND %(account_to)s
  -- the same again for each table, so that each may be read by its index as one stretch
  AND agreement.account_id BETWEEN %(account_from)s AND %(account_to)s
  AND term.account_id BETWEEN %(account_from)s AND %(account_to)s
  AND term.since < %(until)s AND (term.until IS NULL OR term.until > %(since)s)
  AND agreement.since < %(until)s AND (agreement.until IS NULL OR agreement.until > %(since)s)
ORDER BY term.account_id, term.agreement_id, term.since
"""

TERM_SHAPE = {
    "account_id": copy.INT8, "agreement_id": copy.INT8, "area_id": copy.INT4, "class_code": copy.INT2,
    "agreement_since": copy.DATE, "agreement_until": copy.DATE, "since": copy.DATE, "until": copy.DATE,
    "tariff": copy.INT4, "capacity_va": copy.INT8, "contract_w": copy.INT8, "power_factor_standard": copy.INT2,
    "persons": copy.INT2, "allowance_wh": copy.INT8, "sub_share": copy.INT2, "sub_wh": copy.INT8,
}  # fmt: skip

# The few tariff codes among millions of terms, by hops through the index.
TARIFF_CODES = """
WITH RECURSIVE code AS (
    (SELECT tariff_code FROM customers_supplyterm ORDER BY tariff_code LIMIT 1)
    UNION ALL
    SELECT (SELECT term.tariff_code FROM customers_supplyterm term WHERE term.tariff_code > code.tariff_code
            ORDER BY term.tariff_code LIMIT 1)
    FROM code WHERE code.tariff_code IS NOT NULL
)
SELECT tariff_code FROM code WHERE tariff_code IS NOT NULL
"""


def find(text: str, actor: Actor, limit: int = 20, *, everywhere: bool = False) -> list[AccountFound]:
    """Accounts by number, phone (digits from the beginning), name (also pinyin or its initials) or address; open
    ones first.

    Words apart by spaces must all be met. Staff see their own units; `everywhere` (the counter) lifts that.
    A single Latin letter or digit finds nothing. Needs `customers.see`.
    """
    actor.require("customers.see")
    words = keys.plain(text).split()
    scope = {
        "everywhere": everywhere or actor.everywhere or actor.kind == "system",
        "units": list(actor.units),
        "limit": limit,
    }
    digits = "".join(words).replace("-", "")
    # a number, or a phone number in groups; short groups of digits may be those of an address
    if digits.isascii() and digits.isdecimal() and (len(digits) >= 8 or (len(words) == 1 and len(digits) >= 5)):
        return _found(BY_DIGITS, scope | {"prefix": digits + "%", "exact": digits})
    queries = [query for query in (keys.query(word) for word in words) if query]
    if not queries or (len("".join(words)) < 2 and not keys.is_han(text)):
        return []
    # the longest word is the rarest: it leads
    queries.sort(key=len, reverse=True)
    return _found(
        BY_WORDS,
        scope
        | {"first": queries[0], "others": " & ".join(queries[1:]), "exact": text.strip(), "most": CANDIDATES_MOST},
    )


def _found(sql: str, parameters: dict[str, Any]) -> list[AccountFound]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [AccountFound(*row) for row in cursor.fetchall()]


def account(account_id: int) -> AccountView | None:
    """Everything this room knows about an account; None where there is none."""
    return accounts([account_id]).get(account_id)


def account_by_number(number: str) -> AccountView | None:
    """The account with this number; None where there is none."""
    found = models.Account.objects.filter(number=number).values_list("id", flat=True).first()
    return account(found) if found is not None else None


def account_place(number: str) -> tuple[int, int] | None:
    """Id and unit of the account with this number, for who needs no more of it: one query."""
    return models.Account.objects.filter(number=number).values_list("id", "unit_id").first()


def account_ids(numbers: Iterable[str]) -> dict[str, int]:
    """Account ids by number, of those that are there. One query, however many."""
    return dict(models.Account.objects.filter(number__in=list(numbers)).values_list("number", "id"))


def account_heads(wanted: Iterable[int]) -> dict[int, AccountHead]:
    """What accounts are called, by id, of those that are there. One query, however many; none for none."""
    ids = list(wanted)
    if not ids:
        return {}
    rows = models.Account.objects.filter(id__in=ids)
    columns = ("id", "number", "customer__name", "unit_id", "closed_on")
    return {row[0]: AccountHead(*row) for row in rows.values_list(*columns)}


def accounts_named(names: Iterable[str]) -> dict[str, list[int]]:
    """Open accounts by the exact name of their customer, of the names that are there. One query, however many."""
    found: dict[str, list[int]] = defaultdict(list)
    rows = models.Account.objects.filter(customer__name__in=list(names), closed_on=None).order_by("id")
    for name, account_id in rows.values_list("customer__name", "id"):
        found[name].append(account_id)
    return dict(found)


def account_numbers(wanted: Iterable[int]) -> dict[int, str]:
    """Account numbers by id, of those that are there. One query, however many."""
    return dict(models.Account.objects.filter(id__in=list(wanted)).values_list("id", "number"))


def accounts(wanted: Iterable[int]) -> dict[int, AccountView]:
    """Views of many accounts by id, in three queries."""
    rows = list(models.Account.objects.select_related("customer").filter(id__in=list(wanted)))
    agreements: dict[int, list[models.Agreement]] = defaultdict(list)
    terms: dict[int, list[Term]] = defaultdict(list)
    ids = [row.id for row in rows]
    for term in models.SupplyTerm.objects.filter(account_id__in=ids).order_by("agreement_id", "since"):
        terms[term.agreement_id].append(_term(term))
    found = models.Agreement.objects.select_related("premise").filter(account_id__in=ids).order_by("-since", "-id")
    for agreement in found:
        agreements[agreement.account_id].append(agreement)
    return {row.id: _view(row, agreements[row.id], terms) for row in rows}


def _view(row: models.Account, agreements: list[models.Agreement], terms: dict[int, list[Term]]) -> AccountView:
    newest = agreements[0].premise if agreements else None
    return AccountView(
        account_id=row.id,
        number=row.number,
        name=row.customer.name,
        kind=row.customer.kind,
        phone=row.customer.phone,
        email=row.customer.email,
        language=row.customer.language,
        address=newest.address if newest else "",
        area_id=row.area_id,
        unit_id=row.unit_id,
        class_code=row.class_code,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        longitude_millionths=int((newest.longitude or 0) * 1_000_000) if newest else 0,
        latitude_millionths=int((newest.latitude or 0) * 1_000_000) if newest else 0,
        agreements=tuple(
            AgreementView(each.id, each.premise_id, each.premise.address, each.since, each.until, tuple(terms[each.id]))
            for each in agreements
        ),
    )


def _term(row: models.SupplyTerm) -> Term:
    return Term(
        row.since, row.until, row.tariff_code, row.voltage, row.capacity_va, row.contract_w,
        row.power_factor_standard, row.persons, row.allowance_wh, row.sub_share, row.sub_wh,
    )  # fmt: skip


def agreements_for_period(
    unit_id: int, since: date, until: date, account_from: int = 0, account_to: int = 2**62
) -> TermColumns:
    """Terms of the unit's accounts (ids from..to, both included) that touch [since, until). See TermColumns."""
    with connection.cursor() as cursor:
        cursor.execute(TARIFF_CODES)
        codes = [row[0] for row in cursor.fetchall()]
        columns = answer(
            cursor,
            TERM_COLUMNS,
            TERM_SHAPE,
            {
                "unit": unit_id, "since": since, "until": until, "codes": codes,
                "account_from": account_from, "account_to": account_to,
            },
        )  # fmt: skip
    return TermColumns(tuple(codes), **columns)


def account_range(unit_id: int) -> tuple[int, int, int]:
    """Lowest and highest account id of a unit, and how many accounts it has; (0, 0, 0) where it has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id), count(*) FROM customers_account WHERE unit_id = %s", [unit_id])
        least, most, count = cursor.fetchone()
    return (least or 0, most or 0, count)


def area_centres() -> dict[int, tuple[int, int]]:
    """Where an area's customers live in the middle: (longitude, latitude) in millionths of a degree, by area id; areas
    of which no premise has a place are missing. Reads every premise: half a second for a million."""
    with connection.cursor() as cursor:
        cursor.execute(AREA_CENTRES)
        return {area_id: (longitude, latitude) for area_id, longitude, latitude in cursor.fetchall()}


def account_stretches(unit_id: int, size: int) -> list[tuple[int, int]]:
    """The unit's accounts in stretches of `size` ids, in order: (first, last), both included. Empty without
    accounts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT min(id), max(id) FROM (
                SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS stretch
                FROM customers_account WHERE unit_id = %s
            ) numbered GROUP BY stretch ORDER BY stretch
            """,
            [size, unit_id],
        )
        return [(int(first), int(last)) for first, last in cursor.fetchall()]


def messages(account_id: int | None = None, limit: int = 100) -> list[Message]:
    """The message log, newest first: of one account, or of all."""
    rows = models.SentMessage.objects.order_by("-sent_at", "-id")
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    return [
        Message(each.account_id or 0, each.to, each.way, each.occasion, each.text, each.sent_at)
        for each in rows[:limit]
    ]
