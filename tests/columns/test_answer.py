"""Columns by way of a text of numbers: what is in the table comes out, and what is no number is refused."""

from datetime import date

import numpy as np
import pytest
from django.db import connection

from gridhall.columns.answer import answer
from gridhall.columns.copy import BOOL, DATE, INT2, INT4, INT8, TEXT

pytestmark = pytest.mark.django_db


def test_numbers_days_and_signs_come_out_as_they_are() -> None:
    query = """
    SELECT * FROM (VALUES
        ((-9223372036854775808)::bigint, 0, date '0001-01-01', true),
        (9223372036854775807, -1, date '9999-12-31', false),
        (0, 2147483647, date '2026-02-28', true)
    ) v ORDER BY 1
    """
    with connection.cursor() as cursor:
        found = answer(cursor, query, {"a": INT8, "b": INT4, "on_day": DATE, "yes": BOOL})
    assert found["a"].tolist() == [-(1 << 63), 0, (1 << 63) - 1]
    assert found["b"].tolist() == [0, 2147483647, -1]
    assert found["on_day"].tolist() == [1, date(2026, 2, 28).toordinal(), date(9999, 12, 31).toordinal()]
    assert found["yes"].tolist() == [1, 1, 0]
    assert all(column.dtype == np.int64 for column in found.values())


def test_rows_keep_their_order_and_parameters_their_places() -> None:
    query = "SELECT k, k %% 7 FROM generate_series(1, %(upto)s) k WHERE k = ANY(%(some)s) OR k > 100 ORDER BY k DESC"
    with connection.cursor() as cursor:
        found = answer(cursor, query, {"k": INT8, "rest": INT2}, {"upto": 5000, "some": [3, 5]})
    assert found["k"].tolist() == [*range(5000, 100, -1), 5, 3]
    assert found["rest"].tolist() == [k % 7 for k in found["k"].tolist()]


def test_of_no_row_the_columns_are_empty() -> None:
    with connection.cursor() as cursor:
        found = answer(cursor, "SELECT 1, 2 WHERE false", {"a": INT4, "b": INT4})
    assert {name: column.tolist() for name, column in found.items()} == {"a": [], "b": []}


@pytest.mark.parametrize(
    "value", ["NULL::integer", "1.5", "'2026-02-28'::text", "''::text", "'1,2'::text", "'--1'::text"]
)
def test_what_is_no_whole_number_is_refused(value: str) -> None:
    with connection.cursor() as cursor, pytest.raises(ValueError, match="NULL, or what is no whole number"):
        answer(cursor, f"SELECT k, {value} FROM generate_series(1, 2) k", {"a": INT4, "b": INT4})


def test_a_text_is_not_asked_for() -> None:
    with connection.cursor() as cursor, pytest.raises(ValueError, match="a text is not a number"):
        answer(cursor, "SELECT 'x'", {"a": TEXT})
