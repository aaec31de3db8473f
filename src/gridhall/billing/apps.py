from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "gridhall.billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridhall.customers.public import before_leaving
        from gridhall.ledger.public import before_close, read_checks, register

        register(read_checks(Path(__file__).with_name("sql") / "checks.sql"))
        before_close(_object_to_close)
        before_leaving(_object_to_leaving)


def _object_to_close(unit_id: int, period: int) -> None:
    from gridhall.billing.runs import object_to_close  # with all of rating behind it: not at the start of every command

    object_to_close(unit_id, period)


def _object_to_leaving(leaving: Sequence[tuple[int, date]]) -> None:
    from gridhall.billing.leaving import object_to_leaving

    object_to_leaving(leaving)
