from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "gridhall.billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridhall.customers.public import before_change, before_leaving
        from gridhall.ledger.public import before_close, read_checks, register
        from gridhall.tariffs.public import before_approval

        register(read_checks(Path(__file__).with_name("sql") / "checks.sql"))
        before_close(_object_to_close)
        before_leaving(_object_to_leaving)
        before_change(_object_to_change)
        before_approval(_object_to_approval)


def _object_to_close(unit_id: int, period: int) -> None:
    from gridhall.billing.runs import object_to_close  # with all of rating behind it: not at the start of every command

    object_to_close(unit_id, period)


def _object_to_leaving(leaving: Sequence[tuple[int, date]]) -> None:
    from gridhall.billing.billed_days import object_to_leaving

    object_to_leaving(leaving)


def _object_to_change(changing: Sequence[tuple[int, date]]) -> None:
    from gridhall.billing.billed_days import object_to_change

    object_to_change(changing)


def _object_to_approval(tariff_code: str, from_on: date, until_on: date | None) -> None:
    from gridhall.billing.billed_days import object_to_approval

    object_to_approval(tariff_code, from_on, until_on)
