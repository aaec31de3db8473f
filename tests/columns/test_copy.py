"""Columns through binary COPY: what goes in comes out to the last bit; what does not fit is refused beforehand."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridhall.columns import copy as columns_copy
from gridhall.columns.copy import BOOL, DATE, INT2, INT4, INT8, MOMENT, TEXT, copy_in, copy_out

SHAPE = {"a": INT8, "b": INT4, "c": INT2, "d": BOOL, "e": DATE, "f": MOMENT}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def moment(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


@pytest.fixture
def table() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE sample (a bigint NOT NULL, b integer NOT NULL, c smallint NOT NULL,"
            " d boolean NOT NULL, e date NOT NULL, f timestamptz NOT NULL, t varchar(40)) ON COMMIT DROP"
        )
    return "sample"


def extremes() -> dict[str, np.ndarray]:
    days = [date(1, 1, 1), date(1969, 12, 31), date(2000, 1, 1), date(9999, 12, 31)]
    moments = [EPOCH - timedelta(microseconds=1), EPOCH, datetime(1900, 2, 28, 23, 59, 59, 999999, UTC),
               datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)]  # fmt: skip
    return {
        "a": np.array([-(2**63), 2**63 - 1, 0, -1]),
        "b": np.array([-(2**31), 2**31 - 1, 0, -1]),
        "c": np.array([-(2**15), 2**15 - 1, 0, -1]),
        "d": np.array([True, False, True, False]),
        "e": np.array([day.toordinal() for day in days]),
        "f": np.array([moment(at) for at in moments]),
    }


def test_extremes_come_back_and_the_server_reads_them_as_meant(table: str) -> None:
    given = extremes()
    with connection.cursor() as cursor:
        assert copy_in(cursor, table, SHAPE, given) == 4
        back = copy_out(cursor, "SELECT a, b, c, d, e, f FROM sample", SHAPE)
        cursor.execute("SELECT a, c, d, e FROM sample WHERE b = %s", [2**31 - 1])
        assert cursor.fetchall() == [(2**63 - 1, 2**15 - 1, False, date(1969, 12, 31))]
        cursor.execute("SELECT extract(epoch FROM f) * 1000000 FROM sample ORDER BY a LIMIT 1")
        assert cursor.fetchone() == (-1,)
    for name, column in given.items():
        assert np.array_equal(back[name], column), name
    assert back["d"].dtype == np.bool_
    assert back["c"].dtype == np.int64


@pytest.mark.parametrize("count", [0, 1, 2, 65_535, 65_536, 65_537, 200_000])
def test_any_number_of_rows(table: str, count: int) -> None:
    numbers = np.random.default_rng(count).integers(-(2**63), 2**63 - 1, count)
    given = {"a": numbers, "b": 7, "c": -3, "d": True, "e": date(1950, 5, 5).toordinal(), "f": -1}
    with connection.cursor() as cursor:
        assert copy_in(cursor, table, SHAPE, given) == count
        back = copy_out(cursor, "SELECT a, b, c, d, e, f FROM sample", SHAPE)
        assert np.array_equal(back["a"], numbers)
        assert all(set(back[name].tolist()) <= {given[name]} for name in "bcdef")
        cursor.execute("SELECT count(*), min(e) FROM sample")
        assert cursor.fetchone() == (count, date(1950, 5, 5) if count else None)


def test_text_goes_with_the_numbers(table: str) -> None:
    texts = ["", "户号 0310", None, 'a\tb\n"c"', "𠮷" * 40]
    shape = {"t": TEXT, "a": INT8, "b": INT4, "c": INT2, "d": BOOL, "e": DATE, "f": MOMENT}
    given = {"a": np.arange(5), "b": 1, "c": 2, "d": False, "e": 730_120, "f": 0, "t": texts}
    with connection.cursor() as cursor:
        copy_in(cursor, table, shape, given)
        cursor.execute("SELECT t FROM sample ORDER BY a")
        assert [row[0] for row in cursor.fetchall()] == texts


@pytest.mark.parametrize(
    ("name", "value"),
    [("b", 2**31), ("c", -(2**15) - 1), ("d", 2), ("e", 0), ("e", 3_652_060), ("a", 2**63), ("b", 1.5)],
)
def test_what_does_not_fit_is_refused_before_anything_is_sent(table: str, name: str, value: object) -> None:
    given = extremes() | {name: np.array([0, 0, 0, value])}
    if name == "e":
        given["e"] = np.array([1, 1, 1, value])
    with connection.cursor() as cursor:
        with pytest.raises(ValueError, match=name):
            copy_in(cursor, table, SHAPE, given)
        cursor.execute("SELECT count(*) FROM sample")  # the transaction still lives
        assert cursor.fetchone() == (0,)


def test_columns_of_different_length_are_refused(table: str) -> None:
    with connection.cursor() as cursor, pytest.raises(ValueError, match="length"):
        copy_in(cursor, table, SHAPE, extremes() | {"a": np.arange(3)})


def test_parameters_and_another_shape(table: str) -> None:
    with connection.cursor() as cursor:
        copy_in(cursor, table, SHAPE, extremes())
        back = copy_out(cursor, "SELECT a FROM sample WHERE c = %(c)s", {"a": INT8}, {"c": -1})
        assert back["a"].tolist() == [-1]
        for query in ("SELECT b FROM sample", "SELECT a, b FROM sample", "SELECT NULL::bigint FROM sample"):
            with pytest.raises(ValueError):
                copy_out(cursor, query, {"a": INT8})
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_an_error_of_the_server_in_the_midst_is_raised() -> None:
    query = "SELECT 1 / (g - 150000)::bigint FROM generate_series(1, 200000) g"
    with connection.cursor() as cursor, pytest.raises(psycopg.errors.DivisionByZero):
        copy_out(cursor, query, {"a": INT8})
    assert columns_copy.ROWS_AT_ONCE < 150_000


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["k001", "k002", "k003"], ["a", "b", "c"]),
        (["k001", "k002", "k003"], ["a", "bb", "户"]),
        (["k001", "k02", "k003"], ["a", "b", None]),
        (["", "", ""], ["a", "b", "c"]),
    ],
)
def test_texts_of_one_length_and_others(keys: list[str], names: list[str | None]) -> None:
    """Columns of text go the quick way only where all of them can; the rows are the same."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE texts (key text, n bigint, name text)")
        copy_in(
            cursor, "texts", {"key": TEXT, "n": INT8, "name": TEXT}, {"key": keys, "n": np.arange(3), "name": names}
        )
        cursor.execute("SELECT key, n, name FROM texts ORDER BY n")
        assert cursor.fetchall() == list(zip(keys, range(3), names, strict=True))
        cursor.execute("DROP TABLE texts")


def test_under_the_cursor_that_logs_queries() -> None:
    """With DEBUG, and in tests that count queries, Django hands out a cursor whose COPY takes no parameters."""
    with CaptureQueriesContext(connection), connection.cursor() as cursor:
        answer = copy_out(cursor, "SELECT g::bigint FROM generate_series(1, %(n)s) g", {"n": INT8}, {"n": 3})
    assert answer["n"].tolist() == [1, 2, 3]
