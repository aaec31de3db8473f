from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "gridhall.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gridhall.ledger import first_rows

        post_migrate.connect(first_rows.ensure, sender=self, dispatch_uid="ledger.first_rows")
