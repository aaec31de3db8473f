"""Rows of text and numbers into a table by COPY: Polars writes them as CSV, PostgreSQL reads them. No row passes
Python."""

from typing import cast

import polars as pl
from django.db import connection
from psycopg import sql

ROWS_AT_ONCE = 50_000


def copy_frame(table: str, frame: pl.DataFrame) -> None:
    """Append the frame to the table, columns by name, in the transaction that is open. Null becomes NULL, "" stays
    ""."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in frame.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), columns)
    with connection.cursor() as cursor, cursor.copy(cast(str, statement)) as copy:
        for chunk in frame.iter_slices(ROWS_AT_ONCE):
            copy.write(chunk.write_csv(include_header=False, quote_style="non_numeric", null_value=""))
