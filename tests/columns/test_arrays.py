"""Columns as parameters and answers: what goes in comes out, and nothing wraps around."""

from datetime import date

import numpy as np
import pytest
from django.db import connection

from gridhall.columns.arrays import Days, Int2, Int4, Int8, Texts, ask, column_cursor, fetch, tell

pytestmark = pytest.mark.django_db

CASES = [
    (Int8, "bigint", [-(1 << 63), -1, 0, 1, (1 << 63) - 1]),
    (Int4, "integer", [-(1 << 31), 0, (1 << 31) - 1]),
    (Int2, "smallint", [-(1 << 15), 0, (1 << 15) - 1]),
    (Days, "date", [date(1, 1, 1).toordinal(), date(1969, 12, 31).toordinal(), date(9999, 12, 31).toordinal()]),
]


@pytest.mark.parametrize(("column", "kind", "values"), CASES)
def test_there_and_back(column: type[Int8], kind: str, values: list[int]) -> None:
    connection.ensure_connection()
    cursor = column_cursor(connection.connection)
    back, texts = fetch(cursor, f"SELECT %s::{kind}[], array(SELECT ascii(x::text) FROM unnest(%s) AS x)", [
        column(values), column(values)
    ])  # fmt: skip
    assert back.tolist() == values
    assert back.dtype == np.int64
    assert len(texts) == len(values)
    empty = fetch(cursor, f"SELECT array_agg(x) FROM unnest(%s::{kind}[]) AS x", [column([])])
    assert empty[0].tolist() == []


def test_dates_are_the_days_they_are() -> None:
    connection.ensure_connection()
    cursor = column_cursor(connection.connection)
    cursor.execute("SELECT unnest(%s)", [Days([date(2026, 2, 28).toordinal()])])
    assert cursor.fetchone() == (date(2026, 2, 28),)


def test_texts() -> None:
    connection.ensure_connection()
    cursor = column_cursor(connection.connection)
    cursor.execute("SELECT array(SELECT unnest(%s))", [Texts(["a", "", "户号", "x" * 3000])])
    assert cursor.fetchone() == (["a", "", "户号", "x" * 3000],)
    cursor.execute("SELECT cardinality(%s)", [Texts([])])
    assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("column", "value"), [(Int2, 1 << 15), (Int2, -(1 << 15) - 1), (Int4, 1 << 31), (Days, 1 << 40)]
)
def test_what_does_not_fit_is_refused(column: type[Int8], value: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        column([0, value]).payload()


def test_questions_see_what_came_before_them_in_one_round_trip() -> None:
    connection.ensure_connection()
    raw = connection.connection
    tell(raw, [("CREATE TEMP TABLE few (a int)", []), ("INSERT INTO few SELECT unnest(%s)", [Int4([3, 1, 2])])])
    answers = ask(raw, [("SELECT array_agg(a ORDER BY a) FROM few", []), ("SELECT ARRAY[1]", [])])
    assert [column[0].tolist() for column in answers] == [[1, 2, 3], [1]]
    with pytest.raises(ValueError, match="NULL inside"):
        ask(raw, [("SELECT ARRAY[1, NULL]", [])])
    with pytest.raises(ValueError, match="exactly one row"):
        ask(raw, [("SELECT ARRAY[a] FROM few", [])])
    tell(raw, [("DROP TABLE few", [])])
