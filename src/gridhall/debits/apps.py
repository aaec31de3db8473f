from pathlib import Path

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DebitsConfig(AppConfig):
    name = "gridhall.debits"
    label = "debits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridhall.debits import first_rows
        from gridhall.debits.at_bank import booked_at_bank
        from gridhall.ledger.public import read_checks, register
        from gridhall.payments.public import add_booked

        register(read_checks(Path(__file__).with_name("sql") / "checks.sql"))
        add_booked(booked_at_bank)
        post_migrate.connect(first_rows.ensure, sender=self, dispatch_uid="debits.first_rows")
