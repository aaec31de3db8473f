"""Fixtures for all tests."""

import pytest


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Start the database before Django makes the test database in it."""
    from gridhall.kernel import database

    database.ensure_running()
