"""A run queued by the office and done by the worker, in processes of its own."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from gridhall.billing import public as billing
from gridhall.kernel import clock
from tests.billing.town import ACTOR, AUGUST, bill_day, moment, small_town, staff


def work() -> None:
    """What `gridhall serve` does beside the web: take the jobs that are queued."""
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(queues=["billing"], wait=False, install_signal_handlers=False, listen_notify=False)


@pytest.fixture
def leave_nothing(transactional_db: None) -> Iterator[None]:
    """Django empties the tables that it manages; the big ones are ours. The worker's threads leave sessions open."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        cursor.execute(
            "TRUNCATE bill, bill_line, bill_use, bill_segment, open_item, movement, balance, reading, register_place"
        )


@pytest.mark.usefixtures("leave_nothing")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_queued_run_is_done_by_the_worker() -> None:
    town = small_town()
    town.read(202608, AUGUST)
    with clock.at(moment(bill_day(202608))):
        run = billing.approve(ACTOR, billing.preview(ACTOR, 202608).id)
    officer = staff("billing", "Zhou")
    with transaction.atomic():
        billing.queue_run(officer, run.id)
        transaction.set_rollback(True)  # the office's transaction fails: the job must not be there
    work()
    assert billing.run_view(run.id).state == "approved"
    with transaction.atomic():
        billing.queue_run(officer, run.id)
    work()
    done = billing.run_view(run.id)
    assert (done.state, done.bills, done.slices_done) == ("done", 4, 2)
