"""The database that the migrations make is the one that the models describe."""

import pytest
from django.core.management import call_command
from django.db import connection

from gridhall.kernel import ids, partitions


@pytest.mark.django_db
def test_models_have_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_partition_is_made_once() -> None:
    partitions.ensure(["bill", "bill_line"], 203001)
    partitions.ensure(["bill", "bill_line"], 203001)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bill_203001') IS NOT NULL")
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
def test_numbers_come_in_blocks_and_never_twice() -> None:
    first, second = ids.take("payment_no", 1000), ids.take("payment_no", 3)
    assert len(first) == 1000
    assert second.start == first.stop


def test_check_digit_finds_every_single_wrong_digit() -> None:
    number = "031022041"
    whole = number + ids.check_digit(number)
    assert ids.has_valid_check_digit(whole)
    for place in range(len(whole)):
        for digit in "0123456789":
            if digit != whole[place]:
                assert not ids.has_valid_check_digit(whole[:place] + digit + whole[place + 1 :])
