"""Columns come out of the database in debug mode too, where Django notes each query."""

import pytest
from django.db import connection
from pytest_django import Settings

from gridhall.columns.copy import INT8, copy_out


@pytest.mark.django_db
def test_a_query_with_parameters_that_django_notes(settings: Settings) -> None:
    settings.DEBUG = True
    with connection.cursor() as cursor:
        assert "Debug" in type(cursor).__name__
        back = copy_out(
            cursor, "SELECT n FROM generate_series(1::bigint, %(most)s::bigint) n", {"n": INT8}, {"most": 3}
        )
    assert back["n"].tolist() == [1, 2, 3]
