"""Two who take readings of the same registers at once: nothing is lost, nothing stands twice."""

import threading
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, connections

from gridhall.metering import intake
from gridhall.metering import public as metering
from gridhall.territory import queries as territory
from tests.metering.homes import ACTOR, homes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_registry() -> Iterator[None]:
    territory.forget()
    yield
    territory.forget()
    with connection.cursor() as cursor:
        # tables that Django does not manage are not emptied after a test like this
        cursor.execute("TRUNCATE reading, register_place")


def take_at_once(registers: tuple[int, ...]) -> tuple[list[metering.ReadingsTaken], list[Exception]]:
    """Four threads take the same readings, each with a value of its own."""
    taken: list[metering.ReadingsTaken] = []
    failed: list[Exception] = []
    start = threading.Barrier(4)

    def take(value: int) -> None:
        try:
            start.wait()
            new = metering.NewReadings(
                register_id=registers, read_on=[date(2025, 2, 1)] * len(registers), value=[value] * len(registers)
            )
            taken.append(metering.take_readings(ACTOR, new))
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(value,)) for value in (1000, 1001, 1002, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, failed


def stored() -> list[tuple[int, int, int]]:
    """(readings, accepted, different seqs) of each register of January."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE state = 1), count(DISTINCT seq) FROM reading"
            " WHERE period = 202501 AND kind <> 4 GROUP BY register_id ORDER BY register_id"
        )
        return cursor.fetchall()


def test_the_first_is_accepted_the_others_are_held_and_the_twin_is_refused() -> None:
    home = homes(20)
    taken, failed = take_at_once(home.registers)
    assert failed == []
    assert sum(each.accepted for each in taken) == 20
    assert sum(each.held for each in taken) == 40
    assert sum(len(each.refused) for each in taken) == 20
    assert stored() == [(3, 1, 3)] * 20


def test_without_the_lock_the_race_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    home = homes(20)
    monkeypatch.setattr(intake, "LOCK_PERIOD", "SELECT pg_sleep(0.2), %s")
    taken, failed = take_at_once(home.registers)
    assert failed or sum(each.accepted for each in taken) != 20
