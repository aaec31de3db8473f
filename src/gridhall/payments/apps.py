from pathlib import Path

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class PaymentsConfig(AppConfig):
    name = "gridhall.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridhall.ledger.public import read_checks, register
        from gridhall.payments import first_rows, gateway_checks

        checks.register(gateway_checks.gateways_are_set_up, "gateways")
        post_migrate.connect(first_rows.ensure, sender=self, dispatch_uid="payments.first_rows")

        register(read_checks(Path(__file__).with_name("sql") / "checks.sql"))
