from pathlib import Path

from django.apps import AppConfig


class DebitsConfig(AppConfig):
    name = "gridhall.debits"
    label = "debits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridhall.ledger.public import read_checks, register

        register(read_checks(Path(__file__).with_name("sql") / "checks.sql"))
