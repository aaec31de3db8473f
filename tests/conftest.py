"""Fixtures for all tests."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the database before Django makes the test database in it: one for each of the processes side by side."""
    from gridhall.kernel import database

    database.ensure_running()


@pytest.fixture(autouse=True)
def _first_rows_come_back(django_db_serialized_rollback: None) -> None:
    """Transactional tests empty the tables; what the migrations put into them is put back before the next one."""


@pytest.fixture(autouse=True)
def _big_tables_are_emptied(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The big tables are not Django's, so its flush leaves them: a test that commits takes its rows away itself."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or bool(marker and marker.kwargs.get("transaction"))
    if not commits:
        return
    from django.apps import apps
    from django.db import connection

    names = [model._meta.db_table for model in apps.get_models() if not model._meta.managed]
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(names)}")


@pytest.fixture(autouse=True)
def _territory_is_read_anew() -> None:
    """Units and areas are kept in memory for a while; another test's must not be taken for this one's."""
    from gridhall.territory import queries

    queries.forget()
